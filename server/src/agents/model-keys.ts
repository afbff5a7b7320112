/** Model keys: encrypted with the organisation's data key, read only to make a call, never shown again. */
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, maybe, run, sql } from '../db/database.ts';

export interface ModelKey {
  key: string;
  baseUrl: string | undefined;
  source: 'settings' | 'environment';
  hint: string;
}

export class ModelKeys {
  readonly #db: Db;
  readonly #keys: DataKeys;
  readonly #environment: { apiKey: string | undefined; baseUrl: string | undefined };

  constructor(db: Db, keys: DataKeys, environment: { apiKey: string | undefined; baseUrl: string | undefined }) {
    this.#db = db;
    this.#keys = keys;
    this.#environment = environment;
  }

  /** The key in use: one typed into Settings goes before one of the environment. */
  async find(organisationId: string, provider: 'anthropic'): Promise<ModelKey | undefined> {
    const row = await maybe(
      this.#db,
      sql<{
        ciphertext: Buffer;
        hint: string;
        base_url: string | null;
      }>`select ciphertext, hint, base_url from model_keys
        where organisation_id = ${organisationId} and provider = ${provider}`,
    );
    if (row) {
      const key = await this.#keys.open<string>(organisationId, `key ${provider}`, row.ciphertext);
      return {
        key,
        baseUrl: row.base_url ?? withVersion(this.#environment.baseUrl),
        source: 'settings',
        hint: row.hint,
      };
    }
    const { apiKey, baseUrl } = this.#environment;
    if (!apiKey) return undefined;
    return { key: apiKey, baseUrl: withVersion(baseUrl), source: 'environment', hint: hintOf(apiKey) };
  }

  async store(
    organisationId: string,
    provider: 'anthropic',
    input: { key: string; baseUrl: string | undefined; by: string },
  ): Promise<void> {
    const ciphertext = await this.#keys.seal(organisationId, `key ${provider}`, input.key);
    await run(
      this.#db,
      sql`insert into model_keys (organisation_id, provider, ciphertext, hint, base_url, created_by)
        values (${organisationId}, ${provider}, ${ciphertext}, ${hintOf(input.key)}, ${withVersion(input.baseUrl) ?? null}, ${input.by})
        on conflict (organisation_id, provider) do update set ciphertext = excluded.ciphertext, hint = excluded.hint, base_url = excluded.base_url,
          created_by = excluded.created_by, created_at = now()`,
    );
  }

  async remove(organisationId: string, provider: 'anthropic'): Promise<void> {
    await run(
      this.#db,
      sql`delete from model_keys where organisation_id = ${organisationId} and provider = ${provider}`,
    );
  }
}

const hintOf = (key: string): string => key.slice(-4);

/** The provider's SDK for other languages takes the address without `/v1`; this one wants it. Both are accepted. */
function withVersion(baseUrl: string | undefined): string | undefined {
  if (!baseUrl) return undefined;
  const clean = baseUrl.replace(/\/+$/, '');
  return /\/v\d+$/.test(clean) ? clean : `${clean}/v1`;
}
