/** Calls about the spec of a chat's app. */
import type { Spec } from '../../../../contract/spec.ts';
import type { SpecOperation, SpecPreview } from '../../../../contract/spec-operations.ts';
import { api } from '../../lib/api.ts';

export const specKey = (chatId: string, version: number) => ['chat', chatId, 'spec', version] as const;

export const getSpec = (chatId: string) =>
  api<{ spec: Spec | null; imported: boolean }>('GET', `/api/chats/${chatId}/spec`);
export const previewSpec = (chatId: string, operations: SpecOperation[]) =>
  api<SpecPreview>('POST', `/api/chats/${chatId}/spec/preview`, { operations });
export const changeSpec = (chatId: string, operations: SpecOperation[]) =>
  api<{ turnId: string }>('POST', `/api/chats/${chatId}/spec`, { operations });
