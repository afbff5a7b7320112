/**
 * Compares live with its mirror and gives the statements that make the mirror follow. Three kinds, by when they may run: what adds goes
 * first, because a column or table that only live has stops the mirror; what must fall between two rows (a rename, a table copied anew) runs
 * while live holds the table and the mirror has caught up; what takes away goes last, when nothing on its way needs it any more.
 * A mirror has rows and what finds them: no defaults, no checks, no pointers, and no value that must be there other than its key.
 */
import pg from 'pg';
import type { Column, Shape, Table } from './shape.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

export interface Differences {
  add: string[];
  exact: string[];
  drop: string[];
  /** what differs, in words, one for each */
  words: string[];
}

export const differs = ({ add, exact, drop }: Differences): boolean => add.length + exact.length + drop.length > 0;

export function compareShapes(live: Shape, mirror: Shape): Differences {
  const found: Differences = { add: [], exact: [], drop: [], words: [] };
  const at = (name: string) => `${id(live.schema)}.${id(name)}`;
  for (const { name, labels } of live.lists) {
    const known = mirror.lists.find((list) => list.name === name);
    if (!known) found.add.push(`create type ${at(name)} as enum (${labels.map(literal).join(', ')})`);
    else
      for (const label of labels.filter((one) => !known.labels.includes(one)))
        found.add.push(`alter type ${at(name)} add value if not exists ${literal(label)}`);
  }
  const byNote = new Map(mirror.tables.map((table) => [table.note, table]));
  const renames: [string, string][] = [];
  for (const table of live.tables) {
    const copy = byNote.get(noteOf(table.oid));
    const taken = mirror.tables.find(({ name }) => name === table.name);
    if (!copy) {
      if (taken) {
        found.exact.push(`drop table ${at(table.name)}`, ...creation(live.schema, table));
        found.words.push(`The table ${table.name} was made anew on live.`);
      } else {
        found.add.push(...creation(live.schema, table));
        found.words.push(`Live has a table ${table.name} that the copy lacked.`);
      }
      continue;
    }
    const why = whyAnew(table, copy);
    if (why) {
      found.exact.push(`drop table ${at(copy.name)}`, ...creation(live.schema, table));
      found.words.push(why);
      continue;
    }
    if (copy.name !== table.name) {
      renames.push([copy.name, table.name]);
      found.words.push(`The table ${copy.name} is called ${table.name} on live.`);
    }
    compareColumns(found, at(copy.name), table, copy);
    compareIndexes(found, at, table, copy);
  }
  // by way of a name that nobody has: two tables may have changed names
  for (const [from] of renames)
    found.exact.push(`alter table ${at(from)} rename to ${id(`_vibe_renamed_${from}`.slice(0, 63))}`);
  for (const [from, to] of renames)
    found.exact.push(`alter table ${at(`_vibe_renamed_${from}`.slice(0, 63))} rename to ${id(to)}`);
  const wanted = new Set(live.tables.map(({ oid }) => noteOf(oid)));
  const made = new Set(live.tables.map(({ name }) => name));
  for (const table of mirror.tables) {
    if (wanted.has(table.note ?? '') || made.has(table.name)) continue;
    found.drop.push(`drop table if exists ${at(table.name)}`);
    found.words.push(`Live has no table ${table.name} any more.`);
  }
  return found;
}

const noteOf = (number: number): string => `live ${number}`;

function compareColumns(found: Differences, at: string, table: Table, copy: Table): void {
  const byNote = new Map(copy.columns.map((column) => [column.note, column]));
  for (const column of table.columns) {
    const known = byNote.get(noteOf(column.number));
    if (!known) {
      found.add.push(
        `alter table ${at} add column ${definition(column)}${column.missing === null ? '' : ` default ${literal(column.missing)}::${column.type}`}`,
      );
      if (column.missing !== null) found.add.push(`alter table ${at} alter column ${id(column.name)} drop default`);
      found.add.push(`comment on column ${at}.${id(column.name)} is ${literal(noteOf(column.number))}`);
      found.words.push(`The table ${table.name} on live has a column ${column.name} that the copy lacked.`);
    } else if (known.name !== column.name) {
      found.exact.push(`alter table ${at} rename column ${id(known.name)} to ${id(column.name)}`);
      found.words.push(`The column ${known.name} of ${table.name} is called ${column.name} on live.`);
    }
  }
  const wanted = new Set(table.columns.map(({ number }) => noteOf(number)));
  for (const column of copy.columns) {
    if (wanted.has(column.note ?? '')) continue;
    found.drop.push(`alter table ${at} drop column if exists ${id(column.name)}`);
    found.words.push(`The table ${table.name} on live has no column ${column.name} any more.`);
  }
}

function compareIndexes(found: Differences, at: (name: string) => string, table: Table, copy: Table): void {
  const print = (numbers: Map<string, string>) => (index: Table['indexes'][number]) =>
    `${index.method} ${index.columns.map((name) => numbers.get(name)).join()}`;
  const onLive = print(new Map(table.columns.map(({ name, number }) => [name, noteOf(number)])));
  const onMirror = print(new Map(copy.columns.map(({ name, note }) => [name, note ?? ''])));
  const has = new Set(copy.indexes.map(onMirror));
  const renamed = new Map(table.columns.map((column) => [column.name, nameOn(copy, column)]));
  for (const index of table.indexes) {
    if (has.has(onLive(index))) continue;
    has.add(onLive(index));
    const columns = index.columns.map((name) => id(renamed.get(name) ?? name)).join(', ');
    found.add.push(`create index on ${at(copy.name)} using ${index.method} (${columns})`);
  }
  const wanted = new Set(table.indexes.map(onLive));
  for (const index of copy.indexes)
    if (!wanted.has(onMirror(index))) found.drop.push(`drop index if exists ${at(index.name)}`);
}

const nameOn = (copy: Table, { number }: Column): string | undefined =>
  copy.columns.find(({ note }) => note === noteOf(number))?.name;

/** Why a table's rows cannot be brought along, only copied again. */
function whyAnew(table: Table, copy: Table): string | undefined {
  const byNote = new Map(copy.columns.map((column) => [column.note, column]));
  const names = new Map(copy.columns.map(({ name, note }) => [name, note]));
  const numbers = new Map(table.columns.map(({ name, number }) => [name, noteOf(number)]));
  for (const column of table.columns) {
    const known = byNote.get(noteOf(column.number));
    if (known && known.type !== column.type)
      return `The column ${column.name} of ${table.name} has another type on live, so the table is copied again.`;
    if (known && known.expression !== column.expression)
      return `The column ${column.name} of ${table.name} is computed in another way on live, so the table is copied again.`;
    if (!known && column.filled)
      return `The table ${table.name} on live has a new column ${column.name} with a value of its own in each row, so the table is copied again.`;
    if (known?.name !== column.name && names.has(column.name))
      return `A new column of ${table.name} has the name that another one had, so the table is copied again.`;
  }
  const [here, there] = [table.key.map((name) => numbers.get(name)), copy.key.map((name) => names.get(name))];
  if (here.join() !== there.join()) return `The table ${table.name} has another key on live, so it is copied again.`;
  return undefined;
}

const definition = ({ name, type, expression }: Column): string =>
  `${id(name)} ${type}${expression === null ? '' : ` generated always as (${expression}) virtual`}`;

function creation(schema: string, table: Table): string[] {
  const at = `${id(schema)}.${id(table.name)}`;
  const parts = table.columns.map(definition);
  if (table.key.length > 0) parts.push(`primary key (${table.key.map(id).join(', ')})`);
  const seen = new Set<string>();
  const indexes = table.indexes.filter(({ method, columns }) => {
    const print = `${method} ${columns.join()}`;
    return !seen.has(print) && seen.add(print);
  });
  return [
    `create table ${at} (${parts.join(', ')})`,
    `comment on table ${at} is ${literal(noteOf(table.oid))}`,
    ...table.columns.map((column) => `comment on column ${at}.${id(column.name)} is ${literal(noteOf(column.number))}`),
    ...indexes.map(({ method, columns }) => `create index on ${at} using ${method} (${columns.map(id).join(', ')})`),
  ];
}
