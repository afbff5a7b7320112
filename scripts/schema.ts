/** Writes server/migrations/schema.sql from a freshly migrated database, or with --check says whether it has drifted. */
import { readFile, writeFile } from 'node:fs/promises';
import { many, sql } from '../server/src/db/database.ts';
import { startTestCluster } from '../server/src/db/test-database.ts';

const FILE = new URL('../server/migrations/schema.sql', import.meta.url);

interface Column {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
  default: string | null;
}

const test = await startTestCluster();
try {
  const { db } = await test.platform();
  const columns = await many(
    db,
    sql<Column>`select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as "type", not a.attnotnull as nullable, pg_get_expr(d.adbin, d.adrelid) as "default"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where n.nspname = 'public' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and c.relname not like 'kysely%' order by 1, a.attnum`,
  );
  const constraints = await many(
    db,
    sql<{
      table: string;
      text: string;
    }>`select conrelid::regclass::text as "table", conname || ' ' || pg_get_constraintdef(oid) as text from pg_constraint
      where connamespace = 'public'::regnamespace and contype <> 'n' and conrelid::regclass::text not like 'kysely%' order by 1, 2`,
  );
  const indexes = await many(
    db,
    sql<{
      text: string;
    }>`select indexdef as text from pg_indexes where schemaname = 'public' and tablename not like 'kysely%'
      and indexname not in (select conname from pg_constraint) order by tablename, indexname`,
  );
  const triggers = await many(
    db,
    sql<{
      text: string;
    }>`select pg_get_triggerdef(oid) as text from pg_trigger where not tgisinternal order by tgrelid::regclass::text, tgname`,
  );
  const tables = [...new Set(columns.map((column) => column.table))];
  const text = [
    '-- The platform database as the migrations make it. Written by `node scripts/schema.ts`; never edited by hand.',
    ...tables.map((table) => {
      const lines = columns
        .filter((column) => column.table === table)
        .map(
          (column) =>
            `  ${column.column} ${column.type}${column.nullable ? '' : ' not null'}${column.default ? ` default ${column.default}` : ''}`,
        );
      const rules = constraints
        .filter((constraint) => constraint.table === table)
        .map((constraint) => `  constraint ${constraint.text}`);
      return `create table ${table} (\n${[...lines, ...rules].join(',\n')}\n);`;
    }),
    indexes.map((index) => `${index.text};`).join('\n'),
    triggers.map((trigger) => `${trigger.text};`).join('\n'),
  ].join('\n\n');
  const current = await readFile(FILE, 'utf8').catch(() => '');
  if (process.argv.includes('--check')) {
    if (current !== `${text}\n`) {
      console.error('server/migrations/schema.sql has drifted from the migrations. Run: node scripts/schema.ts');
      process.exitCode = 1;
    }
  } else await writeFile(FILE, `${text}\n`);
} finally {
  await test.stop();
}
