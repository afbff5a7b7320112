/** Calls about chats. */

import type { Chat, ConflictFile, FileDiff, SearchPage, TurnMode } from '../../../../contract/chats.ts';
import type { Draft } from '../../../../contract/drafts.ts';
import type { ModelCall } from '../../../../contract/models.ts';
import type { PickedElement } from '../../../../contract/preview.ts';
import { api, download } from '../../lib/api.ts';

export const chatKeys = {
  list: ['chats'] as const,
  shelf: (name: 'archived' | 'deleted') => ['chats', name] as const,
  search: (q: string) => ['search', q] as const,
  one: (id: string) => ['chat', id] as const,
  diff: (id: string, version: number) => ['chat', id, 'diff', version] as const,
  conflicts: (id: string, version: number) => ['chat', id, 'conflicts', version] as const,
  log: (id: string) => ['chat', id, 'log'] as const,
  calls: (id: string, turnId: string) => ['chat', id, 'calls', turnId] as const,
};

export const listChats = () => api<{ items: Chat[] }>('GET', '/api/chats?limit=100').then((page) => page.items);
export const getChat = (id: string) => api<Chat>('GET', `/api/chats/${id}`);
export interface MessageOptions {
  chatId?: string;
  appId?: string;
  model?: string;
  mode?: TurnMode;
  planTurnId?: string;
  /** files that were uploaded, by id */
  attachments?: string[];
  element?: PickedElement;
}
export const sendMessage = (message: string, more: MessageOptions = {}) =>
  api<{ chatId: string; turnId: string; seq: number }>('POST', '/api/chat', { message, ...more });
export const patchChat = (id: string, patch: Record<string, unknown>) => api<Chat>('PATCH', `/api/chats/${id}`, patch);
export const stopTurn = (id: string) => api('POST', `/api/chats/${id}/stop`);
export const undoTurn = (id: string, turnId: string, rows?: 'keep' | 'exact') =>
  api<Chat>('POST', `/api/chats/${id}/undo`, { turnId, ...(rows ? { rows } : {}) });
export const redoTurn = (id: string, turnId: string) => api<Chat>('POST', `/api/chats/${id}/redo`, { turnId });
export const mergeChat = (id: string, destroys = false) =>
  api<{ number: number }>('POST', `/api/chats/${id}/merge`, { destroys });
export const listArchived = () =>
  api<{ items: Chat[] }>('GET', '/api/chats?archived=true&limit=100').then((page) => page.items);
export const getDraft = (id: string) => api<Draft>('GET', `/api/chats/${id}/draft`);
export const startDraftAgain = (id: string) =>
  api<{ rows: number; sampled: boolean }>('POST', `/api/chats/${id}/draft/again`);
export const updateChat = (id: string) =>
  api<{ files: number; conflicts: { path: string; reason: string }[] }>('POST', `/api/chats/${id}/update`);
export const getConflicts = (id: string) =>
  api<{ items: ConflictFile[] }>('GET', `/api/chats/${id}/conflicts`).then((page) => page.items);
export const resolveConflicts = (id: string, files: ConflictFile[]) =>
  api<{ left: number }>('POST', `/api/chats/${id}/conflicts`, { files });
export const callsOfTurn = (id: string, turnId: string) =>
  api<{ items: ModelCall[] }>('GET', `/api/chats/${id}/turns/${turnId}/calls`).then((page) => page.items);
export const answerQuestion = (id: string, questionId: string, answer: string) =>
  api('POST', `/api/chats/${id}/answer`, { questionId, answer });
export const editQueued = (id: string, turnId: string, edit: { message: string; seq: number; mode?: TurnMode }) =>
  api<{ seq: number }>('PATCH', `/api/chats/${id}/queue/${turnId}`, edit);
export const rerun = (
  id: string,
  again: { turnId: string; latest: string; message: string; rows?: 'keep' | 'exact'; mode?: TurnMode },
) => api<{ turnId: string }>('POST', `/api/chats/${id}/rerun`, again);
export const search = (q: string, cursor?: string) =>
  api<SearchPage>('GET', `/api/search?${new URLSearchParams({ q, ...(cursor ? { cursor } : {}) })}`);
export const exportChat = (id: string) => download(`/api/chats/${id}/export`);
export const deleteChat = (id: string, unmerged: 'refuse' | 'lose') =>
  api('DELETE', `/api/chats/${id}?unmerged=${unmerged}`);
export const restoreChat = (id: string) => api<Chat>('POST', `/api/chats/${id}/restore`);
export const listDeleted = () =>
  api<{ items: Chat[] }>('GET', '/api/chats?deleted=true&limit=100').then((page) => page.items);
export const withdraw = (id: string, turnId: string) => api('DELETE', `/api/chats/${id}/queue/${turnId}`);
export const getDiff = (id: string) =>
  api<{ files: FileDiff[] }>('GET', `/api/chats/${id}/diff?from=main`).then((diff) => diff.files);
export const getLog = (id: string) =>
  api<{ lines: { at: string; stream: string; text: string }[] }>('GET', `/api/chats/${id}/log`).then(
    (log) => log.lines,
  );
export const wakePreview = (id: string, restart = false) =>
  api<{ state: string; message: string | null }>('POST', `/api/chats/${id}/preview`, { restart });
export const appCode = (host: string, nonceHash: string) =>
  api<{ code: string }>('POST', '/api/auth/app-code', { host, nonceHash }).then((reply) => reply.code);
