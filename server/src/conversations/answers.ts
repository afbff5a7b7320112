/** A person's answer to a question of a turn: stored with the job that lets the turn go on. */

import type { Access } from '../accounts/access-set.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, maybe, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { EventLog } from '../events/log.ts';
import { enqueue } from '../jobs/queue.ts';
import { findChat } from './chats.ts';

/** @throws AppError `question_closed` when it was answered, or its turn is over */
export async function answerQuestion(
  parts: { db: Db; log: EventLog; keys: DataKeys },
  access: Access,
  chatId: string,
  input: { questionId: string; answer: string },
): Promise<void> {
  const chat = await findChat(parts.db, access, chatId);
  await transaction(parts.db, async (tx) => {
    const question = await maybe(
      tx,
      sql<{
        turn_id: string;
        waiting: boolean;
      }>`select q.turn_id, t.state = 'waiting' as waiting from questions q join turns t on t.id = q.turn_id
        where q.id = ${input.questionId} and q.chat_id = ${chatId} and q.answered_at is null for update of q`,
    );
    if (!question?.waiting)
      throw new AppError('question_closed', 'conflict', 'This question has been answered already.');
    const sealed = await parts.keys.seal(chat.organisation_id, `answer ${input.questionId}`, input.answer, tx);
    await run(
      tx,
      sql`update questions set answer = ${sealed}, answered_by = ${access.user.id}, answered_at = now() where id = ${input.questionId}`,
    );
    const by = { id: access.user.id, name: access.user.name };
    await parts.log.append(
      chatId,
      'question.answered',
      { turnId: question.turn_id, questionId: input.questionId, answer: input.answer, by },
      tx,
    );
    await enqueue(tx, 'turn.run', { chatId }, { key: `turn.run:${chatId}` });
  });
}
