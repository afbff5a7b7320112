/** Another chat of the same app, as a model may read it: by the title that people know it by. */
import { type Db, many, sql } from '../db/database.ts';
import type { EventLog } from '../events/log.ts';
import type { OtherChat } from '../gates/tool.ts';
import { transcriptOf } from './prompt.ts';

const LINES = ['message.user', 'message.edited', 'message.assistant', 'tool.result'] as const;
const MOST_NAMED = 5;

/** @returns a sentence for the model where no chat, or more than one, is meant */
export async function findOtherChat(
  parts: { db: Db; log: EventLog },
  chat: { id: string; app_id: string | null },
  wanted: string,
): Promise<OtherChat | string> {
  const title = wanted.trim();
  if (!chat.app_id || title === '') return 'This chat has no app yet, so no other chat has changed it.';
  const rows = await many(
    parts.db,
    sql<{
      id: string;
      title: string;
      exact: boolean;
    }>`select id, title, lower(title) = lower(${title}) as exact from chats
      where app_id = ${chat.app_id} and id <> ${chat.id} and deleted_at is null
        and (lower(title) = lower(${title}) or position(lower(${title}) in lower(title)) > 0)
      order by exact desc, updated_at desc limit ${MOST_NAMED + 1}`,
  );
  const meant = rows.filter(({ exact }) => exact);
  const found = meant.length > 0 ? meant : rows;
  if (found.length === 0) return `No other chat of this app is called “${title}”.`;
  if (found.length > 1)
    return `Several chats are called so: ${found
      .slice(0, MOST_NAMED)
      .map((one) => `“${one.title}”`)
      .join(', ')}. Ask which one is meant.`;
  const { id } = found[0]!;
  const undone = await many(
    parts.db,
    sql<{ id: string }>`select id from turns where chat_id = ${id} and undone_at is not null`,
  );
  const events = await parts.log.ofTypes(id, [...LINES]);
  return { id, title: found[0]!.title, transcript: transcriptOf(events, new Set(undone.map((turn) => turn.id))) };
}
