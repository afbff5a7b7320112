/**
 * The text of answers that are being written: a tab that opens in the middle gets all of it. What this process writes is known to the
 * character; it is also saved a few times a second, for tabs of other processes.
 */
import type { TextDelta } from '../../../contract/events.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, many, run, sql } from '../db/database.ts';
import { organisationOf } from '../events/log.ts';

interface SavedText {
  message_id: string;
  turn_id: string;
  payload: Buffer;
}

export class StreamingTexts {
  readonly #db: Db;
  readonly #keys: DataKeys;
  readonly #here = new Map<string, { chatId: string; turnId: string; text: string }>();

  constructor(db: Db, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  /** Notes the text so far, before its newest piece is handed out. */
  follow(messageId: string, message: { chatId: string; turnId: string; text: string }): void {
    this.#here.set(messageId, message);
  }

  /** What this process is writing in a chat right now. */
  here(chatId: string): TextDelta[] {
    return [...this.#here]
      .filter(([, message]) => message.chatId === chatId)
      .map(([messageId, message]) => ({ type: 'message.delta' as const, messageId, offset: 0, ...message }));
  }

  /** Saves the text so far. */
  async save(
    organisationId: string,
    message: { messageId: string; chatId: string; turnId: string; text: string },
  ): Promise<void> {
    const sealed = await this.#keys.seal(organisationId, `streaming ${message.messageId}`, message.text);
    await run(
      this.#db,
      sql`insert into streaming_texts (message_id, chat_id, turn_id, payload) values (${message.messageId}, ${message.chatId}, ${message.turnId}, ${sealed})
        on conflict (message_id) do update set payload = excluded.payload, updated_at = now()`,
    );
  }

  /** Forgets a text, because its message is stored or its turn is over. */
  async clear(turnId: string, db: Db = this.#db): Promise<void> {
    for (const [messageId, message] of this.#here) if (message.turnId === turnId) this.#here.delete(messageId);
    await run(db, sql`delete from streaming_texts where turn_id = ${turnId}`);
  }

  /** The texts of a chat that are being written, as deltas from their beginning. */
  async running(chatId: string): Promise<TextDelta[]> {
    const rows = await many(
      this.#db,
      sql<SavedText>`select message_id, turn_id, payload from streaming_texts where chat_id = ${chatId}`,
    );
    if (rows.length === 0) return [];
    const organisation = await organisationOf(this.#db, chatId);
    return Promise.all(
      rows.map(async (row) => ({
        type: 'message.delta' as const,
        chatId,
        turnId: row.turn_id,
        messageId: row.message_id,
        offset: 0,
        text: await this.#keys.open<string>(organisation, `streaming ${row.message_id}`, row.payload),
      })),
    );
  }
}
