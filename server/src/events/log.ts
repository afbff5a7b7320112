/**
 * The log of a chat: append-only, numbered without gaps, encrypted. The number comes from a counter on the chat's own row, taken in
 * the appending transaction, so numbers are given in commit order (a sequence would lose events for readers of `seq > n`).
 */
import { type ChatEvent, type EventPayload, type EventType, eventPayloads } from '../../../contract/events.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, many, one, sql, transaction } from '../db/database.ts';

export const ROOM_CHANNEL = 'vibe_room';

interface EventRow {
  seq: number;
  type: EventType;
  payload: Buffer;
  at: Date;
}

export class EventLog {
  readonly #db: Db;
  readonly #keys: DataKeys;

  constructor(db: Db, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  /**
   * Appends one event; subscribers are told at commit.
   * @param db a transaction when the event belongs to other writes; else it gets one of its own
   * @returns its number
   */
  async append<T extends EventType>(chatId: string, type: T, payload: EventPayload<T>, db?: Db): Promise<number> {
    if (!db) return transaction(this.#db, (tx) => this.append(chatId, type, payload, tx));
    const value = eventPayloads[type].parse(payload);
    const { seq, organisation_id } = await one(
      db,
      sql<{
        seq: number;
        organisation_id: string;
      }>`update chats set last_seq = last_seq + 1, updated_at = now() where id = ${chatId}
        returning last_seq as seq, (select organisation_id from containers where id = chats.container_id) as organisation_id`,
    );
    const sealed = await this.#keys.seal(organisation_id, `event ${chatId} ${seq}`, value, db);
    const turnId = 'turnId' in value && typeof value.turnId === 'string' ? value.turnId : null;
    await sql`with stored as (insert into chat_events (chat_id, seq, turn_id, type, payload)
        values (${chatId}, ${seq}, ${turnId}, ${type}, ${sealed}) returning chat_id)
      select pg_notify(${ROOM_CHANNEL}, ${`chat:${chatId} ${seq}`}) from stored`.execute(db);
    return seq;
  }

  /** Events after `after`, in order, at most `limit`. */
  async read(chatId: string, after: number, limit = 500): Promise<ChatEvent[]> {
    const rows = await many(
      this.#db,
      sql<EventRow>`select seq, type, payload, at from chat_events where chat_id = ${chatId} and seq > ${after} order by seq limit ${limit}`,
    );
    return this.#open(chatId, rows);
  }

  /** The events of one turn, in order. */
  async ofTurn(chatId: string, turnId: string): Promise<ChatEvent[]> {
    const rows = await many(
      this.#db,
      sql<EventRow>`select seq, type, payload, at from chat_events where chat_id = ${chatId} and turn_id = ${turnId} order by seq`,
    );
    return this.#open(chatId, rows);
  }

  /** All events of some types, in order: what the model's context is made of. */
  async ofTypes(chatId: string, types: EventType[], limit = 2000): Promise<ChatEvent[]> {
    const rows = await many(
      this.#db,
      sql<EventRow>`select * from (select seq, type, payload, at from chat_events where chat_id = ${chatId} and type = any(${types}) order by seq desc limit ${limit}) e order by seq`,
    );
    return this.#open(chatId, rows);
  }

  /** What people and assistants said before `before`, newest first, without what was withdrawn: what a search looks at. */
  async said(chatId: string, before: number, limit: number): Promise<ChatEvent[]> {
    const rows = await many(
      this.#db,
      sql<EventRow>`select seq, type, payload, at from chat_events e where chat_id = ${chatId} and seq < ${before}
        and type in ('message.user', 'message.edited', 'message.assistant')
        and not exists (select 1 from turns t where t.id = e.turn_id and t.outcome = 'withdrawn') order by seq desc limit ${limit}`,
    );
    return this.#open(chatId, rows);
  }

  async #open(chatId: string, rows: EventRow[]): Promise<ChatEvent[]> {
    if (rows.length === 0) return [];
    const organisation = await organisationOf(this.#db, chatId);
    return Promise.all(
      rows.map(async ({ seq, type, payload, at }) => {
        const value = await this.#keys.open(organisation, `event ${chatId} ${seq}`, payload);
        return { seq, type, at: at.toISOString(), payload: value } as ChatEvent;
      }),
    );
  }
}

/** The organisation whose data key a chat's contents are sealed with. */
export async function organisationOf(db: Db, chatId: string): Promise<string> {
  const row = await one(
    db,
    sql<{
      organisation_id: string;
    }>`select c.organisation_id from chats h join containers c on c.id = h.container_id where h.id = ${chatId}`,
  );
  return row.organisation_id;
}
