import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emptySpec, type Spec } from '../../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { compile } from '../../../../builds/compiler/compile.ts';
import { applyOperations } from '../../../../builds/spec/apply.ts';
import { interpret } from '../interpret.ts';
import { knownIcons } from '../look-words.ts';
import { samplesWanted } from './samples.ts';
import { inverseOf, lastChange } from './undo.ts';

const apply = (spec: Spec, operations: readonly SpecOperation[]): Spec => {
  const result = applyOperations(spec, operations);
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.spec;
};

function made(text: string): Spec {
  const meant = interpret(text, null);
  if (meant.kind !== 'do') throw new Error(JSON.stringify(meant));
  return apply(emptySpec(meant.title), meant.operations);
}
const shop = made(
  'Customers with name, email and phone; orders with customer, date, price, quantity, notes and status (new, paid, shipped)',
);
const plain = apply(shop, [{ op: 'remove_page', page: 'Orders board' }]);
const werkstatt = made('Kunden mit Name und Telefon; Aufträge mit Kunde, Termin, Preis und Status (offen, fertig)');
const livres = made('Des livres avec titre, auteur et prix');
const pedidos = made('Clientes con nombre y teléfono; pedidos con cliente, fecha e importe');

/** What the words become; the result compiles. */
function operationsOf(text: string, spec: Spec, answers: string[] = []): SpecOperation[] {
  const meant = interpret(text, spec, answers);
  if (meant.kind !== 'do') throw new Error(`${text}\n${JSON.stringify(meant)}`);
  expect(meant.left).toEqual([]);
  compile(apply(spec, meant.operations), { slug: 'x' });
  return meant.operations;
}

describe('changes in words', () => {
  it.each<[string, Partial<Record<string, unknown>>[]]>([
    ['rename shipped to sent', [{ op: 'rename_choice', field: 'Status', choice: 'Shipped', label: 'Sent' }]],
    ['rename shipped of status to sent', [{ op: 'rename_choice', choice: 'Shipped', label: 'Sent' }]],
    [
      'add a yes/no field paid to orders',
      [{ op: 'add_field', entity: 'Orders', field: { name: 'Paid', type: 'boolean' } }],
    ],
    ['add a field paid to orders, yes or no', [{ op: 'add_field', field: { name: 'Paid', type: 'boolean' } }]],
    ['add a field points, number, to orders', [{ op: 'add_field', field: { name: 'Points', type: 'number' } }]],
    ['add a checkbox urgent to orders', [{ op: 'add_field', field: { name: 'Urgent', type: 'boolean' } }]],
    ['add a field weight to orders (number)', [{ op: 'add_field', field: { name: 'Weight', type: 'number' } }]],
    ['add pickup to orders as a date', [{ op: 'add_field', field: { name: 'Pickup', type: 'date' } }]],
    [
      'add a required date field called birthday to customers',
      [{ op: 'add_field', entity: 'Customers', field: { name: 'Birthday', type: 'date', required: true } }],
    ],
    [
      'add a choice cancelled',
      [
        {
          op: 'alter_field',
          entity: 'Orders',
          field: 'Status',
          changes: { choices: ['New', 'Paid', 'Shipped', 'Cancelled'] },
        },
      ],
    ],
    [
      'make status required and add a choice cancelled',
      [
        { op: 'alter_field', field: 'Status', changes: { required: true } },
        { op: 'alter_field', field: 'Status', changes: { choices: ['New', 'Paid', 'Shipped', 'Cancelled'] } },
      ],
    ],
    ['remove paid from status', [{ op: 'remove_choice', field: 'Status', choice: 'Paid' }]],
    ['sort orders by date descending', [{ op: 'set_sort', entity: 'Orders', field: 'Date', descending: true }]],
    ['orders should be sorted by price', [{ op: 'set_sort', entity: 'Orders', field: 'Price' }]],
    ['show the newest orders first', [{ op: 'set_sort', entity: 'Orders', field: 'Date', descending: true }]],
    ['hide the notes column', [{ op: 'show_field', field: 'Notes', listed: false }]],
    ["don't show phone in the list", [{ op: 'show_field', entity: 'Customers', field: 'Phone', listed: false }]],
    ['show notes in the list of orders', [{ op: 'show_field', field: 'Notes', listed: true }]],
    ['put the price first', [{ op: 'order_fields', entity: 'Orders', fields: ['Price'] }]],
    ['move email before name', [{ op: 'order_fields', entity: 'Customers', fields: ['Email'] }]],
    ['show orders first', [{ op: 'order_entities', entities: ['Orders'] }]],
    ['add a board by status', [{ op: 'add_page', kind: 'board', entity: 'Orders', field: 'Status' }]],
    ['I want a calendar of the orders', [{ op: 'add_page', kind: 'calendar', entity: 'Orders' }]],
    [
      'a chart of price by status',
      [{ op: 'add_page', kind: 'chart', entity: 'Orders', field: 'Status', value: 'Price' }],
    ],
    ['add a print page for orders', [{ op: 'add_page', kind: 'print', entity: 'Orders' }]],
    ['new orders are paid', [{ op: 'alter_field', field: 'Status', changes: { default: 'Paid' } }]],
    ['the status should be paid when an order is new', [{ op: 'alter_field', changes: { default: 'Paid' } }]],
    ['make it green', [{ op: 'set_look', colour: 'moss' }]],
    ['the app should be dark blue', [{ op: 'set_look', colour: 'indigo' }]],
    ['use a shop icon', [{ op: 'set_look', icon: 'store' }]],
    ['change the icon to a dog', [{ op: 'set_look', icon: 'dog' }]],
    [
      'only the boss can see the price',
      [
        { op: 'add_role', name: 'Boss' },
        { op: 'limit_field', field: 'Price', roles: ['Boss'] },
      ],
    ],
    [
      'only admins may change customers',
      [
        { op: 'add_role', name: 'Admin' },
        { op: 'set_access', entity: 'Customers', change: ['Admin'] },
      ],
    ],
    ['everybody can see the price', [{ op: 'limit_field', field: 'Price', roles: null }]],
    [
      'add the roles teacher and parent',
      [
        { op: 'add_role', name: 'Teacher' },
        { op: 'add_role', name: 'Parent' },
      ],
    ],
    [
      'each order belongs to a supplier',
      [
        { op: 'add_entity', name: 'Supplier' },
        { op: 'relate', from: 'Order', to: 'Supplier', kind: 'one' },
      ],
    ],
    [
      'orders can have several tags',
      [
        { op: 'add_entity', name: 'Tag' },
        { op: 'relate', from: 'Order', to: 'Tag', kind: 'many' },
      ],
    ],
    [
      'add a total = price * quantity',
      [{ op: 'add_field', entity: 'Orders', field: { formula: '{Price} * {Quantity}', result: 'money' } }],
    ],
    ['price in dollars', [{ op: 'alter_field', field: 'Price', changes: { type: 'money', currency: 'USD' } }]],
    ['make date a date and time', [{ op: 'alter_field', field: 'Date', changes: { type: 'datetime' } }]],
    ['change notes to a web address', [{ op: 'alter_field', field: 'Notes', changes: { type: 'url' } }]],
    ['add a photo to customers', [{ op: 'add_field', entity: 'Customers', field: { name: 'Photo', type: 'image' } }]],
    ['add a contract file to customers', [{ op: 'add_field', field: { type: 'file' } }]],
    [
      'rename shipped to sent, hide the notes column and make email required',
      [
        { op: 'rename_choice' },
        { op: 'show_field', listed: false },
        { op: 'alter_field', field: 'Email', changes: { required: true } },
      ],
    ],
  ])('%s', (text, operations) => {
    expect(operationsOf(text, plain)).toMatchObject(operations);
  });

  it.each<[string, Spec, Partial<Record<string, unknown>>[]]>([
    [
      'füge den Kunden ein Feld E-Mail hinzu',
      werkstatt,
      [{ op: 'add_field', entity: 'Kunden', field: { name: 'E-Mail', type: 'email' } }],
    ],
    ['benenne Termin in Abgabe um', werkstatt, [{ op: 'rename_field', field: 'Termin', name: 'Abgabe' }]],
    ['benenne fertig in erledigt um', werkstatt, [{ op: 'rename_choice', choice: 'Fertig', label: 'Erledigt' }]],
    ['lösche den Preis aus Aufträge', werkstatt, [{ op: 'remove_field', field: 'Preis' }]],
    ['sortiere Aufträge nach Termin', werkstatt, [{ op: 'set_sort', entity: 'Aufträge', field: 'Termin' }]],
    ['mach Telefon zum Pflichtfeld', werkstatt, [{ op: 'alter_field', changes: { required: true } }]],
    ['füge einen Kalender hinzu', werkstatt, [{ op: 'add_page', kind: 'calendar', name: 'Aufträge: Kalender' }]],
    [
      'nur der Chef sieht den Preis',
      werkstatt,
      [
        { op: 'add_role', name: 'Chef' },
        { op: 'limit_field', field: 'Preis' },
      ],
    ],
    [
      'Jeder Auftrag gehört zu einer Filiale',
      werkstatt,
      [{ op: 'add_entity', name: 'Filiale', plural: 'Filialen' }, { op: 'relate' }],
    ],
    ['ajoute un champ éditeur aux livres', livres, [{ op: 'add_field', entity: 'Livres', field: { name: 'Éditeur' } }]],
    ['renomme auteur en écrivain', livres, [{ op: 'rename_field', name: 'Écrivain' }]],
    ['supprime le prix', livres, [{ op: 'remove_field', field: 'Prix' }]],
    ['trie les livres par titre', livres, [{ op: 'set_sort', field: 'Titre' }]],
    [
      'añade un campo notas a los pedidos',
      pedidos,
      [{ op: 'add_field', entity: 'Pedidos', field: { type: 'longtext' } }],
    ],
    ['quita el importe de los pedidos', pedidos, [{ op: 'remove_field', field: 'Importe' }]],
    ['haz el teléfono obligatorio', pedidos, [{ op: 'alter_field', field: 'Teléfono', changes: { required: true } }]],
  ])('%s', (text, spec, operations) => {
    expect(operationsOf(text, spec)).toMatchObject(operations);
  });

  it('asks how two lists belong together, which choice is meant, and whether a list or a field should go', () => {
    expect(interpret('link customers and products', shop)).toMatchObject({
      kind: 'ask',
      ask: { question: 'How do customers and products belong together?' },
    });
    expect(
      operationsOf('link customers and products', shop, ['Customers and products both have several']),
    ).toMatchObject([
      { op: 'add_entity', name: 'Product' },
      { op: 'relate', kind: 'many' },
    ]);
    expect(interpret('remove customer', shop)).toMatchObject({ kind: 'ask' });
    expect(operationsOf('remove customer', shop, ['Only Customer of Orders'])).toMatchObject([{ op: 'remove_field' }]);
  });

  it('takes an answer in words of one’s own that can be done as it stands for what was meant', () => {
    const said = 'add something called cancelled';
    expect(interpret(said, shop)).toMatchObject({ kind: 'ask' });
    expect(operationsOf(said, shop, ['status of orders can also be Cancelled'])).toMatchObject([
      { op: 'alter_field', field: 'Status', changes: { choices: ['New', 'Paid', 'Shipped', 'Cancelled'] } },
    ]);
    expect(operationsOf(said, shop, ['Orders'])).toMatchObject([{ op: 'add_field', entity: 'Orders' }]);
  });

  it('knows only icons that there are', () => {
    const folder = new URL('../../../../../../node_modules/lucide-react/dist/esm/icons/', import.meta.url);
    expect(knownIcons.filter((icon) => !existsSync(new URL(`${icon}.mjs`, folder)))).toEqual([]);
  });
});

describe('what takes the last change back', () => {
  it.each([
    'add a total = price * quantity',
    'rename shipped to sent',
    'rename email to address',
    'rename orders to sales',
    'rename customers to clients',
    'each order belongs to a supplier',
    'orders can have several tags',
    'make email required',
    'add a calendar',
    'add products with name and price',
  ])('%s', (text) => {
    const applied = applyOperations(plain, operationsOf(text, plain));
    if (!applied.ok) throw new Error(applied.message);
    const inverse = inverseOf(applied.summary.join('. '), applied.spec);
    const names = (spec: Spec) =>
      spec.entities.map((entity) => [
        entity.plural,
        entity.fields.map((field) => [field.name, field.type, field.required, field.choices?.map((one) => one.label)]),
      ]);
    const back = apply(applied.spec, inverse!);
    expect(names(back)).toEqual(names(plain));
    expect(back.pages?.length ?? 0).toBe(plain.pages?.length ?? 0);
  });

  it('is nothing where something was removed, and skips what was undone', () => {
    expect(inverseOf('Removes Notes from Orders with what it holds', plain)).toBeUndefined();
    expect(
      lastChange(
        '2026-11-21T05:00:00Z change_spec: Adds A (text) to Orders\n2026-11-21T05:01:00Z change_spec (undone): Adds B (text) to Orders',
      ),
    ).toBe('Adds A (text) to Orders');
  });
});

describe('words in their own order', () => {
  it.each([
    'füge den Aufträgen eine Farbe hinzu (rot, blau, grün)',
    'füge den Aufträgen eine Farbe (rot, blau, grün) hinzu',
  ])('%s', (text) => {
    const spec = apply(werkstatt, operationsOf(text, werkstatt));
    const field = spec.entities.find((one) => one.plural === 'Aufträge')!.fields.find((one) => one.name === 'Farbe');
    expect(field?.choices?.map((one) => one.label)).toEqual(['Rot', 'Blau', 'Grün']);
  });

  it.each([
    '10 Beispielzeilen hinzufügen',
    'agregar 10 filas de ejemplo',
    'ajouter 10 lignes d’exemple',
  ])('%s', (text) => {
    expect(samplesWanted(text, null)).toEqual({ count: 10 });
  });

  it('reads what each new row belongs to as a reference', () => {
    const text = 'agrega una lista de piezas con nombre y precio, cada pieza pertenece a un pedido';
    const spec = apply(pedidos, operationsOf(text, pedidos));
    expect(spec.entities.at(-1)!.fields.map((field) => field.type)).toEqual(['text', 'money', 'reference']);
  });

  it('offers the likeliest list first', () => {
    const spec = made('Clients with name; repairs with client and date');
    const meant = interpret('add a colour to réparations', spec);
    expect(meant.kind === 'ask' && meant.ask.options[0]?.label).toBe('Repairs');
  });
});
