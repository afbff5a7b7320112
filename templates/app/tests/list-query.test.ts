import { describe, expect, it } from 'vitest';
import { listHref, readListQuery } from '#lib/list-query.ts';

const sorts = [
  { value: '-created_at', label: 'Newest first' },
  { value: 'name', label: 'Name, A to Z' },
];
const read = (query: string) => readListQuery(new URL(`http://app.test/list${query}`), sorts);

describe('the address of a list', () => {
  it('starts on the first page, in the first order, without a search', () => {
    expect(read('')).toEqual({ search: '', sort: '-created_at', page: 1 });
  });

  it('reads search, order and page', () => {
    expect(read('?q=+dune+&sort=name&page=3')).toEqual({ search: 'dune', sort: 'name', page: 3 });
  });

  it('falls back where it makes no sense', () => {
    for (const query of ['?sort=;drop', '?page=-1', '?page=1.5', '?page=x', '?sort='])
      expect(read(query)).toEqual({ search: '', sort: '-created_at', page: 1 });
  });

  it('leaves out what is as usual, and goes back to page one when anything else changes', () => {
    const query = { search: 'a&b', sort: 'name', page: 4 };
    expect(listHref(query, { page: 5 }, '-created_at')).toBe('?q=a%26b&sort=name&page=5');
    expect(listHref(query, { sort: '-created_at' }, '-created_at')).toBe('?q=a%26b');
  });
});
