/** Words for what two databases differ in where one of them is somebody else's server, that may say anything. */
import { expect, it } from 'vitest';
import { differencesOf } from './differences.ts';

const between = (staging: [string, string][], live: [string, string][]) =>
  differencesOf({ staging: new Map(staging), live: new Map(live) }, () => true);

it('is short and soon said, whatever a definition is', () => {
  const long = 'x'.repeat(200_000);
  const hostile: [string, string][] = [
    ['column:a.c', 'text'],
    ['constraint:a.quotes', `UNIQUE (${'"'.repeat(60_001)}`],
    ['constraint:a.points', `FOREIGN KEY (c)${' REFERENCES '.repeat(60_000)}`],
    ['constraint:a.check', `CHECK (${"'".repeat(60_001)}${long})`],
    ['index:a.i', `${'"c" '.repeat(60_000)}"`],
    ['column:a.type', ` not null\n${' not null\n'.repeat(60_000)}`],
    ['column:a.both', `${long} default ${long}`],
    [`column:a.${long}`, 'text'],
    [`index:a.${long}`, ''],
    [`comment:a.${long}`, ''],
    [`constraint:a.${long}`, 'CHECK (true)'],
    [`function:${long}()`, ''],
    [`type:${long}`, ''],
    ...Array.from({ length: 20_000 }, (_, n): [string, string] => [`column:a.many${n}`, 'text']),
  ];
  // its own time: what else the machine does is not in it
  const began = process.cpuUsage();
  const found = between(
    [
      ['column:a.c', 'text'],
      ['column:a.both', 'int default 1'],
    ],
    hostile,
  );
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(2000);
  expect(found.length).toBeGreaterThan(20_000);
  for (const { words } of found) expect(words.length).toBeLessThan(500);
});

it('names columns as they are written, and only those of the table', () => {
  const table: [string, string][] = [
    ['column:a.Odd "name"', 'text'],
    ['column:a.b', 'text'],
  ];
  const rules: [string, string][] = [
    ['constraint:a.u', 'UNIQUE ("Odd ""name""", b)'],
    ['constraint:a.f', 'FOREIGN KEY (b) REFERENCES other("Odd ""name""")'],
    ['constraint:a.c', `CHECK (b <> 'Odd "name"'::text)`],
  ];
  expect(between([...table, ...rules], table).map(({ columns, words }) => [columns, words])).toEqual([
    [['b'], `the rule c, CHECK (b <> 'Odd "name"'::text), only on the staging site`],
    [['b'], 'b points at other only on the staging site'],
    [['Odd "name"', 'b'], 'the rule that "Odd ""name""", b is unique only on the staging site'],
  ]);
});

it('says once that one has a table where the other has a view', () => {
  const found = between(
    [
      ['table:a', 'r'],
      ['column:a.b', 'text'],
    ],
    [['view:a', 'select']],
  );
  expect(found).toMatchObject([{ on: 'both', columns: [], words: 'a table on the staging site and a view on live' }]);
});
