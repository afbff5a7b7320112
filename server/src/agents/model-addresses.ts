/** Addresses that speak OpenAI's protocol (Ollama, LM Studio, vLLM, …), added by the server's owner: our server calls them. */
import { randomUUID } from 'node:crypto';
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, many, maybe, one, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { hintOf } from './model-keys.ts';
import { BUILTIN_ID, PROVIDERS } from './models/catalogue.ts';

const MOST_ADDRESSES = 20;

export interface ModelAddress {
  id: string;
  slug: string;
  name: string;
  baseUrl: string;
  key: string | undefined;
  hint: string | null;
  models: string[];
}

export class ModelAddresses {
  readonly #db: Db;
  readonly #keys: DataKeys;

  constructor(db: Db, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  async all(organisationId: string): Promise<ModelAddress[]> {
    const rows = await many(
      this.#db,
      sql<{
        id: string;
        slug: string;
        name: string;
        base_url: string;
        ciphertext: Buffer | null;
        hint: string | null;
        models: string[];
      }>`select id, slug, name, base_url, ciphertext, hint, models from model_addresses where organisation_id = ${organisationId} order by created_at, id`,
    );
    return Promise.all(
      rows.map(async ({ base_url: baseUrl, ciphertext, ...row }) => ({
        ...row,
        baseUrl,
        key: ciphertext
          ? await this.#keys.open<string>(organisationId, `key address ${row.id}`, ciphertext)
          : undefined,
      })),
    );
  }

  /** @returns its slug, the beginning of the ids of its models */
  async add(
    organisationId: string,
    input: { name: string; baseUrl: string; key: string | undefined; models: string[]; by: string },
  ): Promise<string> {
    const { count } = await one(
      this.#db,
      sql<{
        count: number;
      }>`select count(*)::int as count from model_addresses where organisation_id = ${organisationId}`,
    );
    if (count >= MOST_ADDRESSES)
      throw new AppError(
        'too_many_addresses',
        'limit',
        `There are ${MOST_ADDRESSES} addresses already. Remove one first.`,
      );
    const id = randomUUID();
    const sealed = input.key ? await this.#keys.seal(organisationId, `key address ${id}`, input.key) : null;
    const wanted = slugOf(input.name);
    for (let n = 1; ; n++) {
      const slug = n === 1 ? wanted : `${wanted.slice(0, 36)}-${n}`;
      const row = await maybe(
        this.#db,
        sql`insert into model_addresses (id, organisation_id, slug, name, base_url, ciphertext, hint, models, created_by)
          values (${id}, ${organisationId}, ${slug}, ${input.name}, ${baseOf(input.baseUrl)}, ${sealed}, ${input.key ? hintOf(input.key) : null}, ${input.models}, ${input.by})
          on conflict (organisation_id, slug) do nothing returning id`,
      );
      if (row) return slug;
    }
  }

  /** Changes the key (null removes it) or the known models. @throws AppError `no_address` */
  async change(
    organisationId: string,
    slug: string,
    patch: { key?: string | null | undefined; models?: string[] | undefined },
  ): Promise<void> {
    const row = await maybe(
      this.#db,
      sql<{ id: string }>`select id from model_addresses where organisation_id = ${organisationId} and slug = ${slug}`,
    );
    if (!row) throw new AppError('no_address', 'missing', 'There is no such address.');
    if (patch.models)
      await run(this.#db, sql`update model_addresses set models = ${patch.models} where id = ${row.id}`);
    if (patch.key === undefined) return;
    const sealed = patch.key ? await this.#keys.seal(organisationId, `key address ${row.id}`, patch.key) : null;
    const hint = patch.key ? hintOf(patch.key) : null;
    await run(this.#db, sql`update model_addresses set ciphertext = ${sealed}, hint = ${hint} where id = ${row.id}`);
  }

  async remove(organisationId: string, slug: string): Promise<void> {
    await run(this.#db, sql`delete from model_addresses where organisation_id = ${organisationId} and slug = ${slug}`);
  }
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  const taken: readonly string[] = [...PROVIDERS, BUILTIN_ID];
  if (slug.length < 2) return 'own-models';
  return taken.includes(slug) ? `${slug}-own` : slug;
}

/** An address without a path is meant as these servers document it: below /v1. */
function baseOf(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (url.username || url.password)
    throw new AppError('address_with_password', 'invalid', 'Leave name and password out of the address.', {
      fields: { baseUrl: 'Put the key into its own field: there it is encrypted' },
    });
  url.hash = '';
  url.search = '';
  const clean = url.href.replace(/\/+$/, '');
  return url.pathname === '/' ? `${clean}/v1` : clean;
}
