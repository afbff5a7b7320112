/** What people read of statements: the forms in which changes are written, by the spec and by structured operations. */
import { expect, it } from 'vitest';
import { tablesOfStatements, wordsOfStatements } from './change-words.ts';

it('names tables and columns, and what was done to them', () => {
  const said: [string[], string][] = [
    [['CREATE TABLE books (id int)', 'CREATE INDEX books_x ON books (id)'], 'new table books'],
    [['ALTER TABLE books ADD COLUMN phone text', 'ALTER TABLE books ADD CHECK (true)'], 'new column books.phone'],
    [['alter table "my ""books""" drop column if exists "a b"'], 'removed column my "books".a b'],
    [['alter table books rename column a to b'], 'books.a is now b'],
    [['alter table books rename to works'], 'table books is now works'],
    [['alter table books alter column a set not null'], 'changed column books.a'],
    [['alter table books add constraint c check (true)'], 'changed rules of books'],
    [['create unique index concurrently x on books (a)'], 'new index on books'],
    [['drop table books', 'create policy p on orders using (true)'], 'removed table books, who may see rows of orders'],
    [['update books set a = 1', 'grant select on table books to "the app"'], 'filled in books'],
    [['create function f() returns int', 'revoke all on function f() from public'], 'function f'],
    [
      ['drop policy p on orders', 'drop view v', 'drop function f()'],
      'who may see rows of orders, removed view v, removed function f',
    ],
    [['comment on table books is $$x$$'], ''],
    [[], ''],
  ];
  for (const [statements, words] of said)
    expect([statements, wordsOfStatements(statements)]).toEqual([statements, words]);
});

it('is short, whatever there is, and quick on what was made to be slow', () => {
  const many = Array.from({ length: 30 }, (_, n) => `create table t${n} (id int)`);
  expect(wordsOfStatements(many)).toMatch(/new table t7 and 22 more$/);
  const attacks = [
    `alter table ${'a '.repeat(50_000)}`,
    `create index ${' '.repeat(50_000)}x`,
    `create index ${' on'.repeat(50_000)}`,
    `grant ${'on '.repeat(50_000)}`,
    `alter table "${'""'.repeat(50_000)}`,
  ];
  // its own time: what else the machine does is not in it
  const began = process.cpuUsage();
  for (const attack of attacks) wordsOfStatements([attack]);
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(1000);
});

it('does a bounded amount of work, however many statements somebody else writes to make it slow', () => {
  const gap = ' '.repeat(985);
  const hostile = [
    `create index${gap}i on t (a)`,
    `create index i${gap}n`,
    `grant${gap}x`,
    `revoke ${'a '.repeat(490)}`,
    `create index ${'on '.repeat(330)}`,
    `create index ${'on "'.repeat(240)}`,
    `alter table${gap}t`,
    `create${gap}view v`,
  ];
  // a limit of the whole test: one of these alone took a second when spaces could be shared out in many ways
  for (let round = 0; round < 500; round++) wordsOfStatements([hostile[round % hostile.length]!]);
  const each = (n: number) => `t${n}${'x'.repeat(900)}`;
  const pairs = Array.from({ length: 500 }, (_, n) => [
    `create table ${each(n)} (id int)`,
    `grant all on g${each(n)} to x`,
  ]);
  for (let round = 0; round < 10; round++) wordsOfStatements(pairs.flat());
  // what is beyond so many is not read
  expect(wordsOfStatements([...Array<string>(1000).fill('select 1'), 'create table late (id int)'])).toBe('');
}, 10_000);

it('knows the tables of statements', () => {
  const said: [string, string[]][] = [
    ['CREATE  TABLE\n"my ""books""" (id int)', ['my "books"']],
    ['alter table books rename to works', ['books', 'works']],
    ['alter table books rename column a to b', ['books']],
    ['create policy p on orders using (true)', ['orders']],
    ['create index if not exists concurrently_made on only books (a)', ['books']],
    ['grant select (a, b), update on books to "the app"', ['books']],
    ['create function f() returns int', []],
    ['do something', []],
  ];
  for (const [statement, tables] of said)
    expect([statement, tablesOfStatements([statement])]).toEqual([statement, tables]);
});
