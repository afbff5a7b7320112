/**
 * What is passed between processes as it happens: `room seq` for stored events (readers then query), text deltas of running
 * answers, and rows that changed. Within a process a message is handed over at once; to others it goes by NOTIFY.
 */

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { TextDelta } from '../../../contract/events.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, notify } from '../db/database.ts';

export const DELTA_CHANNEL = 'vibe_delta';
export const CHANGE_CHANNEL = 'vibe_change';

/** NOTIFY carries at most 8000 bytes, and sealing adds a third. */
const LARGEST_PIECE = 1500;

export class Hub extends EventEmitter<{
  stored: [room: string, seq: number];
  delta: [delta: TextDelta];
  changed: [room: string, what: string];
}> {
  readonly #db: Db;
  readonly #keys: DataKeys;
  readonly #id = randomUUID();

  constructor(db: Db, keys: DataKeys) {
    super();
    this.setMaxListeners(0);
    this.#db = db;
    this.#keys = keys;
  }

  /** Publishes a piece of a running answer: to this process at once, to others sealed over NOTIFY. Losing one is harmless. */
  delta(organisationId: string, delta: TextDelta): void {
    this.emit('delta', delta);
    void this.#send(organisationId, delta).catch(() => {});
  }

  async #send(organisationId: string, delta: TextDelta): Promise<void> {
    for (let at = 0; at < delta.text.length; at += LARGEST_PIECE) {
      const piece = { ...delta, offset: delta.offset + at, text: delta.text.slice(at, at + LARGEST_PIECE) };
      const sealed = await this.#keys.seal(organisationId, 'delta', piece);
      await notify(this.#db, DELTA_CHANNEL, `${this.#id} ${organisationId} ${sealed.toString('base64')}`);
    }
  }

  /** Says that something in a room has changed and is to be read anew: `chat <id>`, `app`, `container`. */
  async changed(room: string, what: string, db: Db = this.#db): Promise<void> {
    await notify(db, CHANGE_CHANNEL, `${room} ${what}`);
  }

  /** Payloads heard on the three channels. */
  heardStored(payload: string): void {
    const [room, seq] = payload.split(' ');
    this.emit('stored', room!, Number(seq));
  }

  heardChange(payload: string): void {
    const space = payload.indexOf(' ');
    this.emit('changed', payload.slice(0, space), payload.slice(space + 1));
  }

  async heardDelta(payload: string): Promise<void> {
    const [from, organisation, sealed] = payload.split(' ');
    if (from === this.#id) return;
    this.emit('delta', await this.#keys.open<TextDelta>(organisation!, 'delta', Buffer.from(sealed!, 'base64')));
  }
}
