/** What the spec's compiler writes passes the gate of changes, whatever it is asked for; what somebody else has put into a branch does not. */
import { expect, it } from 'vitest';
import { emptySpec, type FieldType, type Spec } from '../../../contract/spec.ts';
import type { SpecOperation } from '../../../contract/spec-operations.ts';
import { type ChangeFile, makeChange, serialiseChange } from '../builds/changes/change-file.ts';
import { planChanges } from '../builds/changes/plan.ts';
import { applyOperations } from '../builds/spec/apply.ts';
import { canConvert } from '../builds/spec/conversions.ts';
import { starters } from '../builds/starters/starters.ts';
import { changesIn } from './app-changes.ts';

const TYPES: FieldType[] = [
  ...(['text', 'longtext', 'number', 'integer', 'money', 'percent', 'boolean', 'date', 'datetime', 'time'] as const),
  ...(['choice', 'email', 'phone', 'url', 'rating', 'duration', 'image', 'file'] as const),
];

/** Changes of each operation after the other, as files. @param refused operations that the spec refuses are left out */
function written(operations: readonly SpecOperation[], refused: 'left out' | 'fails' = 'fails'): ChangeFile[] {
  let spec: Spec = emptySpec('Test');
  const changes: ChangeFile[] = [];
  for (const operation of operations) {
    const applied = applyOperations(spec, [operation]);
    if (!applied.ok) {
      if (refused === 'fails') throw new Error(`${applied.code}: ${applied.message}`);
      continue;
    }
    changes.push(...planChanges(spec, applied.spec, changes));
    spec = applied.spec;
  }
  return changes;
}

const read = (changes: readonly ChangeFile[]) =>
  changesIn(changes.map((change): [string, string] => [change.path, serialiseChange(change)]));

it.each(starters)('lets the tables of $id through', ({ operations }) => {
  const changes = written(operations, 'left out');
  expect(changes.length).toBeGreaterThan(0);
  expect(read(changes)).toHaveLength(changes.length);
});

it('lets every kind of field through: new, required, different in each row, as every type that it can become, renamed, removed', () => {
  const choices = (type: FieldType) => (type === 'choice' ? { choices: ["It's", 'B\\C', 'Two\nlines'] } : {});
  let converted = 0;
  for (const from of TYPES) {
    const begin: SpecOperation[] = [
      { op: 'add_entity', name: 'Thing', fields: [{ name: 'Name', type: 'text' }] },
      { op: 'add_entity', name: 'Other', fields: [{ name: 'Name', type: 'text' }] },
      { op: 'add_field', entity: 'Thing', field: { name: 'Value', type: from, ...choices(from) } },
    ];
    for (const to of TYPES.filter((type) => type !== from && canConvert(from, type))) {
      converted++;
      const alter = (changes: object): SpecOperation =>
        ({ op: 'alter_field', entity: 'Thing', field: 'Value', changes }) as SpecOperation;
      const changes = written(
        [
          ...begin,
          alter({ type: to, ...choices(to) }),
          alter({ required: true }),
          alter({ unique: true }),
          alter({ min: 1, max: 4 }),
          alter({ maxLength: 12 }),
          alter({ default: 'x; drop table thing' }),
          alter({ required: false, unique: false }),
          { op: 'rename_field', entity: 'Thing', field: 'Value', name: 'Worth' },
          { op: 'rename_entity', entity: 'Thing', name: 'Object' },
          { op: 'remove_field', entity: 'Object', field: 'Worth' },
          { op: 'remove_entity', entity: 'Object' },
        ],
        'left out',
      );
      expect(read(changes)).toHaveLength(changes.length);
    }
  }
  expect(converted).toBeGreaterThan(60);
});

it('lets relations, roles and what becomes required of many through', () => {
  const changes = written(
    [
      { op: 'add_entity', name: 'Customer', fields: [{ name: 'Name', type: 'text', required: true, unique: true }] },
      { op: 'add_entity', name: 'Order', fields: [{ name: 'Number', type: 'integer' }] },
      { op: 'relate', from: 'Order', to: 'Customer', kind: 'one' } as unknown as SpecOperation,
      { op: 'relate', from: 'Order', to: 'Customer', kind: 'many', name: 'Helpers' } as unknown as SpecOperation,
      { op: 'add_role', name: 'Clerk' },
      { op: 'remove_role', role: 'Clerk' },
    ],
    'left out',
  );
  expect(changes.some(({ statements }) => statements.some((statement) => /REFERENCES/.test(statement)))).toBe(true);
  expect(read(changes)).toHaveLength(changes.length);
});

it('refuses what somebody else has written into a branch, by whatever road it came there', () => {
  const make = (...statements: string[]) =>
    makeChange(1, 'add-evil', {
      action: 'other',
      tables: [],
      statements,
      needs: [],
      phase: 'expand',
      destructive: false,
    });
  expect(read([make('create table notes (id int primary key)')])).toHaveLength(1);
  for (const attack of [
    'create function f() returns int language sql security definer return 1',
    'do $$ begin perform pg_sleep(1); end $$',
    'grant all on all tables in schema shop to public',
    'drop table other.customers',
  ]) {
    // its id is right: it is the text itself that is refused
    expect(() => read([make('create table notes (id int primary key)', attack)]), attack).toThrow(
      /is not one that Vibe writes/,
    );
  }
  const altered = serialiseChange(make('create table notes (id int primary key)')).replace('notes', 'other');
  expect(() => changesIn([['changes/0001-add-evil.sql', altered]])).toThrow(/is not what it was/);
});
