import type { Starter } from './starter.ts';

export const crm: Starter = {
  id: 'crm',
  title: 'Customers',
  text: 'Companies, the people in them, what was said, and the deals that come of it.',
  operations: [
    { op: 'set_title', title: 'Customers' },
    { op: 'set_look', icon: 'contact', colour: 'harbour' },
    {
      op: 'add_entity',
      name: 'Company',
      plural: 'Companies',
      fields: [
        { name: 'Name', required: true, unique: true },
        { name: 'Website', type: 'url' },
        { name: 'Phone', type: 'phone' },
        { name: 'City' },
        {
          name: 'Kind',
          type: 'choice',
          choices: ['Prospect', 'Customer', 'Partner', 'Former customer'],
          default: 'Prospect',
        },
        { name: 'Notes', type: 'longtext' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Contact',
      fields: [
        { name: 'Name', required: true },
        { name: 'Company', type: 'reference', target: 'Company' },
        { name: 'Role' },
        { name: 'Email', type: 'email', unique: true },
        { name: 'Phone', type: 'phone' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Deal',
      fields: [
        { name: 'Title', required: true },
        { name: 'Company', type: 'reference', target: 'Company', required: true },
        {
          name: 'Stage',
          type: 'choice',
          choices: ['New', 'Talking', 'Offer sent', 'Won', 'Lost'],
          default: 'New',
          required: true,
        },
        { name: 'Value', type: 'money', currency: 'EUR', min: 0 },
        { name: 'Chance', type: 'percent', min: 0, max: 100 },
        { name: 'Next step', type: 'date' },
        { name: 'Weighted', type: 'computed', formula: '{Value} * {Chance} / 100', result: 'money', currency: 'EUR' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Conversation',
      fields: [
        { name: 'Subject', required: true },
        { name: 'Contact', type: 'reference', target: 'Contact', required: true, onDelete: 'delete' },
        { name: 'On', type: 'date', default: 'today', required: true },
        { name: 'By', type: 'choice', choices: ['Phone', 'Email', 'Meeting', 'Letter'] },
        { name: 'What was said', type: 'longtext' },
      ],
    },
    {
      op: 'add_field',
      entity: 'Company',
      field: { name: 'Open value', type: 'computed', formula: 'sum({Deals.Value})', result: 'money', currency: 'EUR' },
    },
    { op: 'set_sort', entity: 'Company', field: 'Name' },
    { op: 'set_sort', entity: 'Contact', field: 'Name' },
    { op: 'set_sort', entity: 'Conversation', field: 'On', descending: true },
    { op: 'add_page', kind: 'board', entity: 'Deal', field: 'Stage', name: 'Pipeline' },
    { op: 'add_page', kind: 'calendar', entity: 'Deal', field: 'Next step', name: 'Next steps' },
    { op: 'add_page', kind: 'chart', entity: 'Deal', field: 'Stage', value: 'Value', name: 'Value by stage' },
  ],
};
