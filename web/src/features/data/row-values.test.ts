import { expect, it } from 'vitest';
import type { DataColumn, RowColumn } from '../../../../contract/data.ts';
import { changed, isShort, isText, missing, outOfReach, valuesOf } from './row-values.ts';

const columns = ['id', 'name', 'paid', 'about', 'long'].map((name) => ({ name })) as DataColumn[];
const typed = (types: Record<string, string>) => Object.entries(types).map(([name, type]) => ({ name, type }));

it('says of a row what it holds, and nothing of what was cut', () => {
  expect(valuesOf(columns, [1, null, true, { a: [1] }, 'begin'], [4])).toEqual({
    ...{ id: '1', name: null, paid: 'true', about: '{"a":[1]}', long: undefined },
  });
});

it('sends what was changed, and keeps empty apart from an empty text', () => {
  const types = typed({ id: 'integer', name: 'text', paid: 'boolean', long: 'text' });
  const before = { id: '1', name: null, paid: 'true', long: undefined };
  expect(changed(types, before, { ...before })).toEqual({});
  expect(changed(types, before, { id: '1', name: '', paid: null, long: undefined })).toEqual({ name: '', paid: null });
  expect(changed(types, before, { ...before, long: 'whole' })).toEqual({ long: 'whole' });
});

it('takes nothing typed as empty where an empty text is no value', () => {
  const types = typed({ n: 'integer', due: 'date', done: 'boolean', tags: 'text[]', code: 'character varying(9)' });
  const before = { n: '1', due: '2026-02-28', done: null, tags: '{a}', code: 'x' };
  const cleared = { n: '', due: '', done: '', tags: '', code: '' };
  expect(changed(types, before, cleared)).toEqual({ n: null, due: null, tags: null, code: '' });
  expect(['text', 'character(3)', 'character varying', 'bytea'].every(isText)).toBe(true);
  expect(['uuid', 'jsonb', 'text[]', 'timestamp with time zone'].some(isText)).toBe(false);
});

it('says what the table needs', () => {
  const column = (name: string, more: Partial<RowColumn>) =>
    ({ name, type: 'integer', notNull: true, filled: false, writable: true, ...more }) as RowColumn;
  const of = [
    ...[column('a', {}), column('free', { notNull: false }), column('id', { filled: true })],
    column('sum', { writable: false, filled: true }),
  ];
  expect(missing(of, {}, true)).toEqual(['a']);
  expect(missing(of, { a: '1', free: null }, true)).toEqual([]);
  expect(missing(of, {}, false)).toEqual([]);
  expect(missing(of, { a: null, id: null, free: null }, false)).toEqual(['a', 'id']);
});

it('gives long texts a box', () => {
  expect(['text', 'jsonb', 'text[]', 'character varying(200)'].filter(isShort)).toEqual([]);
  expect(
    ['integer', 'date', 'character varying(20)', 'uuid', 'numeric(10,2)'].filter((type) => !isShort(type)),
  ).toEqual([]);
});

it('leaves alone what a form would lose a part of', () => {
  expect([undefined, null, '', 'a\nb', 'é'.repeat(40_000)].map(outOfReach)).toEqual(Array(5).fill(undefined));
  expect(outOfReach('a\r\nb')).toMatch(/lines end/);
  // a statement is measured in bytes
  expect(outOfReach('é'.repeat(40_001))).toMatch(/too long/);
});
