import { expect, it } from 'vitest';
import { readStatement } from '../router/statement.ts';
import { checkedSelect, withoutEnd } from './expressions.ts';

it('takes a statement without the semicolons around it, which a statement of its own may have', () => {
  for (const text of ['select 1', ';\n\nselect 1', ' ; ;select 1;; ', '\fselect 1\v;\n']) {
    expect(readStatement(text).kind).toBe('read');
    expect(checkedSelect(text)).toBe('select 1');
  }
  // those of a text are no end
  for (const text of ["select ';'", 'select $$ ; $$', 'select 1 as ";"']) expect(withoutEnd(`${text};`)).toBe(text);
});

it('refuses one with a semicolon that is not at an end: what it is made part of would end there', () => {
  for (const text of ['/* x */ ; select 1', 'select 1; -- the last one', 'select 1;/**/;']) {
    expect(readStatement(text).kind).toBe('read');
    expect(() => checkedSelect(text), text).toThrow(expect.objectContaining({ rule: 'several' }));
  }
});
