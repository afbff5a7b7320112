/**
 * A message written anew: the chat goes back to before it was answered, and the new words are asked. The host takes files and draft back
 * first; a crash between the two leaves a chat that stands at the checkpoint, with Redo, and the same request goes on from there.
 */
import type { TurnMode } from '../../../contract/chats.ts';
import type { Access } from '../accounts/access-set.ts';
import { type Db, many, maybe, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { EventLog } from '../events/log.ts';
import type { HostApi } from '../hosting/api.ts';
import type { Attachments } from './attachments.ts';
import { type ChatRow, findChat } from './chats.ts';
import { chatMoved, type Posted, postMessage } from './messages.ts';

interface Parts {
  db: Db;
  log: EventLog;
  attachments: Attachments;
  host: HostApi;
}

/**
 * @param input.latest the newest turn that the person saw
 * @throws AppError `turn_moved`, `turn_running`, `merged`, `preview_used`
 */
export async function rerunMessage(
  parts: Parts,
  access: Access,
  chatId: string,
  input: { turnId: string; latest: string; message: string; mode: TurnMode; rows?: 'keep' | 'exact' | undefined },
): Promise<Posted> {
  const chat = await findChat(parts.db, access, chatId);
  const turn = await maybe(
    parts.db,
    sql<{ outcome: string | null; busy: boolean; latest: string }>`select t.outcome,
        exists (select 1 from turns o where o.chat_id = ${chatId} and o.state <> 'ended') as busy,
        (select id from turns n where n.chat_id = ${chatId} and n.outcome is distinct from 'withdrawn' order by n.number desc limit 1) as latest
      from turns t where t.id = ${input.turnId} and t.chat_id = ${chatId}`,
  );
  if (!turn || turn.outcome === 'withdrawn')
    throw new AppError('message_not_found', 'missing', 'There is no such message.');
  if (turn.busy)
    throw new AppError('turn_running', 'conflict', 'A turn is running.', {
      detail: 'Wait until it is done, or stop it; messages that wait must be taken back.',
    });
  if (turn.latest !== input.latest) throw chatMoved();
  const gone = await takeBack(parts, chat, { ...input, by: access.user.id });
  // read anew, so that a request that goes on after a crash tells what the first one could not
  const went = await many(
    parts.db,
    sql<{ id: string }>`select id from turns where undone_with = ${input.turnId} order by number`,
  );
  if (went.length > 0) {
    const others = went.map(({ id }) => id).filter((id) => id !== input.turnId);
    const by = { id: access.user.id, name: access.user.name };
    await parts.log.append(chatId, 'turn.undone', {
      turnId: input.turnId,
      by,
      files: gone.files,
      commit: gone.commit,
      redone: false,
      with: others,
    });
  }
  return postMessage(parts, access, {
    chatId,
    message: input.message,
    mode: input.mode,
    replaces: input.turnId,
    after: input.latest,
  });
}

async function takeBack(
  parts: Parts,
  chat: ChatRow,
  { turnId, by, rows }: { turnId: string; by: string; rows?: 'keep' | 'exact' | undefined },
) {
  if (chat.app_id) return parts.host.rewind({ chatId: chat.id, turnId, by, ...(rows ? { rows } : {}) });
  return { commit: null, files: 0, turns: await markUndone(parts.db, chat.id, turnId) };
}

/** A chat without an app has nothing but words to take back. @returns the turns that went, in order */
function markUndone(db: Db, chatId: string, turnId: string): Promise<string[]> {
  return transaction(db, async (tx) => {
    const rows = await many(
      tx,
      sql<{
        id: string;
      }>`select o.id from turns o join turns t on t.id = ${turnId} and t.chat_id = o.chat_id where o.chat_id = ${chatId} and o.number >= t.number
        and o.undone_at is null and o.outcome is distinct from 'withdrawn' order by o.number`,
    );
    const ids = rows.map(({ id }) => id);
    await run(tx, sql`update turns set undone_at = now(), undone_with = ${turnId} where id = any(${ids})`);
    return ids;
  });
}

/** Gives back the words that went with a turn of a chat without an app. @returns the turns that came back */
export async function bringBackWords(db: Db, turnId: string): Promise<string[]> {
  const rows = await many(
    db,
    sql<{
      id: string;
    }>`update turns set undone_at = null, undone_with = null where undone_with = ${turnId} or id = ${turnId} returning id`,
  );
  return rows.map(({ id }) => id);
}
