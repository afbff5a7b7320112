import type { Starter } from './starter.ts';

export const inventory: Starter = {
  id: 'inventory',
  title: 'Stock',
  text: 'Things, where they lie, how many there are, and what came and went.',
  operations: [
    { op: 'set_title', title: 'Stock' },
    { op: 'set_look', icon: 'package', colour: 'ochre' },
    {
      op: 'add_entity',
      name: 'Place',
      fields: [
        { name: 'Name', required: true, unique: true },
        { name: 'Description', type: 'longtext' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Supplier',
      fields: [
        { name: 'Name', required: true, unique: true },
        { name: 'Email', type: 'email' },
        { name: 'Phone', type: 'phone' },
        { name: 'Website', type: 'url' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Article',
      fields: [
        { name: 'Name', required: true },
        { name: 'Number', unique: true },
        { name: 'Place', type: 'reference', target: 'Place' },
        { name: 'Supplier', type: 'reference', target: 'Supplier' },
        { name: 'Unit price', type: 'money', currency: 'EUR', min: 0 },
        { name: 'Order below', type: 'integer', min: 0 },
        { name: 'Picture', type: 'image' },
      ],
    },
    {
      op: 'add_entity',
      name: 'Movement',
      fields: [
        { name: 'Article', type: 'reference', target: 'Article', required: true, onDelete: 'delete' },
        { name: 'Amount', type: 'integer', required: true },
        { name: 'Reason', type: 'choice', choices: ['Delivery', 'Sale', 'Return', 'Loss', 'Count'], required: true },
        { name: 'On', type: 'date', default: 'today', required: true },
        { name: 'Note' },
      ],
    },
    {
      op: 'add_field',
      entity: 'Article',
      field: { name: 'In stock', type: 'computed', formula: 'sum({Movements.Amount})', result: 'integer' },
    },
    {
      op: 'add_field',
      entity: 'Article',
      field: {
        name: 'Stock value',
        type: 'computed',
        formula: '{In stock} * {Unit price}',
        result: 'money',
        currency: 'EUR',
      },
    },
    { op: 'show_field', entity: 'Article', field: 'In stock', listed: true },
    { op: 'show_field', entity: 'Article', field: 'Stock value', listed: true },
    { op: 'order_entities', entities: ['Article', 'Movement', 'Place', 'Supplier'] },
    { op: 'set_sort', entity: 'Article', field: 'Name' },
    { op: 'set_sort', entity: 'Movement', field: 'On', descending: true },
    { op: 'add_page', kind: 'gallery', entity: 'Article', name: 'Pictures' },
    { op: 'add_page', kind: 'print', entity: 'Article', name: 'Stock list' },
    { op: 'add_page', kind: 'chart', entity: 'Article', field: 'Place', value: 'Stock value', name: 'Value by place' },
  ],
};
