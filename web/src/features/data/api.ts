/** Calls of the Data page. */
import type {
  ChangeKind,
  ChangeRow,
  ChangeSource,
  ConsoleOutcome,
  ConsoleTarget,
  DataBack,
  DataCall,
  DataCell,
  DataChange,
  DataDropped,
  DataPlace,
  DataRows,
  DataRule,
  DataTables,
  DescribeTable,
  EffectiveRule,
  SetRule,
} from '../../../../contract/data.ts';
import type { Mask } from '../../../../contract/mirrors.ts';
import type { Reminder, ReminderPreview } from '../../../../contract/reminders.ts';
import { ApiError, api } from '../../lib/api.ts';

export const dataKeys = {
  tables: ['data', 'tables'] as const,
  dropped: ['data', 'dropped'] as const,
  back: ['data', 'back'] as const,
  rows: ['data', 'rows'] as const,
  calls: ['data', 'calls'] as const,
  changes: ['data', 'changes'] as const,
  rules: ['data', 'rules'] as const,
  reminders: ['data', 'reminders'] as const,
  reminderPreview: ['data', 'reminder-preview'] as const,
  masks: ['data', 'masks'] as const,
};

const query = (params: Record<string, string | boolean | undefined>): string =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  ).toString();

export interface TableRef {
  appId: string;
  place: DataPlace;
  table: string;
}

export interface ChangeFilter {
  appId?: string | undefined;
  table?: string | undefined;
  person?: string | undefined;
  kind?: ChangeKind | undefined;
  reads?: boolean;
}

export const readTables = () => api<DataTables>('GET', '/api/data/tables');
export const describeTable = (said: DescribeTable) => api('PUT', '/api/data/tables', said);
export const listDropped = () => api<{ items: DataDropped[] }>('GET', '/api/data/kept').then(({ items }) => items);
export const bringBack = ({ app, place, release, table, column }: DataDropped) =>
  api<{ name: string; rows: number }>('POST', '/api/data/kept', { appId: app.id, place, release, table, column });
export const listBack = () => api<{ items: DataBack[] }>('GET', '/api/data/back').then(({ items }) => items);
export const removeBack = ({ app, place, table, column }: DataBack) =>
  api('POST', '/api/data/back/remove', { appId: app.id, place, table, column });
export const readRows = (of: TableRef, page: { order: string; after?: string; before?: string }) =>
  api<DataRows>('GET', `/api/data/rows?${query({ ...of, ...page })}`);
export const readCell = (of: TableRef, key: string, column: string) =>
  api<DataCell>('GET', `/api/data/cell?${query({ ...of, key, column })}`);
export const changeRow = (of: TableRef, change: ChangeRow['change']) =>
  api<ConsoleOutcome>('POST', '/api/data/rows', { ...of, change });
export const runStatement = (appId: string, target: ConsoleTarget, sql: string) =>
  api<ConsoleOutcome>('POST', '/api/data/sql', { appId, target, sql });
export const agreeTo = (askId: string) => api<ConsoleOutcome>('POST', `/api/data/asks/${askId}/agree`);
/** No to a question of one's own; also where it is not open any more, and so is a no already. */
export const decline = (askId: string): Promise<void> =>
  api<void>('POST', `/api/data/asks/${askId}/decline`).catch((error) => {
    if (!(error instanceof ApiError && error.problem.code === 'ask_gone')) throw error;
  });
export const listOwnCalls = () => api<{ items: DataCall[] }>('GET', '/api/data/calls').then(({ items }) => items);
export const listChanges = (filter: ChangeFilter, after?: string) =>
  api<{ items: DataChange[]; next: string | null }>('GET', `/api/data/changes?${query({ ...filter, after })}`);
export const openChange = (source: ChangeSource, id: string) =>
  api<{ statement: string }>('GET', `/api/data/changes/${source}/${id}`).then(({ statement }) => statement);
export const listRules = () => api<{ items: DataRule[] }>('GET', '/api/data/rules').then(({ items }) => items);
export const readEffective = (appId: string, table: string, person: string | undefined) =>
  api<{ items: EffectiveRule[] }>('GET', `/api/data/rules/effective?${query({ appId, table, person })}`).then(
    ({ items }) => items,
  );
export const setRule = (rule: SetRule) => api('PUT', '/api/data/rules', rule);
export const setFrozen = (frozen: boolean) => api('PUT', '/api/data/freeze', { frozen });

export const giveLive = (appId: string) => api('POST', `/api/apps/${appId}/live`);
export const fillSite = (appId: string) => api<{ tables: string[]; rows: number }>('POST', `/api/apps/${appId}/site`);

export const readMasks = (appId: string) =>
  api<{ items: Mask[] }>('GET', `/api/apps/${appId}/masks`).then(({ items }) => items);
export const writeMasks = (appId: string, items: Mask[]) => api('PUT', `/api/apps/${appId}/masks`, { items });

export const listReminders = (chatId?: string) =>
  api<{ items: Reminder[] }>('GET', `/api/reminders?${query({ chatId })}`).then(({ items }) => items);
export const previewReminder = (id: string) => api<ReminderPreview>('GET', `/api/reminders/${id}/preview`);
export const applyReminder = (id: string, digest: string) =>
  api<{ outcome: ConsoleOutcome | null }>('POST', `/api/reminders/${id}/apply`, { digest });
export const dismissReminder = (id: string, reason: string) => api('POST', `/api/reminders/${id}/dismiss`, { reason });
export const reopenReminder = (id: string) => api('POST', `/api/reminders/${id}/reopen`);
