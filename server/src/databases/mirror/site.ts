/**
 * Fills the staging site's writable copy from the mirror: the tables that are on both sides, in one transaction, from one moment of live.
 * What lives in staging alone stays, and so do rows that something of it points at. Runs as the site's owner; while it runs, that role may
 * leave pointers unchecked, and at the end every pointer is checked.
 */
import pg from 'pg';
import type { Mask } from '../../../../contract/mirrors.ts';
import { AppError } from '../../errors.ts';
import { inTransaction } from '../changes.ts';
import type { DataCluster } from '../cluster.ts';
import { rolesOf } from '../names.ts';
import { masked } from './masks.ts';
import type { MirrorPlace } from './place.ts';
import { copied } from './position.ts';
import { readTables, type TableRows } from './tables.ts';

const id = pg.escapeIdentifier;
/** More rows than this in a chain of the same table that points at itself are kept rather than looked through. */
const MOST_ROUNDS = 1000;

interface Pointer {
  name: string;
  child: string;
  parent: string;
  columns: string[];
  targets: string[];
}

export interface SiteFilled {
  tables: string[];
  rows: number;
}

/**
 * @throws AppError `mirror_copying` while the mirror is not whole, `mask_not_possible`, `mask_unknown`, `site_inconsistent`; nothing was
 * changed then
 */
export async function refreshSite(cluster: DataCluster, place: MirrorPlace, masks: Mask[]): Promise<SiteFilled> {
  if (!(await copied(cluster, place, 2000)))
    throw new AppError('mirror_copying', 'conflict', 'The copy of live is not complete yet.', {
      detail: 'Fill the staging site when that is done.',
    });
  const { owner } = rolesOf(place.containerSlug, place.site);
  const grant = (words: string) => cluster.alone(() => cluster.administer(place.staging, words));
  await grant(`grant set on parameter session_replication_role to ${id(owner)};
    grant usage on schema ${id(place.schema)} to ${id(owner)};
    grant select on all tables in schema ${id(place.schema)} to ${id(owner)}`);
  try {
    return await cluster.asOwner(place.staging, place.containerSlug, place.site, (client) =>
      inTransaction(client, () => fill(client, place, masks, cluster.password(`masks of ${place.slot}`))).catch(
        refusedRow,
      ),
    );
  } finally {
    await grant(`revoke set on parameter session_replication_role from ${id(owner)};
      revoke all on all tables in schema ${id(place.schema)} from ${id(owner)};
      revoke all on schema ${id(place.schema)} from ${id(owner)}`);
  }
}

/** A row that the site's own rules do not let in, as it would be by the rules for people's data. */
function refusedRow(cause: unknown): never {
  const { code = '', table, column, constraint } = cause as pg.DatabaseError & { code?: string };
  if (!/^(?:22|23)/.test(code)) throw cause;
  const where = [table, column].filter(Boolean).join('.') || 'a table';
  throw new AppError(
    'site_row_refused',
    'conflict',
    `A row of ${where} cannot be on the staging site as it would be there.`,
    {
      cause,
      detail: `${constraint ? `It would break the rule ${constraint}. ` : ''}Look at what stands in for personal data of that table, then fill it again. Nothing was changed.`,
    },
  );
}

async function fill(client: pg.Client, place: MirrorPlace, masks: Mask[], secret: string): Promise<SiteFilled> {
  await client.query('set transaction isolation level repeatable read');
  await client.query(
    `set local statement_timeout = 0; set local search_path = pg_catalog; set local session_replication_role = replica`,
  );
  const [site, mirror, pointers] = [
    await readTables(client, place.site),
    await readTables(client, place.schema),
    await readPointers(client, place.site),
  ];
  const sources = new Map(mirror.map((table) => [table.name, table]));
  const both = site.filter(({ name }) => sources.has(name));
  checkMasks(masks, mirror);
  const names = new Set(both.map(({ name }) => name));
  const at = (name: string) => `${id(place.site)}.${id(name)}`;
  // first what points, then what is pointed at: what something of staging alone needs is left by then
  for (const name of childrenFirst([...names], pointers)) {
    const own = pointers.filter(({ parent }) => parent === name);
    const needed = own.map(
      ({ child, columns, targets }) =>
        `not exists (select from ${at(child)} c where ${columns.map((column, n) => `c.${id(column)} = t.${id(targets[n]!)}`).join(' and ')})`,
    );
    const statement = `delete from ${at(name)} t${needed.length > 0 ? ` where ${needed.join(' and ')}` : ''}`;
    const again = own.some(({ child }) => child === name);
    for (let round = 0; (await client.query(statement)).rowCount && again && round < MOST_ROUNDS; round++);
  }
  let rows = 0;
  for (const table of both) rows += await copyTable(client, place, table, sources.get(table.name)!, masks, secret);
  await checkPointers(client, place, pointers);
  return { tables: [...names], rows };
}

async function copyTable(
  client: pg.Client,
  place: MirrorPlace,
  table: TableRows,
  source: TableRows,
  masks: Mask[],
  secret: string,
): Promise<number> {
  const has = new Set(source.columns.map(({ name }) => name));
  const shared = table.columns.filter(({ name, generated }) => has.has(name) && !generated);
  if (shared.length === 0) return 0;
  const values = shared.map((column) => {
    const mask = masks.find((one) => one.table === table.name && one.column === column.name);
    const value = masked(mask, column, secret);
    // a list of values is a type of its own in each schema
    return `(${value})${column.type.includes('.') ? '::text' : ''}::${column.type}`;
  });
  const list = shared.map(({ name }) => id(name)).join(', ');
  const rest = shared.filter(({ name }) => !table.key.includes(name));
  const conflict =
    table.key.length === 0
      ? ''
      : ` on conflict (${table.key.map(id).join(', ')}) do ${rest.length > 0 ? `update set ${rest.map(({ name }) => `${id(name)} = excluded.${id(name)}`).join(', ')}` : 'nothing'}`;
  const overriding = shared.some(({ always }) => always) ? ' overriding system value' : '';
  const target = `${id(place.site)}.${id(table.name)}`;
  const { rowCount } = await client.query(
    `insert into ${target} (${list})${overriding} select ${values.join(', ')} from ${id(place.schema)}.${id(table.name)}${conflict}`,
  );
  // what the site counts by itself goes on above what came
  for (const { column, sequence } of table.sequences)
    await client.query(
      `select pg_catalog.setval('${sequence.replaceAll("'", "''")}'::regclass, greatest((select max(${id(column)}) from ${target}), 1)::int8, exists (select from ${target}))`,
    );
  return rowCount ?? 0;
}

/** A rule whose column was renamed must not let through what it is there for. */
function checkMasks(masks: Mask[], mirror: TableRows[]): void {
  for (const { table, column } of masks) {
    const found = mirror.find(({ name }) => name === table)?.columns.some(({ name }) => name === column);
    if (found) continue;
    throw new AppError(
      'mask_unknown',
      'conflict',
      `There is a rule for ${table}.${column}, but live has no such column.`,
      {
        detail:
          'It may have been renamed. Change or remove the rule, then fill the staging site again. Nothing was changed.',
      },
    );
  }
}

async function checkPointers(client: pg.Client, place: MirrorPlace, pointers: Pointer[]): Promise<void> {
  const at = (name: string) => `${id(place.site)}.${id(name)}`;
  for (const { child, parent, columns, targets } of pointers) {
    const set = columns.map((column) => `c.${id(column)} is not null`).join(' and ');
    const same = columns.map((column, n) => `p.${id(targets[n]!)} = c.${id(column)}`).join(' and ');
    const { rows } = await client.query<{ wrong: boolean }>(
      `select exists (select from ${at(child)} c where ${set} and not exists (select from ${at(parent)} p where ${same})) as wrong`,
    );
    if (rows[0]!.wrong)
      throw new AppError(
        'site_inconsistent',
        'conflict',
        `Rows of ${child} would point at rows of ${parent} that are not there.`,
        {
          detail: 'The tables of the staging site differ from those of live. Nothing was changed.',
        },
      );
  }
}

/** Tables that point come before those that they point at; circles in any order. */
function childrenFirst(names: string[], pointers: Pointer[]): string[] {
  const left = new Set(names);
  const ordered: string[] = [];
  while (left.size > 0) {
    const free = [...left].filter(
      (name) => !pointers.some(({ child, parent }) => parent === name && child !== name && left.has(child)),
    );
    for (const name of free.length > 0 ? free : [...left].slice(0, 1)) {
      ordered.push(name);
      left.delete(name);
    }
  }
  return ordered;
}

async function readPointers(client: pg.Client, schema: string): Promise<Pointer[]> {
  const { rows } = await client.query<Pointer>(
    `select k.conname as name, child.relname as child, parent.relname as parent,
       (select json_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u (number, place) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
       (select json_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u (number, place) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number) as targets
     from pg_constraint k join pg_class child on child.oid = k.conrelid join pg_class parent on parent.oid = k.confrelid
     where k.contype = 'f' and k.conparentid = 0 and child.relnamespace = (select oid from pg_namespace where nspname = $1)
       and parent.relnamespace = child.relnamespace`,
    [schema],
  );
  return rows;
}
