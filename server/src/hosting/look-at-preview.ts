/** A look at a chat's preview for a person of its container: the preview is woken, and the browser comes to it as that person's role. */
import { type Db, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { AppBrowser } from './browser/app-browser.ts';
import type { LookInput, LookResult } from './browser/schema.ts';
import { placeOf, readChatRecord } from './chat-places.ts';
import type { Runtime } from './running/runtime.ts';

export interface LookParts {
  db: Db;
  dataDir: string;
  runtime: Runtime;
  browser: AppBrowser;
}

/** @throws AppError `chat_not_found` when the person may not see the chat (any more), `no_app`, and what the browser throws */
export async function lookAtPreview(
  parts: LookParts,
  ask: { chatId: string; by: string; look: LookInput; element?: string | undefined; examine: boolean },
  signal: AbortSignal,
): Promise<LookResult> {
  const record = await readChatRecord(parts.db, ask.chatId);
  const member = await maybe(
    parts.db,
    sql<{
      role: string;
    }>`select role from members where user_id = ${ask.by} and organisation_id = ${record.organisationId}`,
  );
  if (!member) throw new AppError('chat_not_found', 'missing', 'There is no such chat.');
  const place = placeOf(record, parts.dataDir);
  await parts.runtime.wakePreview(ask.chatId);
  const key = `preview:${ask.chatId}`;
  const { instances } = parts.runtime;
  const leave = instances.enter(key);
  try {
    return await parts.browser.look(
      {
        ...ask.look,
        connect: () => instances.connect(key),
        audience: `chat:${place.chat8}`,
        role: member.role,
        label: `${place.appSlug}--c${place.chat8}--${place.containerSlug}`,
        element: ask.element,
        examine: ask.examine,
      },
      signal,
    );
  } finally {
    leave();
  }
}
