/** What statements of changes do, in a few words with the names of tables and columns. What they do exactly, they say themselves. */

const MOST = 8;
/** Names stand at the beginning of a statement. */
const MOST_READ = 1000;
/** Of very many statements the first say enough. */
const MOST_STATEMENTS = 1000;
const NAME = String.raw`("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{M}\p{N}_$]*)`;
/** As PostgreSQL has it: no longer than this. */
const LONGEST_NAME = 63;
const bare = (name: string): string =>
  (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name).slice(0, LONGEST_NAME);
/** Over text with single spaces: nothing in it can fit in two ways, so it costs no more than its length. */
const form = (text: string): RegExp => new RegExp(`^${text.replaceAll('NAME', NAME)}`, 'iu');
/** Words before the first `on`, each in one way only. */
const UNTIL_ON = '(?:(?!on )[^ ]+ )*';

/** The first form that fits says it; which of the names are tables stands behind it where it is not the first one alone. */
const FORMS: [RegExp, (...names: string[]) => string, tables?: number[]][] = [
  [form('create table(?: if not exists)? NAME'), (table) => `new table ${table}`],
  [form('drop table(?: if exists)? NAME'), (table) => `removed table ${table}`],
  [form('alter table(?: only)? NAME rename to NAME'), (from, to) => `table ${from} is now ${to}`, [0, 1]],
  [
    form('alter table(?: only)? NAME rename (?:column )?NAME to NAME'),
    (table, from, to) => `${table}.${from} is now ${to}`,
  ],
  [
    form('alter table(?: only)? NAME add column(?: if not exists)? NAME'),
    (table, column) => `new column ${table}.${column}`,
  ],
  [
    form('alter table(?: only)? NAME drop column(?: if exists)? NAME'),
    (table, column) => `removed column ${table}.${column}`,
  ],
  [form('alter table(?: only)? NAME alter(?: column)? NAME'), (table, column) => `changed column ${table}.${column}`],
  [form('alter table(?: only)? NAME'), (table) => `changed rules of ${table}`],
  [form(`create (?:unique )?index ${UNTIL_ON}on (?:only )?NAME`), (table) => `new index on ${table}`],
  [form('update NAME'), (table) => `filled in ${table}`],
  [form('insert into NAME'), (table) => `added rows to ${table}`],
  [form('delete from NAME'), (table) => `removed rows of ${table}`],
  [form('create(?: or replace)? view NAME'), (view) => `view ${view}`],
  [form('create(?: or replace)? function NAME'), (name) => `function ${name}`, []],
  [form('drop view(?: if exists)? NAME'), (view) => `removed view ${view}`],
  [form('drop function(?: if exists)? NAME'), (name) => `removed function ${name}`, []],
  [form('drop policy(?: if exists)? NAME on NAME'), (_policy, table) => `who may see rows of ${table}`, [1]],
  [form('create policy NAME on NAME'), (_policy, table) => `who may see rows of ${table}`, [1]],
  [form('create type NAME'), (type) => `list of values ${type}`, []],
  [
    form(`(?:grant|revoke) ${UNTIL_ON}on (?:table )?(?!(?:function|schema|sequence|type) )NAME`),
    (table) => `what the app may do with ${table}`,
  ],
];

/** What goes along with a table or column that is named already, and says no more than that. */
const ALONG = /^(?:changed rules of|new index on|what the app may do with) (.*)$/u;

/** As `new column customers.phone, changed rules of orders`; empty where nothing is known of them. */
export function wordsOfStatements(statements: readonly string[]): string {
  const words = new Set(found(statements).map(([[, say], names]) => say(...names)));
  const named = [...words].filter((word) => !ALONG.test(word));
  const all = [...words].filter((word) => {
    const table = ALONG.exec(word)?.[1];
    return !table || !named.some((other) => other.endsWith(` ${table}`) || other.includes(` ${table}.`));
  });
  const more = all.length - MOST;
  return more > 0 ? `${all.slice(0, MOST).join(', ')} and ${more} more` : all.join(', ');
}

/** The tables that they are about, by the same forms. Where nothing is known of a statement, none. */
export const tablesOfStatements = (statements: readonly string[]): string[] => [
  ...new Set(found(statements).flatMap(([[, , tables = [0]], names]) => tables.map((at) => names[at]!))),
];

/** A bounded amount of work, whatever they are: they may be somebody else's. */
function found(statements: readonly string[]): [(typeof FORMS)[number], string[]][] {
  return statements.slice(0, MOST_STATEMENTS).flatMap((statement) => {
    const beginning = statement.slice(0, MOST_READ).trimStart().replace(/\s+/g, ' ');
    for (const fits of FORMS) {
      const names = fits[0].exec(beginning);
      if (names) return [[fits, names.slice(1).map(bare)] as [(typeof FORMS)[number], string[]]];
    }
    return [];
  });
}
