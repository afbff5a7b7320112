/** Money: the most that a call can cost is reserved before it and settled after it, so that a limit holds even with calls under way. */
import { type Db, one, quickTransaction, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { costOf, type ModelEntry, type Usage } from './models/catalogue.ts';

export interface Reservation {
  id: string;
}

const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(2)}`;

/** What a person can do when a limit holds. */
const WAYS_OUT = {
  turn: 'Raise the limit in Settings as the owner, ask for less at once, or go on with the built-in builder.',
  chat: 'Raise the limit in Settings as the owner, begin a new chat, or go on with the built-in builder.',
  day: 'Raise the limit in Settings as the owner, go on tomorrow, or go on with the built-in builder.',
  chat_own: 'Raise it in this chat’s menu under “Limit”, or go on with the built-in builder.',
};

/**
 * Reserves the most that a call can cost.
 * @throws AppError `limit_turn`, `limit_chat`, `limit_day` or `limit_chat_own` when it would go over a limit
 */
export function reserve(
  db: Db,
  scope: { organisationId: string; chatId: string; turnId: string },
  entry: ModelEntry,
  mostMicros: number,
): Promise<Reservation> {
  return quickTransaction(db, async (tx) => {
    // one reservation at a time per organisation, or two could both fit under the same limit
    await run(tx, sql`select pg_advisory_xact_lock(hashtextextended(${scope.organisationId}, 1))`);
    const spent = await one(
      tx,
      sql<{
        turn: number;
        chat: number;
        day: number;
        per_turn: number | null;
        per_chat: number | null;
        per_day: number | null;
        own: number | null;
      }>`
        select coalesce(sum(m) filter (where turn_id = ${scope.turnId}), 0)::float8 as turn, coalesce(sum(m) filter (where chat_id = ${scope.chatId}), 0)::float8 as chat,
          coalesce(sum(m) filter (where created_at >= date_trunc('day', now())), 0)::float8 as day, max(l.per_turn) as per_turn, max(l.per_chat) as per_chat, max(l.per_day) as per_day,
          (select spending_limit from chats where id = ${scope.chatId}) as own
        from (select 1) one
        left join lateral (select turn_id, chat_id, created_at, coalesce(cost_micros, reserved_micros) as m from usage_ledger where organisation_id = ${scope.organisationId}
          and (chat_id = ${scope.chatId} or created_at >= date_trunc('day', now()))) u on true
        left join spending_limits l on l.organisation_id = ${scope.organisationId}`,
    );
    for (const [name, used, limit] of [
      ['turn', spent.turn, spent.per_turn],
      ['chat', spent.chat, spent.per_chat],
      ['day', spent.day, spent.per_day],
      ['chat_own', spent.chat, spent.own],
    ] as const) {
      if (limit !== null && mostMicros > 0 && used + mostMicros > limit) {
        throw new AppError(
          `limit_${name}`,
          'limit',
          `${name === 'chat_own' ? 'The limit of this chat' : `The limit per ${name}`} is reached: ${dollars(used)} of ${dollars(limit)} used, and the next step may cost ${dollars(mostMicros)}.`,
          { detail: WAYS_OUT[name] },
        );
      }
    }
    return one(
      tx,
      sql<Reservation>`insert into usage_ledger (organisation_id, chat_id, turn_id, provider, model, reserved_micros)
        values (${scope.organisationId}, ${scope.chatId}, ${scope.turnId}, ${entry.provider}, ${entry.id}, ${mostMicros}) returning id`,
    );
  });
}

/** Settles a reservation by what was used. Without a price the reserved amount stands. */
export async function settle(db: Db, reservation: Reservation, entry: ModelEntry, usage: Usage): Promise<void> {
  const cost = costOf(entry, usage);
  await run(
    db,
    sql`update usage_ledger set state = 'settled', settled_at = now(), cost_micros = ${cost ?? null}, input_tokens = ${usage.inputTokens}, output_tokens = ${usage.outputTokens},
      cache_read_tokens = ${usage.cacheReadTokens}, cache_write_tokens = ${usage.cacheWriteTokens}, reserved_micros = ${cost === undefined ? sql`reserved_micros` : 0}
      where id = ${reservation.id} and state = 'reserved'`,
  );
}

export interface TurnCost extends Usage {
  /** undefined: at least one call's price is unknown */
  costMicros: number | undefined;
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
    }>`select coalesce(sum(input_tokens), 0)::float8 as i, coalesce(sum(output_tokens), 0)::float8 as o,
      coalesce(sum(cache_read_tokens), 0)::float8 as r, coalesce(sum(cache_write_tokens), 0)::float8 as w, coalesce(sum(cost_micros), 0)::float8 as cost,
      coalesce(bool_or(state = 'settled' and cost_micros is null), false) as unknown from usage_ledger where turn_id = ${turnId}`,
  );
  return {
    inputTokens: row.i,
    outputTokens: row.o,
    cacheReadTokens: row.r,
    cacheWriteTokens: row.w,
    costMicros: row.unknown ? undefined : row.cost,
  };
}

/** Calls that died with their worker: what they took is unknown, so the most that it can have been is taken as spent. */
export async function settleAbandoned(db: Db, turnId: string): Promise<void> {
  await run(
    db,
    sql`update usage_ledger set state = 'settled', settled_at = now(), cost_micros = reserved_micros, reserved_micros = 0 where turn_id = ${turnId} and state = 'reserved'`,
  );
}
