/** The statements of each kind of change. Every one is exactly one statement, unqualified, and leaves transactions to the runner. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { isPointer } from '../spec/kinds.ts';
import { tableOf } from '../spec/naming.ts';
import { fillEmpty, fitValues } from './backfill.ts';
import { conversion } from './conversion.ts';
import {
  checkName,
  condition,
  defaultOf,
  FILES_TABLE,
  foreignKey,
  foreignName,
  indexName,
  notNull,
  PEOPLE_TABLE,
  pairName,
  primaryName,
  sqlType,
  uniqueName,
} from './sql.ts';

/** The table that a pointer of a field leads to. */
export type Target = (field: Field) => string;

export function createTable(entity: Entity): string[] {
  const table = tableOf(entity);
  const lines = [
    `id uuid CONSTRAINT ${primaryName(table)} PRIMARY KEY DEFAULT uuidv7()`,
    ...entity.fields.map((field) => {
      const preset = defaultOf(field);
      return `${field.column} ${sqlType(field)}${notNull(field) ? ' NOT NULL' : ''}${preset ? ` DEFAULT ${preset}` : ''}`;
    }),
    'created_at timestamptz NOT NULL DEFAULT now()',
    'updated_at timestamptz NOT NULL DEFAULT now()',
    ...entity.fields.flatMap((field) => constraints(table, field)),
    ...(pairOf(entity) ? [`CONSTRAINT ${pairName(table)} UNIQUE (${pairOf(entity)!.join(', ')})`] : []),
  ];
  return [`CREATE TABLE ${table} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)`];
}

/** The two columns that tie rows of two entities together: each pair once. */
function pairOf(entity: Entity): string[] | undefined {
  const [one, other] = entity.fields.filter((field) => field.type === 'reference');
  return entity.link && one && other ? [one.column, other.column] : undefined;
}

/** What makes the pointers of a table lead somewhere, once all tables are there. */
export const addPointers = (table: string, fields: Field[], target: Target): string[] =>
  fields
    .filter(isPointer)
    .flatMap((field) => [
      `ALTER TABLE ${table} ADD CONSTRAINT ${foreignName(table, field.column)} ${foreignKey(field, target(field))}`,
      `CREATE INDEX ${indexName(table, field.column)} ON ${table} (${field.column})`,
    ]);

/** Files are kept in the app's own tables: its copies, undo and backups then hold them too. */
export const createFiles = (): string[] => [
  `CREATE TABLE ${FILES_TABLE} (
  id uuid CONSTRAINT ${FILES_TABLE}_pkey PRIMARY KEY DEFAULT uuidv7(),
  name text NOT NULL CONSTRAINT ${FILES_TABLE}_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
  type text NOT NULL,
  content bytea NOT NULL CONSTRAINT ${FILES_TABLE}_content_check CHECK (octet_length(content) <= 5242880),
  created_at timestamptz NOT NULL DEFAULT now()
)`,
];

/** Who uses an app that has roles, and as what. */
export const createPeople = (): string[] => [
  `CREATE TABLE ${PEOPLE_TABLE} (
  id text CONSTRAINT ${PEOPLE_TABLE}_pkey PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  role text,
  first_seen timestamptz NOT NULL DEFAULT now()
)`,
];

/** The named rules of a field. */
function constraints(table: string, field: Field): string[] {
  const rule = condition(field);
  return [
    ...(rule ? [`CONSTRAINT ${checkName(table, field.column)} CHECK (${rule})`] : []),
    ...(field.unique ? [`CONSTRAINT ${uniqueName(table, field.column)} UNIQUE (${field.column})`] : []),
  ];
}

/** CASCADE takes along only the rules by which other tables point at it. */
export const dropTable = (table: string): string[] => [`DROP TABLE ${table} CASCADE`];

/** Renames a table and everything that is named after it. @param entity with its fields as they are called at that moment */
export function renameTable(from: string, to: string, entity: Entity): string[] {
  return [
    `ALTER TABLE ${from} RENAME TO ${to}`,
    `ALTER TABLE ${to} RENAME CONSTRAINT ${primaryName(from)} TO ${primaryName(to)}`,
    ...(pairOf(entity) ? [`ALTER TABLE ${to} RENAME CONSTRAINT ${pairName(from)} TO ${pairName(to)}`] : []),
    ...entity.fields.flatMap((field) => renameConstraints(to, field, [from, field.column], [to, field.column])),
  ];
}

/** Renames a column and its rules. @param field as it is called at that moment, apart from its column */
export function renameColumn(table: string, field: Field, from: string, to: string): string[] {
  return [
    `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to}`,
    ...renameConstraints(table, field, [table, from], [table, to]),
  ];
}

function renameConstraints(table: string, field: Field, from: [string, string], to: [string, string]): string[] {
  const rename = (before: string, after: string) => `ALTER TABLE ${table} RENAME CONSTRAINT ${before} TO ${after}`;
  return [
    ...(condition(field) ? [rename(checkName(...from), checkName(...to))] : []),
    ...(field.unique ? [rename(uniqueName(...from), uniqueName(...to))] : []),
    ...(isPointer(field)
      ? [
          rename(foreignName(...from), foreignName(...to)),
          `ALTER INDEX ${indexName(...from)} RENAME TO ${indexName(...to)}`,
        ]
      : []),
  ];
}

/** Adds a column. Rows that exist stay empty where they may, and get the field's plainest value where they may not. */
export function addColumn(table: string, field: Field, target: Target): string[] {
  const alter = (what: string) => `ALTER TABLE ${table} ${what}`;
  const preset = defaultOf(field);
  return [
    alter(`ADD COLUMN ${field.column} ${sqlType(field)}`),
    ...(notNull(field) ? [fillEmpty(table, field), alter(`ALTER COLUMN ${field.column} SET NOT NULL`)] : []),
    ...(preset ? [alter(`ALTER COLUMN ${field.column} SET DEFAULT ${preset}`)] : []),
    ...constraints(table, field).map((rule) => alter(`ADD ${rule}`)),
    ...addPointers(table, [field], target),
  ];
}

export const dropColumn = (table: string, column: string): string[] => [`ALTER TABLE ${table} DROP COLUMN ${column}`];

/** Changes the type and the rules of a column; `before` and `after` have the same column. Nothing to do gives no statement. */
export function alterColumn(table: string, before: Field, after: Field, target: Target): string[] {
  const { column } = after;
  const alter = (what: string) => `ALTER TABLE ${table} ${what}`;
  const onColumn = (what: string) => alter(`ALTER COLUMN ${column} ${what}`);
  const typed = before.type !== after.type;
  const [ruleBefore, ruleAfter] = [condition(before), condition(after)];
  const [presetBefore, presetAfter] = [defaultOf(before), defaultOf(after)];
  const ruled = ruleBefore !== ruleAfter;
  const fit = typed || ruled ? fitValues(table, after) : undefined;
  const pointed = isPointer(after) && foreignKey(before, '') !== foreignKey(after, '');
  return [
    ...(pointed
      ? [
          alter(`DROP CONSTRAINT ${foreignName(table, column)}`),
          alter(`ADD CONSTRAINT ${foreignName(table, column)} ${foreignKey(after, target(after))}`),
        ]
      : []),
    ...(ruled && ruleBefore ? [alter(`DROP CONSTRAINT ${checkName(table, column)}`)] : []),
    ...(before.unique && !after.unique ? [alter(`DROP CONSTRAINT ${uniqueName(table, column)}`)] : []),
    ...(presetBefore && (typed || !presetAfter) ? [onColumn('DROP DEFAULT')] : []),
    ...(notNull(before) && (typed || !notNull(after)) ? [onColumn('DROP NOT NULL')] : []),
    ...(typed ? [onColumn(`TYPE ${sqlType(after)} USING ${conversion(before, after)}`)] : []),
    ...(fit ? [fit] : []),
    ...(notNull(after) && (typed || !notNull(before)) ? [fillEmpty(table, after), onColumn('SET NOT NULL')] : []),
    ...(presetAfter && (typed || presetBefore !== presetAfter) ? [onColumn(`SET DEFAULT ${presetAfter}`)] : []),
    ...(ruled && ruleAfter ? [alter(`ADD CONSTRAINT ${checkName(table, column)} CHECK (${ruleAfter})`)] : []),
    ...(after.unique && !before.unique
      ? [alter(`ADD CONSTRAINT ${uniqueName(table, column)} UNIQUE (${column})`)]
      : []),
  ];
}
