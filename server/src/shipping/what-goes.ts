/** What statements would remove from tables that have rows now, in words with numbers. */
import pg from 'pg';

const id = pg.escapeIdentifier;
const NAME = `("(?:[^"]|"")+"|[a-z_][a-z0-9_]*)`;
const COLUMN = new RegExp(`^alter table (?:only )?(?:if exists )?${NAME} drop column (?:if exists )?${NAME}`, 'i');
const TABLE = new RegExp(`^drop table (?:if exists )?${NAME}`, 'i');
const MOST_COUNTED = 1_000_000;

const count = (n: number, what: string): string => (n === 1 ? `1 ${what}` : `${n} ${what}s`);

const bare = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();

/**
 * @param client connected to the tables as their owner
 * @returns for example `mobile of customers (12 values)`, `notes (3 rows)`
 */
export async function whatGoes(client: pg.Client, statements: readonly string[]): Promise<string[]> {
  const words: string[] = [];
  for (const statement of statements) {
    const [, table, column] = COLUMN.exec(statement) ?? TABLE.exec(statement) ?? [];
    if (!table) continue;
    const counted = await client
      .query<{ n: number }>(
        `select count(*)::int as n from (select 1 from ${id(bare(table))} ${column ? `where ${id(bare(column))} is not null` : ''} limit ${MOST_COUNTED}) counted`,
      )
      .then(({ rows }) => rows[0]!.n)
      // what is not there (yet) loses nothing
      .catch(() => 0);
    words.push(
      column
        ? `${bare(column)} of ${bare(table)} (${count(counted, 'value')})`
        : `${bare(table)} (${count(counted, 'row')})`,
    );
  }
  return words;
}
