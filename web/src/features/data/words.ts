/** What places, acts and verdicts are called. */
import type {
  DataAction,
  DataApp,
  DataDifference,
  DataEnvironment,
  DataPlace,
  DataTable,
  Verdict,
} from '../../../../contract/data.ts';

export const PLACE_NAMES: Record<DataPlace, string> = { staging: 'Staging', site: 'Staging site', live: 'Live' };
export const ENVIRONMENTS: Record<DataEnvironment, string> = {
  live: 'Live',
  staging: 'Rows in use, on staging',
  mirror: 'Copy of live, on staging',
  site: 'Staging site',
  draft: 'Drafts of chats',
};
export const ACTIONS: Record<DataAction, string> = { read: 'Read', insert: 'Add', update: 'Change', delete: 'Delete' };
export const VERDICTS: Record<Verdict, string> = { allow: 'Allowed', ask: 'Asks first', deny: 'Denied' };
export const GROUPS: Record<DataTable['group'], string> = {
  in_use: 'In use',
  mirrored: 'Copied from live',
  site: 'On the staging site',
  staging_only: 'Left in the copy',
  live_only: 'On live, without a copy',
};
export const GROUP_ORDER: DataTable['group'][] = ['in_use', 'mirrored', 'staging_only', 'site', 'live_only'];

/** What is said on a table's row and panel. */
export const differencesOf = (app: DataApp, table: string): DataDifference[] =>
  app.differences.filter((one) => one.table === table);
/** All that the page speaks of: the rows say each once. */
export const countDifferences = (apps: readonly DataApp[]): number =>
  apps.reduce((sum, { differences }) => sum + differences.length, 0);

/** Nothing where the server has not counted yet. */
export const rowsText = (rows: number | null): string => (rows === null ? '' : rows.toLocaleString('en'));
export const valueText = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
export const isNumber = (type: string): boolean =>
  /int|numeric|real|double|money/.test(type) && !type.includes('interval');
/** "21 Nov, 14:05" */
export const moment = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** The rules that refuse a statement, by the names that the router gives them. */
const RULES: Record<string, string> = {
  cascade: 'rows hang on it that are out of reach',
  catalogue: 'the lists of PostgreSQL itself are not read',
  collation: 'only orders of letters that PostgreSQL brings',
  column: 'a name of another database',
  copy_of_live: 'the copy of live is only read',
  cut_off: 'the server stopped meanwhile',
  empty: 'there was no statement',
  explain_option: 'an option of EXPLAIN that is not allowed',
  explain_runs: 'EXPLAIN must not run what it explains',
  failed: 'PostgreSQL could not do it',
  frozen: 'the container is frozen',
  function: 'a function that is not allowed',
  grammar: 'a part of SQL that is not allowed',
  kind_of_table: 'neither a table nor a view',
  locked: 'somebody else was writing these rows',
  memory: 'it needs more memory than one statement may have',
  nested_write: 'a write within another statement',
  no_draft: 'this chat has no draft',
  no_live: 'the container has no live database',
  nul: 'a character that PostgreSQL cannot keep',
  operator: 'an operator that is not allowed',
  permission: 'a table that may not be used here',
  pill: 'the message was for staging',
  read_only: 'only reading is allowed here',
  rewritten_table: 'a rule of the database changes what is written there',
  // as it was called before
  rule: 'a rule of this container',
  rule_of_container: 'a rule of this container',
  several: 'more than one statement',
  statement_kind: 'a kind of statement that is not allowed',
  syntax: 'not a statement that PostgreSQL reads',
  system_column: 'a column of PostgreSQL’s own',
  timeout: 'it took too long',
  too_deep: 'nested too deeply',
  too_long: 'too long',
  too_much: 'the answer is too large',
  type: 'a type that is not allowed',
  unavailable: 'the database did not answer',
  unknown_table: 'no such table here',
  unknown_type: 'no such type here',
  view: 'a view that reads with another’s rights',
  written_view: 'a view is not written',
};

/** Why a statement was refused, in a few words. */
export const wordsOfRule = (rule: string): string => RULES[rule] ?? rule.replaceAll('_', ' ');
