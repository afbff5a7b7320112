/** A person's message: the event and its turn are stored, and the job is enqueued, in one transaction; then the person is answered. */
import { randomUUID } from 'node:crypto';
import type { TurnKind } from '../../../contract/chats.ts';
import type { PickedElement } from '../../../contract/preview.ts';
import type { Access } from '../accounts/access-set.ts';
import { randomChat8 } from '../containers/slugs.ts';
import { type Db, maybe, one, run, sql, type Tx, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { EventLog } from '../events/log.ts';
import { enqueue } from '../jobs/queue.ts';
import type { Attachments } from './attachments.ts';
import { findChat } from './chats.ts';
import { tooLate } from './queued.ts';
import { titleOf } from './titles.ts';

const MOST_QUEUED = 20;

export interface Posted {
  chatId: string;
  containerId: string;
  turnId: string;
  seq: number;
}

export interface NewMessage {
  message: string;
  chatId?: string | undefined;
  appId?: string | undefined;
  containerId?: string | undefined;
  model?: string | undefined;
  mode?: TurnKind | undefined;
  /** of a form: what it changes in the spec */
  operations?: unknown[] | undefined;
  /** the plan that this carries out */
  planTurnId?: string | undefined;
  /** the turn whose message is written anew */
  replaces?: string | undefined;
  /** uploaded files, by id */
  attachments?: string[] | undefined;
  /** what the person points at in the preview */
  element?: PickedElement | undefined;
  /** the newest turn that there may be: guards against a second tab that was faster */
  after?: string | undefined;
}

/**
 * Stores a message, opening a chat for it where none is named.
 * @throws AppError `no_container`, `chat_not_found`, `app_not_found`, `queue_full`, `attachment_gone`
 */
export async function postMessage(
  parts: { db: Db; log: EventLog; attachments: Attachments },
  access: Access,
  input: NewMessage,
): Promise<Posted> {
  const { db, log } = parts;
  const carries = input.replaces ?? input.planTurnId;
  if (input.chatId && carries) await findChat(db, access, input.chatId);
  const carried = input.chatId ? await carriedOver(log, input.chatId, carries) : undefined;
  return transaction(db, async (tx) => {
    const chatId = input.chatId ?? (await openChat(tx, access, input));
    const chat = await maybe(
      tx,
      sql<{
        container_id: string;
        database: 'staging' | 'live';
        archived: boolean;
      }>`select container_id, database, archived_at is not null as archived from chats where id = ${chatId} and deleted_at is null for update`,
    );
    if (!chat || !access.containers.some(({ id }) => id === chat.container_id))
      throw new AppError('chat_not_found', 'missing', 'There is no such chat.');
    if (input.planTurnId) {
      const plan = await maybe(
        tx,
        sql`select 1 from turns where id = ${input.planTurnId} and chat_id = ${chatId} and mode = 'plan' and state = 'ended'`,
      );
      if (!plan) throw new AppError('plan_not_found', 'missing', 'There is no such plan in this chat.');
    }
    if (input.after) {
      const newest = await maybe(
        tx,
        sql<{
          id: string;
        }>`select id from turns where chat_id = ${chatId} and outcome is distinct from 'withdrawn' order by number desc limit 1`,
      );
      if (newest && newest.id !== input.after) throw chatMoved();
    }
    const mode = input.mode ?? 'build';
    const turn = await maybe(
      tx,
      sql<{ id: string }>`insert into turns (chat_id, number, database, mode, replaces, asked_by)
        select ${chatId}, coalesce(max(number), 0) + 1, ${chat.database}, ${mode}, ${input.replaces ?? null}::uuid, ${access.user.id} from turns where chat_id = ${chatId}
        having count(*) filter (where state = 'queued') < ${MOST_QUEUED} returning id`,
    );
    if (!turn)
      throw new AppError('queue_full', 'limit', `${MOST_QUEUED} messages wait already. Let some be answered first.`);
    const by = { id: access.user.id, name: access.user.name };
    const claimed = await parts.attachments.claim(tx, access.user.id, chatId, input.attachments ?? []);
    const attachments = [...(carried?.attachments ?? []), ...claimed];
    const element = input.element ?? carried?.element;
    const seq = await log.append(
      chatId,
      'message.user',
      {
        turnId: turn.id,
        messageId: randomUUID(),
        text: input.message,
        by,
        database: chat.database,
        ...(mode === 'build' ? {} : { mode }),
        ...(input.operations ? { operations: input.operations } : {}),
        ...(input.replaces ? { replaces: input.replaces } : {}),
        ...(input.planTurnId ? { plan: input.planTurnId } : {}),
        ...(attachments.length > 0 ? { attachments } : {}),
        ...(element ? { element } : {}),
      },
      tx,
    );
    if (chat.archived) await run(tx, sql`update chats set archived_at = null where id = ${chatId}`);
    await enqueue(tx, 'turn.run', { chatId }, { key: `turn.run:${chatId}` });
    return { chatId, containerId: chat.container_id, turnId: turn.id, seq };
  });
}

/** A message that is written anew, or whose plan is carried out, brings its files along. */
async function carriedOver(log: EventLog, chatId: string, turnId: string | undefined) {
  if (!turnId) return undefined;
  const asked = (await log.ofTurn(chatId, turnId)).find((event) => event.type === 'message.user');
  return asked?.type === 'message.user' ? asked.payload : undefined;
}

/** Somebody was faster, in another tab or elsewhere. */
export const chatMoved = () =>
  new AppError('turn_moved', 'conflict', 'This chat has moved on meanwhile.', {
    detail: 'Look at what it shows now, and try again.',
  });

async function openChat(tx: Tx, access: Access, input: NewMessage): Promise<string> {
  const container = input.containerId
    ? access.containers.find(({ id }) => id === input.containerId)
    : access.containers[0];
  if (!container) {
    throw new AppError('no_container', 'missing', 'There is no place to build in yet.', {
      detail: 'Ask the owner of this server for access.',
    });
  }
  if (input.appId) {
    const app = await maybe(
      tx,
      sql`select 1 from apps where id = ${input.appId} and container_id = ${container.id} and deleted_at is null`,
    );
    if (!app) throw new AppError('app_not_found', 'missing', 'There is no such app.');
  }
  const chat = await one(
    tx,
    sql<{ id: string }>`insert into chats (container_id, app_id, chat8, title, model, created_by)
      values (${container.id}, ${input.appId ?? null}, ${randomChat8()}, ${titleOf(input.message)}, ${input.model ?? null}, ${access.user.id}) returning id`,
  );
  return chat.id;
}

/** Takes back a message that waits in the queue. @throws AppError `too_late` when its turn has begun */
export async function withdrawMessage(
  db: Db,
  log: EventLog,
  access: Access,
  chatId: string,
  turnId: string,
): Promise<void> {
  await findChat(db, access, chatId);
  await transaction(db, async (tx) => {
    const done = await run(
      tx,
      sql`update turns set state = 'ended', outcome = 'withdrawn', ended_at = now() where id = ${turnId} and chat_id = ${chatId} and state = 'queued'`,
    );
    if (done === 0) throw tooLate();
    const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    await log.append(
      chatId,
      'turn.ended',
      { turnId, outcome: 'withdrawn', commit: null, files: 0, usage, costMicros: 0, ms: 0 },
      tx,
    );
  });
}
