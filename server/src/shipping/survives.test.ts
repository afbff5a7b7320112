import { describe, expect, it } from 'vitest';
import { emptySpec, type Spec } from '../../../contract/spec.ts';
import type { SpecOperation } from '../../../contract/spec-operations.ts';
import { type ChangeFile, makeChange } from '../builds/changes/change-file.ts';
import { planChanges } from '../builds/changes/plan.ts';
import { applyOperations } from '../builds/spec/apply.ts';
import { isHarmless, obstacles, refusal } from './survives.ts';

const book: SpecOperation = {
  op: 'add_entity',
  name: 'Book',
  fields: [{ name: 'Title', required: true }, { name: 'Author' }],
};

function applied(spec: Spec, ...operations: SpecOperation[]): Spec {
  const result = applyOperations(spec, operations);
  if (!result.ok) throw new Error(result.message);
  return result.spec;
}
/** The changes that these operations make of an app that has books, one after the other. */
function since(...operations: SpecOperation[]): ChangeFile[] {
  let spec = applied(emptySpec('Test'), book);
  const [known, made] = [planChanges(emptySpec('Test'), spec, []), [] as ChangeFile[]];
  for (const operation of operations) {
    const next = applied(spec, operation);
    made.push(...planChanges(spec, next, [...known, ...made]));
    spec = next;
  }
  return made;
}
/** A change of tables by hand. */
const byHand = (action: ChangeFile['action'], statement: string, tables = ['books']): ChangeFile =>
  makeChange(2, 'x', {
    ...{ action, tables, needs: [], statements: [statement], phase: 'expand', destructive: false },
    tool: 'supabase_utilities',
  });

describe('an older release', () => {
  it.each<[string, SpecOperation[]]>([
    ['a new table', [{ op: 'add_entity', name: 'Film', fields: [{ name: 'Title', required: true }] }]],
    ['a field that may be empty', [{ op: 'add_field', entity: 'books', field: { name: 'Notes' } }]],
    [
      'a field that fills itself',
      [{ op: 'add_field', entity: 'books', field: { name: 'Owned', type: 'boolean', default: true } }],
    ],
    ['a rule that is eased', [{ op: 'alter_field', entity: 'books', field: 'Title', changes: { required: false } }]],
    [
      'what happens to a table that it never heard of',
      [
        { op: 'add_entity', name: 'Film', fields: [{ name: 'Title' }, { name: 'Year' }] },
        { op: 'rename_entity', entity: 'films', name: 'Movie' },
        { op: 'remove_field', entity: 'movies', field: 'Title' },
      ],
    ],
  ])('survives %s', (_what, operations) => {
    expect(obstacles(since(...operations))).toEqual([]);
  });

  it.each<[SpecOperation, string]>([
    [{ op: 'rename_entity', entity: 'books', name: 'Novel' }, 'books was renamed to novels'],
    [{ op: 'remove_entity', entity: 'books' }, 'books was removed'],
    [{ op: 'rename_field', entity: 'books', field: 'Author', name: 'Writer' }, 'a field of books was renamed'],
    [{ op: 'remove_field', entity: 'books', field: 'Author' }, 'a field of books was removed'],
    [
      { op: 'add_field', entity: 'books', field: { name: 'Shelf', required: true } },
      'books got a field that must be filled in',
    ],
    [
      { op: 'alter_field', entity: 'books', field: 'Author', changes: { required: true } },
      'a field of books was changed',
    ],
    [
      { op: 'alter_field', entity: 'books', field: 'Author', changes: { type: 'integer' } },
      'a field of books was changed',
    ],
  ])('does not survive %j', (operation, words) => {
    expect(obstacles(since(operation))).toEqual([words]);
  });

  it('survives what only adds to tables by hand, and nothing that may refuse its rows', () => {
    const fine = [
      byHand('add_column', `alter table "books" add column "stock" integer default (0) not null`),
      byHand('add_column', `alter table "books" add column "unique" text`),
      byHand('other', `create index concurrently "books_by_title" on "books" ("title")`),
      byHand('other', `comment on table "books" is 'add constraint; a unique one'`),
      byHand('create_table', 'create table "shops" (id uuid primary key, name text not null unique)', ['shops']),
      byHand('other', 'alter table "shops" add constraint "named" check (name <> $$$$)', ['shops']),
    ];
    expect(obstacles(fine)).toEqual([]);
    for (const change of [
      byHand('add_column', `alter table "books" add column "stock" integer not null`),
      byHand('add_column', `alter table "books" add column "code" text unique`),
      byHand('other', `alter table "books" add constraint "long" check (char_length(title) > 3) not valid`),
      byHand('other', `create unique index concurrently "one" on "books" ("title")`),
      byHand('alter_column', `alter table "books" alter column "title" drop default`),
    ])
      expect(obstacles([change]), change.statements[0]).toHaveLength(1);
  });

  it('survives what is known by its statements alone only where nothing in them touches what it knows', () => {
    const harmless = (...statements: string[]) => isHarmless({ statements, destructive: false });
    expect(harmless('create index "a" on "books" ("type")', `comment on table "books" is 'drop type'`)).toBe(true);
    expect(harmless('alter table "books" add column "stock" integer')).toBe(true);
    for (const statement of [
      'alter table "books" rename column "a" to "b"',
      'drop view "v"',
      'alter table "books" alter column "a" type text',
      'alter table "books" alter column "a" set not null',
    ])
      expect(harmless(statement), statement).toBe(false);
    expect(isHarmless({ statements: ['create index "a" on "books" ("b")'], destructive: true })).toBe(false);
  });

  it('is refused in one sentence that does not grow', () => {
    expect(refusal(3, ['a was removed'])).toBe('Release 3 cannot work on today’s tables: since then a was removed.');
    expect(refusal(3, ['a', 'b', 'c', 'd', 'e'])).toMatch(/since then a, b, c and 2 more\.$/);
  });
});
