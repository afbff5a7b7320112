import { expect, it } from 'vitest';
import type { DataColumn } from '../../../../contract/data.ts';
import { changed, isShort, valuesOf } from './row-values.ts';

const columns = ['id', 'name', 'paid', 'about', 'long'].map((name) => ({ name })) as DataColumn[];

it('says of a row what it holds, and nothing of what was cut', () => {
  expect(valuesOf(columns, [1, null, true, { a: [1] }, 'begin'], [4])).toEqual({
    ...{ id: '1', name: null, paid: 'true', about: '{"a":[1]}', long: undefined },
  });
});

it('sends what was changed, and keeps empty apart from an empty text', () => {
  const before = { id: '1', name: null, paid: 'true', long: undefined };
  expect(changed(before, { ...before })).toEqual({});
  expect(changed(before, { id: '1', name: '', paid: null, long: undefined })).toEqual({ name: '', paid: null });
  expect(changed(before, { ...before, long: 'whole' })).toEqual({ long: 'whole' });
});

it('gives long texts a box', () => {
  expect(['text', 'jsonb', 'text[]', 'character varying(200)'].filter(isShort)).toEqual([]);
  expect(
    ['integer', 'date', 'character varying(20)', 'uuid', 'numeric(10,2)'].filter((type) => !isShort(type)),
  ).toEqual([]);
});
