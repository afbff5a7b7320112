/** Money and tokens: the most that a call can take is reserved before it and settled after it, so that a limit holds even with calls under way. */

import type { ModelCall } from '../../../contract/models.ts';
import { type Db, many, one, quick, quickTransaction, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { FAILURE_WORDS, type FailureKind } from './failures.ts';
import { entryOf, type ModelEntry } from './models/catalogue.ts';
import type { Candidate, Tried } from './models/fallback.ts';
import { costOf, mostCostOf, mostTokensOf, noUsage, type Usage } from './models/price.ts';

export interface Reservation<C = unknown> {
  id: string;
  /** the models whose call fits under the limits: the first, and those after it that do */
  candidates: C[];
}

/** Who pays: a turn of a chat, or an organisation for something beside its chats. */
export interface Scope {
  organisationId: string;
  chatId?: string;
  turnId?: string;
}

const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(2)}`;
const tokens = (n: number): string => `${n.toLocaleString('en')} tokens`;

type Spent = { own: number | null } & Record<
  'turn' | 'chat' | 'day' | 'turn_tokens' | 'chat_tokens' | 'day_tokens',
  number
> &
  Record<'per_turn' | 'per_chat' | 'per_day' | 'tokens_per_turn' | 'tokens_per_chat' | 'tokens_per_day', number | null>;

/** What a person can do when a limit holds. */
const WAYS_OUT = {
  turn: 'Raise the limit in Settings as the owner, ask for less at once, or go on with the built-in builder.',
  chat: 'Raise the limit in Settings as the owner, begin a new chat, or go on with the built-in builder.',
  day: 'Raise the limit in Settings as the owner, go on tomorrow, or go on with the built-in builder.',
  chat_own: 'Raise it in this chat’s menu under “Limit”, or go on with the built-in builder.',
};

/**
 * Reserves the most that a call can take, whichever of the models answers it. One that comes later in the order and could go over a limit
 * is left out; the first is refused.
 * @param promptCharacters the length of what is sent
 * @throws AppError `limit_turn`, `limit_chat`, `limit_day` or `limit_chat_own` when the first would go over a limit
 */
export async function reserve<C extends Pick<Candidate, 'entry'>>(
  db: Db,
  scope: Scope,
  candidates: readonly C[],
  promptCharacters: number,
): Promise<Reservation<C>> {
  const chatId = scope.chatId ?? null;
  const turnId = scope.turnId ?? null;
  const put = async (on: Db, fitting: readonly C[]): Promise<Reservation<C>> => {
    const most = fitting.map(({ entry }) => mostOf(entry, promptCharacters));
    const { id } = await one(
      on,
      sql<{
        id: string;
      }>`insert into usage_ledger (organisation_id, chat_id, turn_id, provider, model, reserved_micros, reserved_tokens)
        values (${scope.organisationId}, ${chatId}, ${turnId}, ${candidates[0]!.entry.provider}, ${candidates[0]!.entry.id},
          ${Math.max(...most.map(({ micros }) => micros))}, ${Math.max(...most.map((one) => one.tokens))}) returning id`,
    );
    return { id, candidates: [...fitting] };
  };
  // a person waits for the first word: where nothing is limited nothing is added up
  if (!(await isLimited(db, scope.organisationId, chatId))) return put(quick(db), candidates);
  return quickTransaction(db, async (tx) => {
    // one reservation at a time per organisation, or two could both fit under the same limit
    await run(tx, sql`select pg_advisory_xact_lock(hashtextextended(${scope.organisationId}, 1))`);
    const spent = await one(
      tx,
      sql<Spent>`
        select coalesce(sum(m) filter (where turn_id = ${turnId}), 0)::float8 as turn, coalesce(sum(m) filter (where chat_id = ${chatId}), 0)::float8 as chat,
          coalesce(sum(m) filter (where created_at >= date_trunc('day', now())), 0)::float8 as day,
          coalesce(sum(k) filter (where turn_id = ${turnId}), 0)::float8 as turn_tokens, coalesce(sum(k) filter (where chat_id = ${chatId}), 0)::float8 as chat_tokens,
          coalesce(sum(k) filter (where created_at >= date_trunc('day', now())), 0)::float8 as day_tokens,
          max(l.per_turn) as per_turn, max(l.per_chat) as per_chat, max(l.per_day) as per_day,
          max(l.tokens_per_turn) as tokens_per_turn, max(l.tokens_per_chat) as tokens_per_chat, max(l.tokens_per_day) as tokens_per_day,
          (select spending_limit from chats where id = ${chatId}) as own
        from (select 1) one
        left join lateral (select turn_id, chat_id, created_at, coalesce(cost_micros, reserved_micros) as m,
          reserved_tokens + input_tokens + output_tokens + cache_read_tokens + cache_write_tokens as k
          from usage_ledger where organisation_id = ${scope.organisationId} and (chat_id = ${chatId} or created_at >= date_trunc('day', now()))) u on true
        left join spending_limits l on l.organisation_id = ${scope.organisationId}`,
    );
    const fitting = candidates.filter(({ entry }, at) => {
      const objection = overLimit(spent, mostOf(entry, promptCharacters));
      if (objection && at === 0) throw objection;
      return !objection;
    });
    return put(tx, fitting);
  });
}

/** Whether any limit holds for a chat: the organisation's, or one of its own. */
async function isLimited(db: Db, organisationId: string, chatId: string | null): Promise<boolean> {
  const { limited } = await one(
    db,
    sql<{ limited: boolean }>`select exists (select 1 from chats where id = ${chatId} and spending_limit is not null)
      or exists (select 1 from spending_limits where organisation_id = ${organisationId}
        and coalesce(per_turn, per_chat, per_day, tokens_per_turn, tokens_per_chat, tokens_per_day) is not null) as limited`,
  );
  return limited;
}

interface Most {
  micros: number;
  tokens: number;
}

const mostOf = (entry: ModelEntry, characters: number): Most => ({
  micros: entry.provider === 'builtin' ? 0 : mostCostOf(entry, characters),
  tokens: mostTokensOf(entry, characters),
});

function overLimit(spent: Spent, most: Most): AppError | undefined {
  for (const [name, used, limit, next, show] of [
    ['turn', spent.turn, spent.per_turn, most.micros, dollars],
    ['chat', spent.chat, spent.per_chat, most.micros, dollars],
    ['day', spent.day, spent.per_day, most.micros, dollars],
    ['chat_own', spent.chat, spent.own, most.micros, dollars],
    ['turn', spent.turn_tokens, spent.tokens_per_turn, most.tokens, tokens],
    ['chat', spent.chat_tokens, spent.tokens_per_chat, most.tokens, tokens],
    ['day', spent.day_tokens, spent.tokens_per_day, most.tokens, tokens],
  ] as const) {
    if (limit === null || next === 0 || used + next <= limit) continue;
    const verb = show === dollars ? 'cost' : 'take';
    return new AppError(
      `limit_${name}`,
      'limit',
      `${name === 'chat_own' ? 'The limit of this chat' : `The limit per ${name}`} is reached: ${show(used)} of ${show(limit)} used, and the next step may ${verb} ${show(next)}.`,
      { detail: WAYS_OUT[name] },
    );
  }
  return undefined;
}

/**
 * Settles a reservation by what was used and by whom. Without a price the reserved amount stands.
 * @param entry the model that answered, or was asked last
 * @param tried what came to nothing before it: recorded, and paid for where it took something
 */
export async function settle(
  db: Db,
  reservation: Pick<Reservation, 'id'>,
  entry: ModelEntry,
  usage: Usage,
  tried: readonly Tried[] = [],
): Promise<void> {
  const all = [{ entry, usage }, ...tried.filter((one) => one.usage.inputTokens + one.usage.outputTokens > 0)];
  const costs = all.map((one) => costOf(one.entry, one.usage));
  const cost = costs.includes(undefined) ? undefined : costs.reduce<number>((sum, one) => sum + one!, 0);
  const total = all.reduce((sum, one) => add(sum, one.usage), noUsage());
  const record = JSON.stringify(tried.map(({ entry: { id }, failure: { kind }, ms }) => ({ model: id, kind, ms })));
  await run(
    db,
    sql`update usage_ledger set state = 'settled', settled_at = now(), provider = ${entry.provider}, model = ${entry.id}, tried = ${record}::jsonb,
      cost_micros = ${cost ?? null}, input_tokens = ${total.inputTokens}, output_tokens = ${total.outputTokens},
      cache_read_tokens = ${total.cacheReadTokens}, cache_write_tokens = ${total.cacheWriteTokens}, reserved_tokens = 0, reserved_micros = ${cost === undefined ? sql`reserved_micros` : 0}
      where id = ${reservation.id} and state = 'reserved'`,
  );
}

const add = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
});

export interface TurnCost extends Usage {
  /** undefined: at least one call's price is unknown */
  costMicros: number | undefined;
  /** the models that answered, in order */
  models: string[];
}

/** What a turn has used so far. */
export async function costOfTurn(db: Db, turnId: string): Promise<TurnCost> {
  const row = await one(
    db,
    sql<{
      i: number;
      o: number;
      r: number;
      w: number;
      cost: number;
      unknown: boolean;
      models: string[];
    }>`select coalesce(sum(input_tokens), 0)::float8 as i, coalesce(sum(output_tokens), 0)::float8 as o,
      coalesce(sum(cache_read_tokens), 0)::float8 as r, coalesce(sum(cache_write_tokens), 0)::float8 as w, coalesce(sum(cost_micros), 0)::float8 as cost,
      coalesce(bool_or(state = 'settled' and cost_micros is null), false) as unknown,
      coalesce(array_agg(model order by id) filter (where state = 'settled'), '{}') as models from usage_ledger where turn_id = ${turnId}`,
  );
  return {
    inputTokens: row.i,
    outputTokens: row.o,
    cacheReadTokens: row.r,
    cacheWriteTokens: row.w,
    costMicros: row.unknown ? undefined : row.cost,
    models: [...new Set(row.models)],
  };
}

/** The calls of a turn, in order: which model answered each, and which were tried before it. */
export async function callsOfTurn(db: Db, chatId: string, turnId: string): Promise<ModelCall[]> {
  const rows = await many(
    db,
    sql<{
      model: string;
      state: 'reserved' | 'settled';
      at: Date;
      cost: number | null;
      i: number;
      o: number;
      r: number;
      w: number;
      tried: { model: string; kind: FailureKind; ms: number }[];
    }>`select model, state, created_at as at, cost_micros as cost, input_tokens as i, output_tokens as o, cache_read_tokens as r, cache_write_tokens as w, tried
      from usage_ledger where chat_id = ${chatId} and turn_id = ${turnId} order by id limit 500`,
  );
  return rows.map((row) => ({
    at: row.at.toISOString(),
    model: { id: row.model, name: entryOf(row.model).name },
    state: row.state,
    inputTokens: row.i,
    outputTokens: row.o,
    cacheReadTokens: row.r,
    cacheWriteTokens: row.w,
    costMicros: row.cost,
    tried: row.tried.map(({ model, kind, ms }) => ({ name: entryOf(model).name, text: FAILURE_WORDS[kind], ms })),
  }));
}

/** Calls that died with their worker: what they took is unknown, so the most that it can have been is taken as spent, in tokens too. */
export async function settleAbandoned(db: Db, turnId: string): Promise<void> {
  await run(
    db,
    sql`update usage_ledger set state = 'settled', settled_at = now(), cost_micros = reserved_micros, reserved_micros = 0 where turn_id = ${turnId} and state = 'reserved'`,
  );
}
