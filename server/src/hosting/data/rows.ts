/**
 * A table's rows, page by page along its primary key: the server walks an index from where the last page ended, so the ten-millionth row costs what
 * the first does. The statement goes the way of every other one: as a role that may read what the rules let this person read.
 */
import pg from 'pg';
import type { DataCell, DataPlace, DataRows } from '../../../../contract/data.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { appSchema, siteSchema } from '../../databases/names.ts';
import { type CatalogTable, readCatalog } from '../../databases/router/catalog.ts';
import type { Result } from '../../databases/router/router.ts';
import { targetOf } from '../../databases/router/targets.ts';
import { AppError } from '../../errors.ts';
import { askAs, type ConsoleParts } from './console.ts';
import { type DataStanding, readStanding } from './standing.ts';

const PAGE = 50;
const LONGEST_SHOWN = 200;
/** Characters of a page. */
const PAGE_TEXT = 150_000;
const LONGEST_WHOLE = 150_000;
/** Types whose values are short by themselves, and are given as they are. */
const SHORT =
  /^(boolean|smallint|integer|bigint|real|double precision|numeric(\(.*\))?|money|uuid|date|oid|interval|time(stamp)?(\(\d\))? with(out)? time zone|character varying\(\d{1,2}\)|character\(\d{1,2}\))$/;

const id = pg.escapeIdentifier;
/** A column of the table, and never one of the answer by the same name. */
const of = (column: string): string => `t.${id(column)}`;
const literal = pg.escapeLiteral;

export interface TableRef {
  containerId: string;
  appId: string;
  by: string;
  place: DataPlace;
  table: string;
}

type Parts = Pick<ConsoleParts, 'db' | 'keys' | 'router'> & { cluster: DataCluster };

/** @throws AppError `table_not_found`, `bad_cursor`, `data_refused`, `data_asks`, `app_not_found`, `data_unavailable` */
export async function readRows(
  parts: Parts,
  input: TableRef & { order: 'up' | 'down'; after?: string | undefined; before?: string | undefined },
): Promise<DataRows> {
  const { standing, found, name } = await findTable(parts, input);
  const keys = found.primaryKey;
  const from = readKey(input.after ?? input.before, keys.length);
  const backwards = input.before !== undefined;
  const down = (input.order === 'down') !== backwards;
  const cut = Math.max(20, Math.min(LONGEST_SHOWN, Math.floor(PAGE_TEXT / PAGE / Math.max(1, found.columns.length))));
  const shown = found.columns.map((column) =>
    SHORT.test(column.type) ? of(column.name) : `left(${of(column.name)}::text, ${cut + 1})`,
  );
  const list = keys.map(of).join(', ');
  const sql = [
    `select ${[...shown, ...keys.map((key) => `${of(key)}::text`)].join(', ') || 'null'} from ${name}`,
    from ? `where (${list}) ${down ? '<' : '>'} (${from.map(literal).join(', ')})` : '',
    keys.length > 0 ? `order by ${keys.map((key) => `${of(key)}${down ? ' desc' : ''}`).join(', ')}` : '',
    `limit ${PAGE + 1}`,
  ].join(' ');
  const result = await read(parts, standing, input, sql);
  const width = found.columns.length;
  const more = result.more || result.rows.length > PAGE;
  const rows = result.rows.slice(0, PAGE);
  if (backwards) rows.reverse();
  const keyOf = (row: unknown[] | undefined): string | null =>
    row && keys.length > 0 ? Buffer.from(JSON.stringify(row.slice(width))).toString('base64url') : null;
  const [first, last] = [keyOf(rows[0]), keyOf(rows.at(-1))];
  return {
    columns: found.columns.map(({ name: column, type, notNull, filled, writable }) => ({
      name: column,
      type,
      notNull,
      filled,
      writable,
      key: keys.includes(column),
      references: null,
    })),
    items: rows.map((row) => {
      const long = (value: unknown, at: number) => shown[at]!.startsWith('left(') && String(value ?? '').length > cut;
      return {
        key: keyOf(row),
        values: row.slice(0, width).map((value, at) => (long(value, at) ? String(value).slice(0, cut) : value)),
        cut: row.slice(0, width).flatMap((value, at) => (long(value, at) ? [at] : [])),
      };
    }),
    next: (backwards ? rows.length > 0 : more) ? last : null,
    previous: (backwards ? more : from !== undefined) ? first : null,
    keyed: keys.length > 0,
    ms: result.ms,
  };
}

/** One value as a whole. @throws AppError as `readRows`, and `row_gone` */
export async function readCell(parts: Parts, input: TableRef & { key: string; column: string }): Promise<DataCell> {
  const { standing, found, name } = await findTable(parts, input);
  const column = found.columns.find((one) => one.name === input.column);
  const key = readKey(input.key, found.primaryKey.length);
  if (!column || !key) throw new AppError('table_not_found', 'missing', 'There is no such column.');
  const list = found.primaryKey.map(of).join(', ');
  const text = `${of(column.name)}::text`;
  const sql = `select left(${text}, ${LONGEST_WHOLE}), length(${text}) from ${name} where (${list}) = (${key.map(literal).join(', ')})`;
  const { rows } = await read(parts, standing, input, sql);
  if (!rows[0]) throw new AppError('row_gone', 'missing', 'This row is not there any more.');
  const [value, length] = rows[0] as [string | null, number | null];
  return { value, type: column.type, length: length ?? 0, whole: (length ?? 0) <= LONGEST_WHOLE };
}

/** @throws AppError `table_not_found`, `app_not_found`, `data_unavailable` */
export async function findTable(parts: Pick<Parts, 'db' | 'cluster'>, input: TableRef) {
  const standing = await readStanding(parts.db, input, 'browse');
  const gone = () => new AppError('table_not_found', 'missing', 'There is no such table.');
  if (input.place !== 'staging' && standing.mode !== 'dual-repository') throw gone();
  const schema = input.place === 'site' ? siteSchema(standing.appSlug) : appSchema(standing.appSlug);
  const target = targetOf(standing, input.place === 'live' ? 'live' : 'staging');
  const { tables } = await parts.cluster.readCatalogue(target.database, (client) => readCatalog(client, [schema]));
  const found: CatalogTable | undefined = tables.get(`${schema}.${input.table}`);
  if (!found || found.kind === 'other') throw gone();
  return { standing, found, database: target.database, name: `${id(schema)}.${id(found.name)} as t` };
}

async function read(parts: Parts, standing: DataStanding, { by, place }: TableRef, sql: string): Promise<Result> {
  const target = place === 'live' ? 'live' : 'staging';
  const outcome = await askAs(parts, standing, { by, target, sql, agent: 'browse' });
  if (outcome.kind === 'answer') return outcome.result;
  if (outcome.kind === 'ask')
    throw new AppError('data_asks', 'conflict', 'Reading this table asks first.', {
      detail: `${outcome.ask.because} Read it in the console, where the question is put.`,
    });
  throw new AppError('data_refused', 'forbidden', outcome.message, outcome.allowed ? { detail: outcome.allowed } : {});
}

/** The values that name a row, in the order of the key's columns. @throws AppError `bad_cursor` */
export function readKey(text: string | undefined, parts: number): string[] | undefined {
  if (text === undefined) return undefined;
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    key = undefined;
  }
  if (!Array.isArray(key) || parts === 0 || key.length !== parts || !key.every((part) => typeof part === 'string'))
    throw new AppError('bad_cursor', 'invalid', 'This key names no row of the table.', {
      detail: 'Begin at the first page.',
    });
  return key;
}
