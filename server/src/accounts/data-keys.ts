/** Encrypts and decrypts what an organisation's people said, with the organisation's own data key. Keys are cached unwrapped. */
import { createHmac } from 'node:crypto';
import { type Db, one, sql } from '../db/database.ts';
import { decrypt, encrypt, type Keyring } from './keyring.ts';

export class DataKeys {
  readonly #db: Db;
  readonly #keyring: Keyring;
  readonly #keys = new Map<string, Buffer>();

  constructor(db: Db, keyring: Keyring) {
    this.#db = db;
    this.#keyring = keyring;
  }

  /** Seals any JSON value for one organisation and place (e.g. `event <chat> <seq>`). */
  async seal(organisationId: string, context: string, value: unknown, db: Db = this.#db): Promise<Buffer> {
    return encrypt(await this.#key(organisationId, db), Buffer.from(JSON.stringify(value)), context);
  }

  /** Opens what `seal` made in the same place. */
  async open<T>(organisationId: string, context: string, sealed: Buffer): Promise<T> {
    return JSON.parse(decrypt(await this.#key(organisationId, this.#db), sealed, context).toString()) as T;
  }

  /** Seals bytes as they are: a file is not worth the third that JSON would add. */
  async sealBytes(organisationId: string, context: string, bytes: Uint8Array, db: Db = this.#db): Promise<Buffer> {
    return encrypt(await this.#key(organisationId, db), Buffer.from(bytes), context);
  }

  async openBytes(organisationId: string, context: string, sealed: Buffer): Promise<Buffer> {
    return decrypt(await this.#key(organisationId, this.#db), sealed, context);
  }

  /** A print of a text by which equal ones are known, within one organisation and for one purpose; it tells nothing by itself. */
  async print(organisationId: string, purpose: string, text: string): Promise<string> {
    const key = await this.#key(organisationId, this.#db);
    return createHmac('sha256', key).update(`${purpose}\0${text}`).digest('hex');
  }

  async #key(organisationId: string, db: Db): Promise<Buffer> {
    const known = this.#keys.get(organisationId);
    if (known) return known;
    const row = await one(
      db,
      sql<{ data_key: Buffer }>`select data_key from organisations where id = ${organisationId}`,
    );
    const key = this.#keyring.openDataKey(row.data_key);
    this.#keys.set(organisationId, key);
    return key;
  }
}
