/** The statements of each kind of change. Every one is exactly one statement, unqualified, and leaves transactions to the runner. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { tableOf } from '../spec/naming.ts';
import { fillEmpty, fitValues } from './backfill.ts';
import { conversion } from './conversion.ts';
import { checkName, condition, defaultOf, notNull, primaryName, sqlType, uniqueName } from './sql.ts';

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
  ];
  return [`CREATE TABLE ${table} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)`];
}

/** The named rules of a field. */
function constraints(table: string, field: Field): string[] {
  const rule = condition(field);
  return [
    ...(rule ? [`CONSTRAINT ${checkName(table, field.column)} CHECK (${rule})`] : []),
    ...(field.unique ? [`CONSTRAINT ${uniqueName(table, field.column)} UNIQUE (${field.column})`] : []),
  ];
}

export const dropTable = (table: string): string[] => [`DROP TABLE ${table}`];

/** Renames a table and everything that is named after it. @param fields as they are called at that moment */
export function renameTable(from: string, to: string, fields: Field[]): string[] {
  return [
    `ALTER TABLE ${from} RENAME TO ${to}`,
    `ALTER TABLE ${to} RENAME CONSTRAINT ${primaryName(from)} TO ${primaryName(to)}`,
    ...fields.flatMap((field) => renameConstraints(to, field, [from, field.column], [to, field.column])),
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
  ];
}

/** Adds a column. Rows that exist stay empty where they may, and get the field's plainest value where they may not. */
export function addColumn(table: string, field: Field): string[] {
  const alter = (what: string) => `ALTER TABLE ${table} ${what}`;
  const preset = defaultOf(field);
  return [
    alter(`ADD COLUMN ${field.column} ${sqlType(field)}`),
    ...(notNull(field) ? [fillEmpty(table, field), alter(`ALTER COLUMN ${field.column} SET NOT NULL`)] : []),
    ...(preset ? [alter(`ALTER COLUMN ${field.column} SET DEFAULT ${preset}`)] : []),
    ...constraints(table, field).map((rule) => alter(`ADD ${rule}`)),
  ];
}

export const dropColumn = (table: string, column: string): string[] => [`ALTER TABLE ${table} DROP COLUMN ${column}`];

/** Changes the type and the rules of a column; `before` and `after` have the same column. Nothing to do gives no statement. */
export function alterColumn(table: string, before: Field, after: Field): string[] {
  const { column } = after;
  const alter = (what: string) => `ALTER TABLE ${table} ${what}`;
  const onColumn = (what: string) => alter(`ALTER COLUMN ${column} ${what}`);
  const typed = before.type !== after.type;
  const [ruleBefore, ruleAfter] = [condition(before), condition(after)];
  const [presetBefore, presetAfter] = [defaultOf(before), defaultOf(after)];
  const ruled = ruleBefore !== ruleAfter;
  const fit = typed || ruled ? fitValues(table, after) : undefined;
  return [
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
