import type { Starter } from './starter.ts';

export const knowledgeBase: Starter = {
  id: 'knowledge-base',
  title: 'Knowledge',
  text: 'Articles by topic, kept up to date, with who looks after them.',
  operations: [
    { op: 'set_title', title: 'Knowledge' },
    { op: 'set_look', icon: 'book-open', colour: 'indigo' },
    {
      op: 'add_entity',
      name: 'Topic',
      fields: [
        { name: 'Name', required: true, unique: true },
        { name: 'What belongs here', type: 'longtext' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Article',
      fields: [
        { name: 'Title', required: true },
        { name: 'Topic', type: 'reference', target: 'Topic', required: true },
        { name: 'Text', type: 'longtext', maxLength: 50_000, required: true },
        {
          name: 'Status',
          type: 'choice',
          choices: ['Draft', 'Ready', 'Out of date'],
          default: 'Draft',
          required: true,
        },
        { name: 'Looked after by' },
        { name: 'Checked on', type: 'date', default: 'today' },
        { name: 'Source', type: 'url' },
        { name: 'Attachment', type: 'file' },
        { name: 'Days since the check', type: 'computed', formula: 'today - {Checked on}', result: 'integer' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Question',
      fields: [
        { name: 'Question', required: true },
        { name: 'Answered by', type: 'reference', target: 'Article' },
        { name: 'Asked by' },
        { name: 'Answered', type: 'boolean' },
      ],
    },
    {
      op: 'add_field',
      entity: 'Topic',
      field: { name: 'Articles', type: 'computed', formula: 'count({Articles})', result: 'integer' },
    },
    { op: 'order_entities', entities: ['Article', 'Topic', 'Question'] },
    { op: 'set_sort', entity: 'Article', field: 'Title' },
    { op: 'set_sort', entity: 'Topic', field: 'Name' },
    { op: 'add_page', kind: 'board', entity: 'Article', field: 'Status', name: 'State of the articles' },
    { op: 'add_page', kind: 'chart', entity: 'Article', field: 'Topic', name: 'Articles by topic' },
    { op: 'add_page', kind: 'print', entity: 'Article', name: 'All articles' },
  ],
};
