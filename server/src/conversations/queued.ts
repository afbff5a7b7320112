/**
 * Messages that wait in the queue and are written anew. The words of a message are an event, and events are never edited: new words are
 * a new event. The chat's row is locked as a claim locks it, so a message is either edited or answered as it was, never half of both.
 */
import type { TurnKind, TurnMode } from '../../../contract/chats.ts';
import type { Access } from '../accounts/access-set.ts';
import { type Db, maybe, one, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { EventLog } from '../events/log.ts';
import { findChat } from './chats.ts';

/** Its turn was taken before the person was done with it. */
export const tooLate = () =>
  new AppError('too_late', 'conflict', 'This message is being answered already.', {
    detail: 'Stop the turn, or undo it when it is done. What you wrote is still here: send it as a message of its own.',
  });

/**
 * Gives a waiting message new words.
 * @param input.seq the event whose words the person saw
 * @throws AppError `too_late` when its turn has begun, `message_changed` when another tab was faster
 */
export async function editQueued(
  db: Db,
  log: EventLog,
  access: Access,
  chatId: string,
  turnId: string,
  input: { message: string; mode?: TurnMode | undefined; seq: number },
): Promise<number> {
  await findChat(db, access, chatId);
  return transaction(db, async (tx) => {
    await one(tx, sql`select 1 from chats where id = ${chatId} for update`);
    const turn = await maybe(
      tx,
      sql<{ state: string; outcome: string | null; mode: TurnKind; seq: number }>`select t.state, t.outcome, t.mode,
          (select max(seq) from chat_events where chat_id = ${chatId} and turn_id = t.id and type in ('message.user', 'message.edited')) as seq
        from turns t where t.id = ${turnId} and t.chat_id = ${chatId}`,
    );
    if (!turn) throw new AppError('message_not_found', 'missing', 'There is no such message.');
    if (turn.outcome === 'withdrawn')
      throw new AppError('message_changed', 'conflict', 'This message was taken back meanwhile.', {
        detail: 'What you wrote is still here: send it as a message of its own.',
      });
    if (turn.state !== 'queued') throw tooLate();
    if (turn.seq !== input.seq)
      throw new AppError('message_changed', 'conflict', 'This message was changed in another tab meanwhile.', {
        detail: 'Look at its new words; yours are still here.',
      });
    if (turn.mode === 'form')
      throw new AppError(
        'form_change',
        'conflict',
        'This was changed in the form, and waits. Take it back and change it there.',
      );
    const mode = input.mode ?? turn.mode;
    await run(tx, sql`update turns set mode = ${mode} where id = ${turnId}`);
    const by = { id: access.user.id, name: access.user.name };
    return log.append(chatId, 'message.edited', { turnId, text: input.message, by, mode }, tx);
  });
}
