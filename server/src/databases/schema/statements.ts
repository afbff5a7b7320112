/**
 * Structured operations as SQL: in steps, each a transaction of its own where one that waited for the other would block a busy table. One file for
 * each kind of thing that is changed.
 */
import type { SchemaOperation } from '../../../../contract/schema-operations.ts';
import type { Catalog } from '../router/catalog.ts';
import { Refusal } from '../router/refusal.ts';
import type { Access } from './access.ts';
import { addColumn, alterColumn, dropColumn, renameColumn } from './columns.ts';
import { createFunction, dropFunction } from './functions.ts';
import { grant, revoke } from './grants.ts';
import { createIndex, dropIndex } from './indexes.ts';
import { Known } from './known.ts';
import { addEnumValue, createEnum, remark } from './lists.ts';
import { createPolicy, disableRowSecurity, dropPolicy, enableRowSecurity } from './policies.ts';
import { addCheck, addReference, addUnique, dropConstraint } from './rules.ts';
import type { Of, Step } from './steps.ts';
import { createTable, dropTable, renameTable } from './tables.ts';
import { createView, dropView } from './views.ts';

const STEPS: { [O in SchemaOperation['op']]: (operation: Of<O>, known: Known) => Step[] } = {
  create_table: createTable,
  // told to whoever works on the app, no change of the database
  describe_table: ({ table }, known) => {
    known.columns(table);
    return [];
  },
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
  enable_row_security: enableRowSecurity,
  disable_row_security: disableRowSecurity,
  create_policy: createPolicy,
  drop_policy: dropPolicy,
  create_function: createFunction,
  drop_function: dropFunction,
  grant,
  revoke,
  comment: remark,
};

/**
 * @param catalog what the chat's draft has
 * @throws Refusal which names what cannot be
 */
export function stepsOf(operations: readonly SchemaOperation[], catalog: Catalog, access: Access): Step[] {
  refuseNul(operations);
  const known = new Known(catalog, access);
  return operations.flatMap((operation) => stepsFor(operation, known));
}

/** PostgreSQL's texts have none, and a parser would stop there and not see the rest. */
function refuseNul(value: unknown): void {
  if (typeof value === 'string' && value.includes('\0'))
    throw new Refusal('nul', 'A text contains a NUL byte.', 'Send plain text.');
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) refuseNul(part);
}

const stepsFor = <O extends SchemaOperation['op']>(operation: Of<O>, known: Known): Step[] =>
  (STEPS[operation.op as O] as (operation: Of<O>, known: Known) => Step[])(operation, known);
