/**
 * Examples of what a table's columns hold, for whoever has to write conditions on them: words that several rows share (a status, a city), and
 * never what may tell of one person. A column is left out by its name, by its kind, by a rule for people's data, and by how its values look.
 */
import pg from 'pg';
import type { CatalogTable } from './router/catalog.ts';

const id = pg.escapeIdentifier;
const MOST_VALUES = 4;
const LONGEST = 24;
const MOST_COLUMNS = 8;
const LOOKED_AT = 1000;
const MILLISECONDS = 1000;

/** Columns that are called like something of a person's, in four languages. Rather one too many. */
const PERSONAL =
  /name|nom|apellido|vorname|mail|correo|phone|tel|mobil|handy|fax|addr|adress|direcc|street|strasse|rue|calle|zip|plz|postal|birth|geburt|naiss|nacim|age$|alter$|gender|sex|geschlecht|iban|bic|konto|account|card|karte|tax|steuer|ssn|passport|pass|ausweis|licen|plate|ip$|^ip|mac$|lat|lon|geo|login|user|token|secret|key|hash|salt|sign|photo|face|health|diagnos|religio|note|notiz|comment|remark|bemerk|text|body|message|nachricht|descr|beschreib|url|link|web/i;
/** Values that look like something of a person's. */
const TELLING =
  /@|https?:|www\.|\d{5,}|\+\d|(?:\d[ .\-/]?){7,}|^[A-ZÄÖÜ][\p{L}'’-]+ (?:[A-ZÄÖÜ]\.? )?[A-ZÄÖÜ][\p{L}'’-]+$/u;

const mayShow = ({ name, type }: CatalogTable['columns'][number]): boolean =>
  /^(text|character varying)/.test(type) && !PERSONAL.test(name);

/**
 * @param client connected as the owner of the tables
 * @param masked `table.column` of which nothing may be shown
 * @returns by table, by column; a table without any has an empty object
 */
export async function readExamples(
  client: pg.Client,
  tables: readonly CatalogTable[],
  masked: ReadonlySet<string>,
): Promise<Map<string, Record<string, string[]>>> {
  const found = new Map<string, Record<string, string[]>>();
  await client.query(`set statement_timeout = ${MILLISECONDS}`);
  for (const { schema, name, kind, columns } of tables) {
    if (kind !== 'table') continue;
    const examples: Record<string, string[]> = {};
    const shown = columns.filter((column) => mayShow(column) && !masked.has(`${name}.${column.name}`));
    for (const column of shown.slice(0, MOST_COLUMNS)) {
      const values = await commonValues(client, `${id(schema)}.${id(name)}`, id(column.name)).catch(unlessTooSlow);
      if (values.length > 0 && !values.some((value) => value.length > LONGEST || TELLING.test(value)))
        examples[column.name] = values;
    }
    found.set(name, examples);
  }
  return found;
}

/** A column that takes too long has no examples. */
function unlessTooSlow(error: unknown): string[] {
  if ((error as { code?: string }).code === '57014') return [];
  throw error;
}

/** Those that at least three rows have; none where nearly every row has its own. */
async function commonValues(client: pg.Client, table: string, column: string): Promise<string[]> {
  const { rows } = await client.query<{ value: string; kinds: number }>(
    `select value, count(*) over ()::int as kinds from (select ${column}::text as value, count(*) as n from (select ${column} from ${table} limit ${LOOKED_AT}) first_ones
       where ${column} is not null group by 1 having count(*) >= 3) shared order by n desc, value limit ${MOST_VALUES}`,
  );
  return rows[0] && rows[0].kinds <= 30 ? rows.map(({ value }) => value).filter((value) => value.trim() !== '') : [];
}
