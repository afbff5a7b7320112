import { describe, expect, it } from 'vitest';
import { emptySpec, type Spec, specLimits, specSchema } from '../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { applyOperations } from './apply.ts';

const books: SpecOperation = {
  op: 'add_entity',
  name: 'Book',
  fields: [
    { name: 'Title', type: 'text', required: true },
    { name: 'Author' },
    { name: 'Rating', type: 'rating', max: 5 },
    { name: 'Finished', type: 'boolean' },
  ],
};

function apply(spec: Spec, ...operations: SpecOperation[]): Spec {
  const result = applyOperations(spec, operations);
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return specSchema.parse(result.spec);
}
const refusal = (spec: Spec, ...operations: SpecOperation[]) => {
  const result = applyOperations(spec, operations);
  if (result.ok) throw new Error('was not refused');
  return result;
};
const start = apply(emptySpec('Reading list'), books);
const field = (spec: Spec, name: string) => spec.entities[0]!.fields.find((candidate) => candidate.name === name)!;

describe('applying operations to a spec', () => {
  it('derives slug, columns, ids and the field that stands for a row', () => {
    const entity = start.entities[0]!;
    expect(entity).toMatchObject({ name: 'Book', plural: 'Books', slug: 'books' });
    expect(entity.fields.map((item) => item.column)).toEqual(['title', 'author', 'rating', 'finished']);
    expect(entity.displayField).toBe(entity.fields[0]!.id);
    expect(field(start, 'Finished')).toMatchObject({ required: false, default: false });
  });

  it('gives the same spec each time, ids included', () => {
    expect(apply(emptySpec('Reading list'), books)).toEqual(start);
  });

  it('keeps the id through a rename of an entity and of a field', () => {
    const renamed = apply(
      start,
      { op: 'rename_entity', entity: 'books', name: 'Novel' },
      { op: 'rename_field', entity: 'novels', field: 'author', name: 'Written by' },
    );
    expect(renamed.entities[0]).toMatchObject({ id: start.entities[0]!.id, slug: 'novels', plural: 'Novels' });
    expect(field(renamed, 'Written by')).toMatchObject({ id: field(start, 'Author').id, column: 'written_by' });
  });

  it('calls what points at a list as the list is called, unless it has a name of its own or that one is taken', () => {
    const points = (name: string) => ({ name, type: 'reference' as const, target: 'Book' });
    const before = apply(
      start,
      { op: 'add_entity', name: 'Loan', fields: [{ name: 'Date', type: 'date' }, points('book'), points('Old book')] },
      { op: 'add_entity', name: 'Review', fields: [{ name: 'Novel' }, points('Book')] },
    );
    const result = applyOperations(before, [{ op: 'rename_entity', entity: 'books', name: 'Novel' }]);
    if (!result.ok) throw new Error(result.message);
    expect(result.summary).toEqual(['Calls Books “Novels”, also where others point at it']);
    const [, loans, reviews] = specSchema.parse(result.spec).entities;
    expect(loans!.fields.map(({ name, column }) => [name, column])).toEqual([
      ['Date', 'date'],
      ['Novel', 'novel_id'],
      ['Old book', 'old_book_id'],
    ]);
    expect(loans!.fields[1]!.id).toBe(before.entities[1]!.fields[1]!.id);
    expect(reviews!.fields.map(({ name }) => name)).toEqual(['Novel', 'Book']);
  });

  it('gives a new id to a field that was removed and added again at once', () => {
    const again = apply(
      start,
      { op: 'remove_field', entity: 'Book', field: 'Author' },
      { op: 'add_field', entity: 'Book', field: { name: 'Author' } },
    );
    expect(field(again, 'Author').id).not.toBe(field(start, 'Author').id);
  });

  it('applies all or nothing and says which operation was refused and why', () => {
    const result = refusal(
      start,
      { op: 'set_title', title: 'My books' },
      { op: 'remove_field', entity: 'books', field: 'Publisher' },
    );
    expect(result).toMatchObject({ index: 1, code: 'unknown_field' });
    expect(result.message).toContain('“Title”, “Author”, “Rating”, “Finished”');
  });

  it.each<[string, SpecOperation]>([
    ['unknown_entity', { op: 'remove_entity', entity: 'films' }],
    ['name_taken', { op: 'add_entity', name: 'book', fields: [{ name: 'x' }] }],
    ['name_taken', { op: 'add_field', entity: 'books', field: { name: 'AUTHOR' } }],
    ['choices_missing', { op: 'add_field', entity: 'books', field: { name: 'Status', type: 'choice' } }],
    [
      'choice_twice',
      { op: 'add_field', entity: 'books', field: { name: 'S', type: 'choice', choices: ['New', 'new'] } },
    ],
    ['invalid_range', { op: 'alter_field', entity: 'books', field: 'Rating', changes: { max: 11 } }],
    ['invalid_range', { op: 'add_field', entity: 'books', field: { name: 'Pages', type: 'integer', min: 5, max: 1 } }],
    ['invalid_default', { op: 'alter_field', entity: 'books', field: 'Rating', changes: { default: 7 } }],
    ['rule_does_not_fit', { op: 'alter_field', entity: 'books', field: 'Finished', changes: { unique: true } }],
    ['not_convertible', { op: 'alter_field', entity: 'books', field: 'Finished', changes: { type: 'date' } }],
    ['invalid_operation', { op: 'set_title', title: '' }],
    ['invalid_operation', { op: 'add_entity', name: 'x'.repeat(100), fields: [{ name: 'a' }] }],
  ])('refuses with %s in a sentence', (code, operation) => {
    const result = refusal(start, operation);
    expect(result.code).toBe(code);
    expect(result.message).toMatch(/\.$/);
  });

  it('refuses to take the last field away', () => {
    const one = apply(emptySpec('x'), { op: 'add_entity', name: 'Note', fields: [{ name: 'Text' }] });
    expect(refusal(one, { op: 'remove_field', entity: 'Notes', field: 'Text' }).code).toBe('only_field');
  });

  it('lets a rating go up to ten and drops rules that a new type does not have', () => {
    expect(
      field(apply(start, { op: 'alter_field', entity: 'books', field: 'rating', changes: { max: 10 } }), 'Rating').max,
    ).toBe(10);
    const text = apply(start, { op: 'alter_field', entity: 'books', field: 'rating', changes: { type: 'text' } });
    expect(field(text, 'Rating')).toEqual({
      ...field(start, 'Rating'),
      type: 'text',
      max: undefined,
    });
  });

  it('keeps the value and id of a choice whose neighbours change', () => {
    const before = apply(start, {
      op: 'add_field',
      entity: 'books',
      field: { name: 'Status', type: 'choice', choices: ['To read', 'Read'] },
    });
    const after = apply(before, {
      op: 'alter_field',
      entity: 'books',
      field: 'Status',
      changes: { choices: ['Reading', 'Read'] },
    });
    expect(field(after, 'Status').choices![1]).toEqual(field(before, 'Status').choices![1]);
  });

  it('never collides and never uses a reserved word, in any language', () => {
    const names = [
      'Order',
      'order!',
      'select',
      'id',
      'Größe',
      'Grosse',
      '書名',
      '著者',
      '📚',
      '"; drop table x; --',
      '1st',
      'Цена',
      'Ünïcødé',
    ];
    const spec = apply(emptySpec('x'), { op: 'add_entity', name: 'User', fields: [{ name: 'Name' }] });
    const labels = [...names, `${'very '.repeat(11)}a`, `${'very '.repeat(11)}b`];
    const all = labels
      .filter((name) => name !== 'order!')
      .map((name): SpecOperation => ({ op: 'add_field', entity: 'User', field: { name } }));
    const columns = apply(spec, ...all).entities[0]!.fields.map((item) => item.column);
    expect(new Set(columns).size).toBe(columns.length);
    expect(columns).toMatchSnapshot();
    for (const column of columns) expect(column.length).toBeLessThanOrEqual(specLimits.identifier);
  });

  it('keeps a spec within its limits', () => {
    const many = Array.from(
      { length: 60 },
      (_, index): SpecOperation => ({ op: 'add_entity', name: `Thing ${index}`, fields: [{ name: 'a' }] }),
    );
    expect(refusal(emptySpec('x'), ...many)).toMatchObject({ index: 50, code: 'too_many' });
  });
});
