/** Chats: who may see one, how it is shown, what a person can set. A chat that one may not see answers as if it did not exist. */

import type { RawBuilder } from 'kysely';
import type { Chat, ContextPart } from '../../../contract/chats.ts';
import type { Access } from '../accounts/access-set.ts';
import { type Db, many, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { InstanceReport } from '../hosting/api.ts';
import { addressOf } from '../hosting/gateway/addresses.ts';

export interface ChatRow {
  id: string;
  container_id: string;
  organisation_id: string;
  container_slug: string;
  chat8: string;
  title: string;
  assistant: string;
  model: string | null;
  status: Chat['status'];
  database: Chat['database'];
  created_by: string;
  last_seq: number;
  created_at: Date;
  updated_at: Date;
  archived_at: Date | null;
  deleted_at: Date | null;
  spending_limit: number | null;
  app_id: string | null;
  app_slug: string | null;
  app_name: string | null;
  app_colour: string | null;
  app_icon: string | null;
  app_mode: string | null;
  turn_id: string | null;
  turn_number: number | null;
  turn_state: 'queued' | 'running' | 'waiting' | 'ended' | null;
  asks: boolean;
  reminders: number;
  undo_turn: string | null;
  /** turns that can come back at this point, the one that went last first */
  redoable: string[];
  input_tokens: number;
  output_tokens: number;
  cost_micros: number;
  context_tokens: number;
  context_parts: { part: ContextPart; tokens: number }[];
}

/** A turn that changed files, or rows of the draft. */
const changed = (turn: RawBuilder<unknown>) =>
  sql`(${turn}.commit_after is distinct from ${turn}.commit_before or exists (select 1 from checkpoints p where p.turn_id = ${turn}.id and p.draft_schema is not null))`;

const select = (where: RawBuilder<unknown>) => sql<ChatRow>`
  select h.id, h.container_id, c.organisation_id, c.slug as container_slug, h.chat8, h.title, h.assistant, h.model, h.status, h.database,
    h.created_by, h.last_seq, h.created_at, h.updated_at, h.archived_at, h.deleted_at, h.spending_limit,
    a.id as app_id, a.slug as app_slug, a.name as app_name, a.colour as app_colour, a.icon as app_icon, a.mode as app_mode,
    t.id as turn_id, t.number as turn_number, t.state as turn_state,
    exists (select 1 from questions q where q.chat_id = h.id and q.answered_at is null) as asks,
    (select count(*)::int from reminders o where o.chat_id = h.id and o.state = 'open') as reminders,
    -- Undo takes back the newest turn that changed something; Redo gives back what was taken back last, as long as nothing was changed since
    (select u.id from turns u where u.chat_id = h.id and u.state = 'ended' and u.undone_at is null and ${changed(sql`u`)}
       and u.commit_after = h.head_commit and not exists (select 1 from turns r where r.chat_id = h.id and r.state in ('running', 'waiting', 'queued'))
       order by u.number desc limit 1) as undo_turn,
    array(select u.id from turns u left join checkpoints k on k.turn_id = u.id
       where u.chat_id = h.id and u.undone_at is not null and coalesce(u.undone_with, u.id) = u.id and coalesce(k.commit, u.commit_before) is not distinct from h.head_commit
       and not exists (select 1 from turns r where r.chat_id = h.id and r.undone_at is null and (r.state <> 'ended' or (r.number > u.number and ${changed(sql`r`)})))
       order by u.undone_at desc, u.number) as redoable,
    l.*, coalesce(m.tokens, 0)::float8 as context_tokens, coalesce(m.parts, '[]'::jsonb) as context_parts
  from chats h
  join containers c on c.id = h.container_id
  left join apps a on a.id = h.app_id
  left join context_measures m on m.chat_id = h.id
  left join lateral (select id, number, state from turns where chat_id = h.id order by (state in ('running', 'waiting')) desc, (state = 'queued') desc, number desc limit 1) t on true
  left join lateral (select coalesce(sum(input_tokens + cache_read_tokens + cache_write_tokens), 0)::float8 as input_tokens, coalesce(sum(output_tokens), 0)::float8 as output_tokens,
    coalesce(sum(coalesce(cost_micros, reserved_micros)), 0)::float8 as cost_micros from usage_ledger where chat_id = h.id) l on true
  ${where}`;

/** The chat, if the person may see it; a deleted one only where that is asked for. @throws AppError `chat_not_found` */
export async function findChat(
  db: Db,
  access: Access,
  chatId: string,
  options: { deleted?: boolean } = {},
): Promise<ChatRow> {
  const deleted = options.deleted ? sql`h.deleted_at is not null` : sql`h.deleted_at is null`;
  const row = await maybe(db, select(sql`where h.id = ${chatId} and ${deleted} and h.removed_at is null`));
  if (!row || !access.containers.some((container) => container.id === row.container_id)) {
    throw new AppError('chat_not_found', 'missing', 'There is no such chat.');
  }
  return row;
}

/** The chat for the platform itself. */
export async function readChat(db: Db, chatId: string): Promise<ChatRow> {
  const row = await maybe(db, select(sql`where h.id = ${chatId}`));
  if (!row) throw new AppError('chat_not_found', 'missing', 'There is no such chat.');
  return row;
}

/** What whoever works on a chat needs of it: read often, so without what only screens show. */
export type ChatHead = Pick<
  ChatRow,
  'id' | 'container_id' | 'organisation_id' | 'title' | 'assistant' | 'model' | 'app_id' | 'app_slug' | 'app_name'
>;

/** @throws AppError `chat_not_found` */
export async function readHead(db: Db, chatId: string): Promise<ChatHead> {
  const row = await maybe(
    db,
    sql<ChatHead>`select h.id, h.container_id, c.organisation_id, h.title, h.assistant, h.model, a.id as app_id, a.slug as app_slug, a.name as app_name
      from chats h join containers c on c.id = h.container_id left join apps a on a.id = h.app_id where h.id = ${chatId}`,
  );
  if (!row) throw new AppError('chat_not_found', 'missing', 'There is no such chat.');
  return row;
}

/** Which chats a list is of. */
export type Shelf = 'open' | 'archived' | 'deleted';
const SHELVES: Record<Shelf, RawBuilder<unknown>> = {
  open: sql`h.deleted_at is null and h.archived_at is null`,
  archived: sql`h.deleted_at is null and h.archived_at is not null`,
  deleted: sql`h.deleted_at is not null and h.removed_at is null`,
};

/** A container's chats, newest first. `before` is the update time of the last one seen. */
export function listChats(
  db: Db,
  containerId: string,
  options: { shelf: Shelf; before?: string | undefined; limit: number },
): Promise<ChatRow[]> {
  const before = options.before ? sql`and h.updated_at < ${new Date(options.before)}` : sql``;
  return many(
    db,
    select(
      sql`where h.container_id = ${containerId} and ${SHELVES[options.shelf]} ${before} order by h.updated_at desc limit ${options.limit}`,
    ),
  );
}

/** How the API shows a chat. What only the host knows is passed in. */
export function showChat(
  row: ChatRow,
  known: {
    transport?: Chat['transport'];
    preview?: InstanceReport | undefined;
    maxTokens?: number | null;
    baseUrl: string;
  },
): Chat {
  const app =
    row.app_id && row.app_slug
      ? {
          id: row.app_id,
          slug: row.app_slug,
          name: row.app_name ?? row.app_slug,
          colour: row.app_colour ?? 'slate',
          icon: row.app_icon ?? 'layout-grid',
        }
      : null;
  return {
    id: row.id,
    containerId: row.container_id,
    title: row.title,
    assistant: row.assistant,
    model: row.model,
    app,
    status: row.status,
    transport: known.transport ?? 'open',
    database: row.database,
    databases: row.app_mode === 'dual-repository' ? ['staging', 'live'] : ['staging'],
    branch: `chat/${row.chat8}`,
    preview: {
      url: app ? addressOf(known.baseUrl, row.container_slug, app.slug, row.chat8) : null,
      state: app ? (known.preview?.state ?? 'asleep') : 'none',
      message: known.preview?.message ?? null,
    },
    turn: row.turn_id ? { id: row.turn_id, number: row.turn_number!, state: row.turn_state! } : null,
    asks: row.asks,
    reminders: row.reminders,
    undo: row.undo_turn ? { turnId: row.undo_turn } : null,
    redo: row.redoable[0] ? { turnId: row.redoable[0] } : null,
    redoable: row.redoable,
    usage: { inputTokens: row.input_tokens, outputTokens: row.output_tokens, costMicros: row.cost_micros },
    spendingLimit: row.spending_limit,
    context: { usedTokens: row.context_tokens, maxTokens: known.maxTokens ?? null, parts: row.context_parts },
    lastSeq: row.last_seq,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    archived: row.archived_at !== null,
    deletedAt: row.deleted_at?.toISOString() ?? null,
  };
}
