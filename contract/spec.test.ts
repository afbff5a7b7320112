import { describe, expect, it } from 'vitest';
import { emptySpec, labelSchema, specSchema } from './spec.ts';
import { specOperationSchema } from './spec-operations.ts';

const book = {
  id: 'ent_book',
  name: 'Book',
  plural: 'Books',
  slug: 'books',
  displayField: 'fld_title',
  fields: [{ id: 'fld_title', name: 'Title', column: 'title', type: 'text' as const, required: true, unique: false }],
};

describe('the spec', () => {
  it('accepts an app with nothing in it', () => {
    expect(specSchema.parse(emptySpec('  Reading   list '))).toEqual({
      version: 1,
      title: 'Reading list',
      entities: [],
    });
  });

  it('refuses two lists with one slug and two fields with one column', () => {
    const twins = { ...book, id: 'ent_other', displayField: 'fld_a', fields: [{ ...book.fields[0], id: 'fld_a' }] };
    expect(specSchema.safeParse({ version: 1, title: 'x', entities: [book, twins] }).success).toBe(false);
    const doubled = { ...book, fields: [book.fields[0], { ...book.fields[0], id: 'fld_b' }] };
    expect(specSchema.safeParse({ version: 1, title: 'x', entities: [doubled] }).success).toBe(false);
  });

  it('keeps labels of any language, quotes, HTML, braces and emoji as they are', () => {
    for (const label of ['Größe', '書名', '<b>"x"</b>', '{@html x}', '`$' + '{1}`', '📚 Shelf', "O'Neil"])
      expect(labelSchema.parse(label)).toBe(label.normalize('NFC'));
  });

  it('refuses labels that are empty, too long or hide control characters', () => {
    for (const label of ['', '   ', 'x'.repeat(61), 'a\u0000b', 'a\u202eb', '\ud800'])
      expect(labelSchema.safeParse(label).success).toBe(false);
  });

  it('reads operations that leave out what can be derived', () => {
    const parsed = specOperationSchema.parse({ op: 'add_field', entity: 'books', field: { name: 'Notes' } });
    expect(parsed).toEqual({ op: 'add_field', entity: 'books', field: { name: 'Notes', type: 'text' } });
    expect(specOperationSchema.safeParse({ op: 'drop_database' }).success).toBe(false);
  });
});
