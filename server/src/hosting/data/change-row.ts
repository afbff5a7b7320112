/**
 * A row that a person adds, changes or removes by hand: a form's values become one statement, written out and as readable as one typed into the console,
 * and go its way: the same rules, the same question with the exact text, the same record.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { ChangeRow, ConsoleOutcome } from '../../../../contract/data.ts';
import { reservedWords } from '../../builds/spec/reserved.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { siteSchema } from '../../databases/names.ts';
import type { CatalogTable } from '../../databases/router/catalog.ts';
import { AppError } from '../../errors.ts';
import type { Console, ConsoleParts } from './console.ts';
import { findTable, readKey } from './rows.ts';

/** Runs, asks or refuses. @throws AppError `table_not_found`, `no_key`, `bad_cursor` (the key names no row), `bad_value`, `app_not_found`, `data_unavailable` */
export async function changeRow(
  parts: Pick<ConsoleParts, 'db'> & { cluster: DataCluster; console: Pick<Console, 'run'> },
  input: ChangeRow & { containerId: string; by: string },
): Promise<ConsoleOutcome> {
  const { containerId, appId, by, place, change } = input;
  const { standing, found, database } = await findTable(parts, input);
  if (change.kind !== 'remove') await refuseUnread(parts.cluster, database, found, change.values);
  // what both have is read from the copy of live: the staging site's own is named
  const name = place === 'site' ? `${plain(siteSchema(standing.appSlug))}.${plain(found.name)}` : plain(found.name);
  const sql = statementOf(name, found, change);
  return parts.console.run({ containerId, appId, by, target: place === 'live' ? 'live' : 'staging', sql });
}

/**
 * Says of each value that its column's type cannot read, before anybody is asked. Only types of PostgreSQL's own are tried: what reads others may be the app's.
 * @throws AppError `bad_value`
 */
async function refuseUnread(
  cluster: DataCluster,
  database: string,
  table: Pick<CatalogTable, 'columns'>,
  values: Record<string, string | null>,
): Promise<void> {
  const given = table.columns.filter(({ name }) => typeof values[name] === 'string' && !values[name].includes('\0'));
  const said = await cluster.readCatalogue(database, (client) =>
    client
      .query<{ message: string | null }>(
        `select case when t.typnamespace = 'pg_catalog'::regnamespace and t.typtype = 'b' then (pg_input_error_info(v.text, v.type)).message end as message
         from unnest($1::text[], $2::text[]) with ordinality v (text, type, at) left join pg_type t on t.oid = to_regtype(v.type) order by v.at`,
        [given.map(({ name }) => values[name]), given.map(({ type }) => type)],
      )
      .then(({ rows }) => rows)
      // before version 16 there is no such function: PostgreSQL says it when the statement runs
      .catch(() => []),
  );
  const wrong = said.flatMap(({ message }, at) => (message === null ? [] : [`${given[at]!.name}: ${message}`]));
  if (wrong.length > 0)
    throw new AppError('bad_value', 'invalid', `${wrong.join('. ')}.`, { detail: 'Nothing was changed.' });
}

/** @param name of the table, as it stands in the statement */
export function statementOf(
  name: string,
  table: Pick<CatalogTable, 'columns' | 'primaryKey'>,
  change: ChangeRow['change'],
): string {
  const types = new Map(table.columns.map((column) => [column.name, column.type]));
  const typeOf = (column: string): string => {
    const type = types.get(column);
    if (type === undefined) throw new AppError('table_not_found', 'missing', `There is no column ${column}.`);
    return type;
  };
  const value = (column: string, text: string | null): string => literalOf(typeOf(column), text);
  if (change.kind === 'add') {
    const given = Object.entries(change.values);
    if (given.length === 0) return `insert into ${name} default values`;
    const columns = given.map(([column]) => plain(column)).join(', ');
    return `insert into ${name} (${columns}) values (${given.map(([column, text]) => value(column, text)).join(', ')})`;
  }
  if (table.primaryKey.length === 0)
    throw new AppError('no_key', 'conflict', 'This table has no key that would name one of its rows.', {
      detail: 'Change its rows by a statement in the console.',
    });
  const key = readKey(change.key, table.primaryKey.length)!;
  const where = table.primaryKey.map((column, at) => `${plain(column)} = ${value(column, key[at]!)}`).join(' and ');
  if (change.kind === 'remove') return `delete from ${name} where ${where}`;
  const set = Object.entries(change.values).map(([column, text]) => `${plain(column)} = ${value(column, text)}`);
  const held = Object.entries(change.before ?? {})
    .filter(([column]) => column in change.values && !table.primaryKey.includes(column))
    .map(([column, text]) => ` and ${holds(plain(column), typeOf(column), text)}`);
  return `update ${name} set ${set.join(', ')} where ${where}${held.join('')}`;
}

/** Quoted only where it has to be: a person reads it before they say yes. */
const plain = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !reservedWords.has(name) ? name : pg.escapeIdentifier(name);

/** That a column still holds what was read of it; long texts by their fingerprint, so that the statement can still be read. */
function holds(column: string, type: string, text: string | null): string {
  if (text === null) return `${column} is null`;
  const asText = TEXT.test(type) ? column : `${column}::text`;
  if (text.length > LONGEST_COMPARED)
    return `md5(${asText}) = ${pg.escapeLiteral(createHash('md5').update(text).digest('hex'))}`;
  return COMPARED.test(type) ? `${column} = ${literalOf(type, text)}` : `${asText} = ${literalOf('text', text)}`;
}

const LONGEST_COMPARED = 200;
const TEXT = /^(?:text|character varying(?:\(\d+\))?)$/;
/** Types of which two values are the same where they read the same; others are compared as texts, as json has no = of its own. */
const COMPARED =
  /^(?:text|character(?: varying)?(?:\(\d+\))?|boolean|smallint|integer|bigint|real|double precision|numeric(?:\(.*\))?|uuid|date|time(?:stamp)?(?:\(\d\))? with(?:out)? time zone)$/;

const WHOLE = /^(?:smallint|integer|bigint)$/;
// a real is not among them: 0.1 as it is written is no real, and equals none
const NUMBERS = /^(?:double precision|numeric(?:\(.*\))?)$/;

function literalOf(type: string, text: string | null): string {
  if (text === null) return 'null';
  if (text.includes('\0'))
    throw new AppError('bad_value', 'invalid', 'PostgreSQL cannot keep the character NUL.', {
      detail: 'Leave it out.',
    });
  // with a point it would be rounded, and is refused as a text
  if (WHOLE.test(type) && /^-?\d{1,40}$/.test(text)) return text;
  if (NUMBERS.test(type) && /^-?\d{1,40}(?:\.\d{1,40})?$/.test(text)) return text;
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text;
  // one with a backslash begins with a space
  return pg.escapeLiteral(text).trimStart();
}
