/**
 * Structured operations as SQL: in steps, each a transaction of its own where one that waited for the other would block a busy table. One file for
 * each kind of thing that is changed.
 */
import type { SchemaOperation } from '../../../../contract/schema-operations.ts';
import type { Catalog } from '../router/catalog.ts';
import { addColumn, alterColumn, dropColumn, renameColumn } from './columns.ts';
import { createIndex, dropIndex } from './indexes.ts';
import { Known } from './known.ts';
import { addEnumValue, createEnum, remark } from './lists.ts';
import { addCheck, addReference, addUnique, dropConstraint } from './rules.ts';
import type { Of, Step } from './steps.ts';
import { createTable, dropTable, renameTable } from './tables.ts';
import { createView, dropView } from './views.ts';

const STEPS: { [O in SchemaOperation['op']]: (operation: Of<O>, known: Known) => Step[] } = {
  create_table: createTable,
  rename_table: renameTable,
  drop_table: dropTable,
  add_column: addColumn,
  rename_column: renameColumn,
  alter_column: alterColumn,
  drop_column: dropColumn,
  add_check: addCheck,
  add_reference: addReference,
  add_unique: addUnique,
  drop_constraint: dropConstraint,
  create_index: createIndex,
  drop_index: dropIndex,
  create_enum: createEnum,
  add_enum_value: addEnumValue,
  create_view: createView,
  drop_view: dropView,
  comment: remark,
};

/**
 * @param catalog what the chat's draft has
 * @throws Refusal which names what cannot be
 */
export function stepsOf(operations: readonly SchemaOperation[], catalog: Catalog): Step[] {
  const known = new Known(catalog);
  return operations.flatMap((operation) => stepsFor(operation, known));
}

const stepsFor = <O extends SchemaOperation['op']>(operation: Of<O>, known: Known): Step[] =>
  (STEPS[operation.op as O] as (operation: Of<O>, known: Known) => Step[])(operation, known);
