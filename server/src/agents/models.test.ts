/** Keys at rest, orders, embeddings and limits: on a real database, against servers that speak the providers' protocols. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChatRequest, startChatCompletions } from '../../../e2e/support/chat-completions-server.ts';
import type { ModelServer } from '../../../e2e/support/model-server.ts';
import { type OpenAIRequest, startOpenAI } from '../../../e2e/support/openai-server.ts';
import { DataKeys } from '../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../accounts/fixtures.ts';
import { register } from '../accounts/registration.ts';
import { type Db, many, one, run, sql } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { Embeddings } from './embeddings.ts';
import { reserve, settle } from './ledger.ts';
import { ModelAddresses } from './model-addresses.ts';
import { ModelKeys } from './model-keys.ts';
import { ModelPreferences } from './model-preferences.ts';
import { BuiltinModel } from './models/builtin/model.ts';
import { entryOf } from './models/catalogue.ts';
import { noUsage } from './models/price.ts';
import { Providers } from './models/providers.ts';

let test: TestCluster;
let db: Db;
let openai: ModelServer<OpenAIRequest>;
let lab: ModelServer<ChatRequest>;
let organisation: string;
let by: string;
let keys: ModelKeys;
let addresses: ModelAddresses;
let preferences: ModelPreferences;
let providers: Providers;
let embeddings: Embeddings;

beforeAll(async () => {
  test = await startTestCluster();
  openai = await startOpenAI(() => ({ blocks: [] }));
  lab = await startChatCompletions(() => ({ blocks: [] }));
});
afterAll(() => Promise.all([test?.stop(), openai?.close(), lab?.close()]));
beforeEach(async () => {
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  by = (await register(db, rules, person('Marta'))).id;
  organisation = (await one(db, sql<{ id: string }>`select id from organisations`)).id;
  const dataKeys = new DataKeys(db, rules.keyring);
  const none = { apiKey: undefined, baseUrl: undefined };
  keys = new ModelKeys(db, dataKeys, { anthropic: none, openai: none, together: none });
  addresses = new ModelAddresses(db, dataKeys);
  preferences = new ModelPreferences(db);
  providers = new Providers({
    keys,
    addresses,
    preferences,
    builtin: () => new BuiltinModel(),
    preferred: undefined,
    silenceMs: 20_000,
    freshMs: 0,
  });
  embeddings = new Embeddings(db, providers, 20_000);
});

const storeOpenAI = () => keys.store(organisation, 'openai', { key: 'sk-very-secret-key', baseUrl: openai.url, by });
const addLab = (models: string[], baseUrl = lab.url) =>
  addresses.add(organisation, { name: 'Lab', baseUrl, key: 'lab-secret-key', models, by });

describe('a key', () => {
  it('stands nowhere in the database as it was typed', async () => {
    await storeOpenAI();
    await addLab([]);
    for (const table of ['model_keys', 'model_addresses']) {
      const rows = await many(
        db,
        sql<{
          text: string;
          raw: string;
        }>`select t::text as text, encode(ciphertext, 'escape') as raw from ${sql.id(table)} t`,
      );
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain('secret');
    }
    const { sources } = await providers.of(organisation);
    expect(sources.find(({ id }) => id === 'openai')).toMatchObject({ key: 'sk-very-secret-key', hint: '-key' });
    expect(sources.find(({ id }) => id === 'lab')).toMatchObject({ key: 'lab-secret-key' });
  });

  it('of one place does not open in another', async () => {
    await storeOpenAI();
    await run(
      db,
      sql`insert into model_keys (organisation_id, provider, ciphertext, hint) select organisation_id, 'together', ciphertext, hint from model_keys`,
    );
    await expect(keys.all(organisation)).rejects.toThrow();
  });

  it('typed into an address is refused: it would be stored in the clear', async () => {
    await expect(addLab([], 'http://user:secret@localhost:1234')).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('the order', () => {
  it('is the built-in builder alone without a key, and follows the keys until somebody sets it', async () => {
    expect(await providers.defaultFor(organisation)).toBe('builtin');
    await addLab(['one', 'two']);
    await storeOpenAI();
    const set = await providers.of(organisation);
    expect(set.order('builder')).toEqual(['openai/gpt-5', 'lab/one']);
    await preferences.setOrder(organisation, 'builder', ['lab/two', 'openai/gpt-5-mini']);
    expect(await providers.defaultFor(organisation)).toBe('lab/two');
    expect(await providers.defaultFor(organisation, 'reviewer')).toBe('openai/gpt-5');
    await preferences.setOrder(organisation, 'builder', []);
    expect(await providers.defaultFor(organisation)).toBe('openai/gpt-5');
  });

  it('passes over what cannot be asked, and ends at the built-in builder', async () => {
    await preferences.setOrder(organisation, 'builder', ['openai/gpt-5', 'gone/model']);
    const opened = await providers.open(organisation, null);
    expect(opened.candidates.map(({ entry }) => entry.id)).toEqual(['builtin']);
    await expect(providers.open(organisation, 'openai/gpt-5')).rejects.toMatchObject({ code: 'no_key' });
    const own = await providers.open(organisation, 'builtin');
    expect(own.candidates.map(({ entry }) => entry.id)).toEqual(['builtin']);
  });

  it('stands whole when two set it at once', async () => {
    const wanted = [
      ['lab/a', 'lab/b', 'lab/c'],
      ['lab/c', 'lab/d'],
    ];
    await Promise.all(wanted.map((models) => preferences.setOrder(organisation, 'builder', models)));
    const { orders } = await preferences.all(organisation);
    expect(wanted).toContainEqual(orders.get('builder'));
  });

  it('gives addresses of the same name ids of their own, and never that of a provider', async () => {
    expect([await addLab([]), await addLab([])]).toEqual(['lab', 'lab-2']);
    const named = (name: string) =>
      addresses.add(organisation, { name, baseUrl: lab.url, key: undefined, models: [], by });
    expect(await named('OpenAI')).toBe('openai-own');
    expect(await named('日本')).toBe('own-models');
  });
});

describe('embeddings', () => {
  it('are unavailable, in words, when nothing can make them', async () => {
    await expect(embeddings.embed(organisation, ['a'])).rejects.toMatchObject({
      code: 'embeddings_unavailable',
      kind: 'unavailable',
    });
  });

  it('come one per text, in order, with their model and dimension, and are paid for', async () => {
    await storeOpenAI();
    const texts = Array.from({ length: 250 }, (_, i) => 'x'.repeat(i + 1));
    const done = await embeddings.embed(organisation, texts);
    expect(done).toMatchObject({ model: 'openai/text-embedding-3-small', dimensions: 4 });
    expect(done.vectors.map(([length]) => length)).toEqual(texts.map(({ length }) => length));
    const row = await one(
      db,
      sql<{ state: string; input_tokens: number; cost_micros: number; chat_id: null }>`select * from usage_ledger`,
    );
    expect(row).toMatchObject({ state: 'settled', input_tokens: done.tokens, chat_id: null });
    expect(row.cost_micros).toBeGreaterThan(0);
  });

  it('come from the next model when the first cannot be reached, all of them, and it is on record', async () => {
    const gone = await startOpenAI(() => ({ blocks: [] }));
    await gone.close();
    await keys.store(organisation, 'openai', { key: 'sk-very-secret-key', baseUrl: gone.url, by });
    await addLab(['embed']);
    await preferences.setOrder(organisation, 'embeddings', ['openai/text-embedding-3-small', 'lab/embed']);
    const done = await embeddings.embed(organisation, ['a', 'b']);
    expect(done).toMatchObject({ model: 'lab/embed', dimensions: 4 });
    const row = await one(db, sql<{ tried: unknown; model: string }>`select tried, model from usage_ledger`);
    expect(row).toMatchObject({
      model: 'lab/embed',
      tried: [{ model: 'openai/text-embedding-3-small', kind: 'unreachable' }],
    });
    await expect(
      embeddings.embed(organisation, ['a'], { model: 'openai/text-embedding-3-small' }),
    ).rejects.toMatchObject({ code: 'embeddings_unavailable' });
  });
});

describe('a reservation', () => {
  const limit = (column: string, value: number) =>
    run(
      db,
      sql`insert into spending_limits (organisation_id, ${sql.id(column)}) values (${organisation}, ${value})
        on conflict (organisation_id) do update set ${sql.id(column)} = excluded.${sql.id(column)}`,
    );
  const candidates = (...refs: string[]) => refs.map((ref) => ({ entry: entryOf(ref) }));

  it('refuses a first model over the limit, and leaves a later one over the limit out', async () => {
    await limit('per_day', 100_000);
    await expect(reserve(db, { organisationId: organisation }, candidates('lab/unknown'), 1000)).rejects.toMatchObject({
      code: 'limit_day',
    });
    const kept = await reserve(
      db,
      { organisationId: organisation },
      candidates('openai/gpt-5-mini', 'lab/unknown'),
      1000,
    );
    expect(kept.candidates.map(({ entry }) => entry.id)).toEqual(['openai/gpt-5-mini']);
  });

  it('counts tokens of calls under way, settled ones, and those that died with their worker', async () => {
    await limit('tokens_per_day', 40_000);
    const scope = { organisationId: organisation };
    const one_ = await reserve(db, scope, candidates('openai/gpt-5'), 1000);
    await reserve(db, scope, candidates('openai/gpt-5'), 1000);
    await expect(reserve(db, scope, candidates('openai/gpt-5'), 1000)).rejects.toMatchObject({ code: 'limit_day' });
    await settle(db, one_, entryOf('openai/gpt-5'), { ...noUsage(), inputTokens: 100, outputTokens: 10 });
    await reserve(db, scope, candidates('openai/gpt-5'), 1000);
    await run(db, sql`update usage_ledger set state = 'settled' where state = 'reserved'`);
    await expect(reserve(db, scope, candidates('openai/gpt-5'), 1000)).rejects.toMatchObject({ code: 'limit_day' });
  });

  it('asks the built-in builder whatever the limits are', async () => {
    await limit('tokens_per_day', 0);
    await limit('per_day', 0);
    await reserve(db, { organisationId: organisation }, candidates('builtin'), 100_000);
  });
});
