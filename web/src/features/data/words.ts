/** What places, acts and verdicts are called. */
import type { DataAction, DataEnvironment, DataPlace, DataTable, Verdict } from '../../../../contract/data.ts';

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
  site: 'Only on the staging site',
  staging_only: 'Only on staging',
  live_only: 'Only on live',
};
export const GROUP_ORDER: DataTable['group'][] = ['in_use', 'mirrored', 'staging_only', 'site', 'live_only'];

export const rowsText = (rows: number | null): string => (rows === null ? 'not counted' : rows.toLocaleString('en'));
export const valueText = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
export const isNumber = (type: string): boolean =>
  /int|numeric|real|double|money/.test(type) && !type.includes('interval');
/** "21 Nov, 14:05" */
export const moment = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
