import type { Starter } from './starter.ts';

export const survey: Starter = {
  id: 'survey',
  title: 'Survey',
  text: 'Ask people the same few things, and see what they say at a glance.',
  operations: [
    { op: 'set_title', title: 'Survey' },
    { op: 'set_look', icon: 'clipboard-list', colour: 'plum' },
    {
      op: 'add_entity',
      name: 'Answer',
      fields: [
        { name: 'Name' },
        { name: 'How satisfied are you?', type: 'rating', max: 5, required: true },
        {
          name: 'How did you hear of us?',
          type: 'choice',
          choices: ['Friends', 'Search', 'Advertisement', 'Event', 'Something else'],
          required: true,
        },
        { name: 'Would you come again?', type: 'boolean' },
        { name: 'What did you like?', type: 'longtext' },
        { name: 'What should be better?', type: 'longtext' },
        { name: 'May we write to you?', type: 'email' },
        { name: 'Day', type: 'date', default: 'today' },
      ],
    },
    { op: 'add_page', kind: 'chart', entity: 'Answer', field: 'How satisfied are you?', name: 'Satisfaction' },
    {
      op: 'add_page',
      kind: 'chart',
      entity: 'Answer',
      field: 'How did you hear of us?',
      name: 'Where people heard of us',
    },
    { op: 'add_page', kind: 'chart', entity: 'Answer', field: 'Day', name: 'Answers by month' },
    { op: 'add_page', kind: 'print', entity: 'Answer', name: 'All answers' },
  ],
};
