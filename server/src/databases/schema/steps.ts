/** What a change is made of: a statement with what it locks, whether it writes the table anew, and what it destroys. */
import pg from 'pg';
import type { SchemaEffect, SchemaOperation } from '../../../../contract/schema-operations.ts';

export const id = pg.escapeIdentifier;
export const literal = pg.escapeLiteral;

/** Above so many rows a table counts as busy: what would hold it for long is taken apart. */
export const BUSY_ROWS = 10_000;

type SchemaAction =
  | 'create_table'
  | 'rename_table'
  | 'drop_table'
  | 'add_column'
  | 'rename_column'
  | 'alter_column'
  | 'drop_column'
  | 'other';

export interface Step {
  action: SchemaAction;
  /** for the change's id: add-customers-points */
  name: string;
  tables: string[];
  statements: string[];
  effects: SchemaEffect[];
  destructive: boolean;
  phase: 'expand' | 'contract';
  /** not in a transaction, so that nobody waits */
  concurrently: boolean;
}

/** Those of PostgreSQL’s manual, “Explicit Locking” and “ALTER TABLE”, in words. */
export const LOCKS = {
  none: 'Nobody waits',
  brief: 'Everybody on this table waits for a moment',
  scan: 'Everybody on this table waits while all rows are read',
  rewrite: 'Everybody on this table waits while it is written anew',
  writers: 'Whoever writes to this table waits while the index is built',
  both: 'Whoever writes to either table waits for a moment',
};

/** The app's runtime role, whose name differs from database to database: put in its place where a change is made. */
export const APP = '"the app"';

export type Of<O extends SchemaOperation['op']> = Extract<SchemaOperation, { op: O }>;

/** A step of one statement. */
export const one = (
  action: SchemaAction,
  name: string,
  tables: string[],
  statement: string,
  locks: string,
  more: { rewrites?: boolean; destroys?: string; asks?: string; concurrently?: boolean; contract?: boolean } = {},
): Step => ({
  action,
  name: name.replaceAll('_', '-').slice(0, 60),
  tables,
  statements: [statement],
  effects: [
    {
      statement,
      tables,
      locks,
      rewrites: more.rewrites ?? false,
      destroys: more.destroys ?? null,
      ...(more.asks ? { asks: more.asks } : {}),
    },
  ],
  destructive: more.destroys !== undefined,
  phase: more.contract || more.destroys !== undefined ? 'contract' : 'expand',
  concurrently: more.concurrently ?? false,
});
