/** For tests: a spec with every type, rule and relation, and labels that would break out of any template. */
import { emptySpec, type Spec } from '../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { applyOperations } from '../spec/apply.ts';

function specOf(title: string, operations: SpecOperation[]): Spec {
  const result = applyOperations(emptySpec(title), operations);
  if (!result.ok) throw new Error(result.message);
  return result.spec;
}

export const everything = specOf('Shop “<b>{x}”', [
  {
    op: 'add_entity',
    name: 'Customer',
    fields: [
      { name: 'Name', required: true },
      { name: 'Email', required: true, unique: true },
      { name: 'Notes', type: 'longtext' },
      { name: 'Since', type: 'date', default: 'today' },
    ],
  },
  {
    op: 'add_entity',
    name: 'Order',
    fields: [
      { name: 'Date', type: 'date', required: true },
      { name: 'Amount', type: 'number', min: 0, required: true },
      { name: 'Pieces', type: 'integer', min: 1, max: 99 },
      { name: 'Status', type: 'choice', choices: ['New', 'Paid & "sent"', "It's lost"], default: 'New' },
      { name: 'Stars', type: 'rating', max: 10, required: true },
    ],
  },
  {
    op: 'add_entity',
    name: 'Product',
    fields: [
      { name: 'Name', required: true },
      { name: 'Price', type: 'money', currency: 'CHF', min: 0, required: true },
      { name: 'Discount', type: 'percent', min: 0, max: 100 },
      { name: 'Picture', type: 'image', required: true },
      { name: 'Manual', type: 'file' },
      { name: 'Web page', type: 'url' },
      { name: 'Made by', type: 'email' },
      { name: 'Hotline', type: 'phone', unique: true },
      { name: 'Launch', type: 'datetime', default: 'now' },
      { name: 'Opens', type: 'time' },
      { name: 'Takes', type: 'duration', required: true },
      {
        name: 'Net',
        type: 'computed',
        formula: '{Price} * (100 - {Discount}) / 100',
        result: 'money',
        currency: 'CHF',
      },
    ],
  },
  { op: 'relate', from: 'Order', to: 'Customer', kind: 'one', required: true },
  {
    op: 'add_entity',
    name: 'Order line',
    fields: [
      { name: 'Note' },
      { name: 'Order', type: 'reference', target: 'Order', required: true, onDelete: 'delete' },
      { name: 'Product', type: 'reference', target: 'Product', required: true },
      { name: 'Quantity', type: 'integer', min: 1, required: true },
      { name: 'Sum', type: 'computed', formula: '{Quantity} * {Product.Net}', result: 'money', currency: 'CHF' },
    ],
  },
  {
    op: 'add_field',
    entity: 'Order',
    field: { name: 'Total', type: 'computed', formula: 'sum({Order lines.Sum})', result: 'money', currency: 'CHF' },
  },
  { op: 'add_field', entity: 'Order', field: { name: 'Follows', type: 'reference', target: 'Order' } },
  {
    op: 'add_field',
    entity: 'Customer',
    field: { name: 'Days', type: 'computed', formula: 'today - {Since}', result: 'integer' },
  },
  {
    op: 'relate',
    from: 'Product',
    to: 'Customer',
    kind: 'many',
    name: 'Wish',
    fields: [{ name: 'How much', type: 'rating' }],
  },
  { op: 'set_sort', entity: 'Product', field: 'Price', descending: true },
  { op: 'set_look', colour: 'rose' },
  { op: 'add_page', kind: 'board', entity: 'Order' },
  { op: 'add_page', kind: 'calendar', entity: 'Order' },
  { op: 'add_page', kind: 'calendar', entity: 'Product', name: 'Launches' },
  { op: 'add_page', kind: 'gallery', entity: 'Product' },
  { op: 'add_page', kind: 'chart', entity: 'Order', field: 'Status', value: 'Total' },
  { op: 'add_page', kind: 'chart', entity: 'Order line', field: 'Product' },
  { op: 'add_page', kind: 'chart', entity: 'Customer', field: 'Since', name: 'When they came' },
  { op: 'add_page', kind: 'print', entity: 'Order' },
  {
    op: 'add_entity',
    name: "L'été {`$" + '{1}`} </script><b>',
    fields: [
      { name: 'Größe "x" {y} </script> `z` $' + '{1} \\' },
      { name: '📚', type: 'choice', choices: ['"', '{b}', "c'd", '</script>'] },
      { name: 'class', type: 'boolean', default: true },
      { name: '<img src=x>', type: 'longtext', required: true },
    ],
  },
]);
