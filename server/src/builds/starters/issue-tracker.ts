import type { Starter } from './starter.ts';

export const issueTracker: Starter = {
  id: 'issue-tracker',
  title: 'Issues',
  text: 'What is broken or wished for, who does it, and how far it is.',
  operations: [
    { op: 'set_title', title: 'Issues' },
    { op: 'set_look', icon: 'bug', colour: 'brick' },
    {
      op: 'add_entity',
      name: 'Project',
      fields: [
        { name: 'Name', required: true, unique: true },
        { name: 'Description', type: 'longtext' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Person',
      plural: 'People',
      fields: [
        { name: 'Name', required: true },
        { name: 'Email', type: 'email', unique: true },
      ],
    },
    {
      op: 'add_entity',
      name: 'Issue',
      fields: [
        { name: 'Title', required: true },
        { name: 'Project', type: 'reference', target: 'Project', required: true },
        { name: 'Kind', type: 'choice', choices: ['Bug', 'Wish', 'Task', 'Question'], default: 'Bug', required: true },
        {
          name: 'Status',
          type: 'choice',
          choices: ['New', 'Next', 'Doing', 'Review', 'Done'],
          default: 'New',
          required: true,
        },
        { name: 'Urgency', type: 'choice', choices: ['Low', 'Normal', 'High', 'Now'], default: 'Normal' },
        { name: 'Assigned to', type: 'reference', target: 'Person' },
        { name: 'Due', type: 'date' },
        { name: 'Description', type: 'longtext' },
        { name: 'Screenshot', type: 'image' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Comment',
      fields: [
        { name: 'Text', type: 'longtext', required: true },
        { name: 'Issue', type: 'reference', target: 'Issue', required: true, onDelete: 'delete' },
        { name: 'Author', type: 'reference', target: 'Person' },
      ],
    },
    { op: 'order_entities', entities: ['Issue', 'Project', 'Person', 'Comment'] },
    { op: 'add_page', kind: 'board', entity: 'Issue', field: 'Status', name: 'Board' },
    { op: 'add_page', kind: 'calendar', entity: 'Issue', field: 'Due', name: 'Due dates' },
    { op: 'add_page', kind: 'chart', entity: 'Issue', field: 'Assigned to', name: 'Who has what' },
  ],
};
