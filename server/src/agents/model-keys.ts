/** Keys of the providers that come with the product: encrypted with the organisation's data key, read only to make a call, never shown again. */
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, many, run, sql } from '../db/database.ts';
import { PROVIDERS, type ProviderId } from './models/catalogue.ts';

export interface ModelKey {
  provider: ProviderId;
  key: string;
  baseUrl: string | undefined;
  source: 'settings' | 'environment';
  hint: string;
}
export type EnvironmentKeys = Record<ProviderId, { apiKey: string | undefined; baseUrl: string | undefined }>;

export class ModelKeys {
  readonly #db: Db;
  readonly #keys: DataKeys;
  readonly environment: EnvironmentKeys;

  constructor(db: Db, keys: DataKeys, environment: EnvironmentKeys) {
    this.#db = db;
    this.#keys = keys;
    this.environment = environment;
  }

  /** The keys in use: one typed into Settings goes before one of the environment. */
  async all(organisationId: string): Promise<ModelKey[]> {
    const rows = await many(
      this.#db,
      sql<{ provider: ProviderId; ciphertext: Buffer; hint: string; base_url: string | null }>`
        select provider, ciphertext, hint, base_url from model_keys where organisation_id = ${organisationId}`,
    );
    const found = PROVIDERS.map(async (provider): Promise<ModelKey | undefined> => {
      const { apiKey, baseUrl } = this.environment[provider];
      const row = rows.find((one) => one.provider === provider);
      if (row) {
        const key = await this.#keys.open<string>(organisationId, `key ${provider}`, row.ciphertext);
        return { provider, key, baseUrl: row.base_url ?? withVersion(baseUrl), source: 'settings', hint: row.hint };
      }
      if (!apiKey) return undefined;
      return { provider, key: apiKey, baseUrl: withVersion(baseUrl), source: 'environment', hint: hintOf(apiKey) };
    });
    return (await Promise.all(found)).filter((key) => key !== undefined);
  }

  async store(
    organisationId: string,
    provider: ProviderId,
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

  async remove(organisationId: string, provider: ProviderId): Promise<void> {
    await run(
      this.#db,
      sql`delete from model_keys where organisation_id = ${organisationId} and provider = ${provider}`,
    );
  }
}

export const hintOf = (key: string): string => (key.length >= 12 ? key.slice(-4) : '…');

/** Some SDKs take the address without `/v1`; ours want it. Both are accepted. */
export function withVersion(baseUrl: string | undefined): string | undefined {
  if (!baseUrl) return undefined;
  const clean = baseUrl.replace(/\/+$/, '');
  return /\/v\d+\w*$/.test(clean) ? clean : `${clean}/v1`;
}
