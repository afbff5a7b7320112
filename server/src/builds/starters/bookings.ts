import type { Starter } from './starter.ts';

export const bookings: Starter = {
  id: 'bookings',
  title: 'Bookings',
  text: 'Appointments with customers: what, when, how long, and what it costs.',
  operations: [
    { op: 'set_title', title: 'Bookings' },
    { op: 'set_look', icon: 'calendar', colour: 'rose' },
    {
      op: 'add_entity',
      name: 'Service',
      fields: [
        { name: 'Name', required: true, unique: true },
        { name: 'Duration', type: 'duration', required: true },
        { name: 'Price', type: 'money', currency: 'EUR', min: 0, required: true },
        { name: 'Description', type: 'longtext' },
        { name: 'On offer', type: 'boolean', default: true },
      ],
    },
    {
      op: 'add_entity',
      name: 'Customer',
      fields: [
        { name: 'Name', required: true },
        { name: 'Phone', type: 'phone' },
        { name: 'Email', type: 'email' },
        { name: 'Notes', type: 'longtext' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Room',
      fields: [
        { name: 'Name', required: true, unique: true },
        { name: 'Seats', type: 'integer', min: 1 },
      ],
    },
    {
      op: 'add_entity',
      name: 'Booking',
      fields: [
        { name: 'Customer', type: 'reference', target: 'Customer', required: true },
        { name: 'Service', type: 'reference', target: 'Service', required: true },
        { name: 'Begins', type: 'datetime', required: true },
        { name: 'Room', type: 'reference', target: 'Room' },
        {
          name: 'Status',
          type: 'choice',
          choices: ['Asked', 'Confirmed', 'Done', 'Cancelled'],
          default: 'Asked',
          required: true,
        },
        { name: 'Price', type: 'computed', formula: '{Service.Price}', result: 'money', currency: 'EUR' },
        { name: 'Notes', type: 'longtext' },
      ],
    },
    {
      op: 'add_field',
      entity: 'Customer',
      field: { name: 'Visits', type: 'computed', formula: 'count({Bookings})', result: 'integer' },
    },
    { op: 'order_entities', entities: ['Booking', 'Customer', 'Service', 'Room'] },
    { op: 'set_sort', entity: 'Booking', field: 'Begins' },
    { op: 'set_sort', entity: 'Customer', field: 'Name' },
    { op: 'add_page', kind: 'calendar', entity: 'Booking', field: 'Begins', name: 'Calendar' },
    { op: 'add_page', kind: 'board', entity: 'Booking', field: 'Status', name: 'Bookings by status' },
    { op: 'add_page', kind: 'chart', entity: 'Booking', field: 'Service', name: 'What is booked' },
  ],
};
