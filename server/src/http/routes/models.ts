/** Models over HTTP: where they are reached, their order, their prices, a test of each; and which model answered what in a turn. */
import { z } from 'zod';
import {
  addressSchema,
  listedModelsSchema,
  type ModelSetup,
  modelCallsSchema,
  modelRef,
  modelSetupSchema,
  patchAddressSchema,
  patchModelSetupSchema,
  putOrderSchema,
  putPriceSchema,
  testedModelSchema,
  testModelSchema,
} from '../../../../contract/models.ts';
import { AGENT_KINDS, EMBEDDINGS } from '../../agents/definitions/kinds.ts';
import { callsOfTurn } from '../../agents/ledger.ts';
import { BUILTIN_ID, CATALOGUE, canonical, entryOf, PRICED_AT } from '../../agents/models/catalogue.ts';
import type { ModelSet } from '../../agents/models/providers.ts';
import { listModels, testModel } from '../../agents/test-model.ts';
import { findChat } from '../../conversations/chats.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';
import { organisationOf } from './organisation.ts';

const tags = ['models'];
const signedIn = { permission: 'signed-in' as const };
/** An address that our server calls: only who owns the server may name one. Others are told that there is nothing here. */
const owner = { permission: 'owner' as const };
const setup = { 200: modelSetupSchema };

export function modelRoutes(api: Api, platform: Platform): void {
  const { db, providers, modelAddresses, modelPreferences, embeddings } = platform;
  const read = async (organisationId: string): Promise<ModelSetup> => show(await providers.read(organisationId));

  api.get('/api/settings/models', { config: signedIn, schema: { tags, response: setup } }, async (request) =>
    read(organisationOf(request, false)),
  );

  api.patch(
    '/api/settings/models',
    { config: signedIn, schema: { tags, body: patchModelSetupSchema, response: setup } },
    async (request) => {
      const organisationId = organisationOf(request, true);
      await modelPreferences.setThinking(organisationId, request.body.thinking);
      return read(organisationId);
    },
  );

  api.put(
    '/api/settings/models/orders/:kind',
    {
      config: signedIn,
      schema: { tags, params: z.object({ kind: z.string().max(40) }), body: putOrderSchema, response: setup },
    },
    async (request) => {
      const organisationId = organisationOf(request, true);
      const { kind } = request.params;
      if (!AGENT_KINDS.some((one) => one.kind === kind))
        throw new AppError('no_agent_kind', 'missing', 'There is no such kind of agent.');
      const set = await providers.of(organisationId);
      const models = [...new Set(request.body.models.map(canonical))];
      for (const ref of models) {
        set.refuseUnknown(ref);
        if (ref === BUILTIN_ID)
          throw new AppError('builtin_is_last', 'invalid', 'The built-in builder is always last: it needs no place.');
        if (kind === EMBEDDINGS && entryOf(ref).provider === 'anthropic')
          throw new AppError('unknown_model', 'invalid', 'Anthropic has no models that turn text into vectors.');
      }
      await modelPreferences.setOrder(organisationId, kind, models);
      return read(organisationId);
    },
  );

  api.put(
    '/api/settings/models/prices',
    { config: signedIn, schema: { tags, body: putPriceSchema, response: setup } },
    async (request) => {
      const organisationId = organisationOf(request, true);
      const { model, price } = request.body;
      await modelPreferences.setPrice(organisationId, canonical(model), price, accessOf(request).user.id);
      return read(organisationId);
    },
  );

  api.delete(
    '/api/settings/models/prices',
    {
      config: signedIn,
      schema: { tags, querystring: z.object({ model: modelRef }), response: setup },
    },
    async (request) => {
      const organisationId = organisationOf(request, true);
      await modelPreferences.forgetPrice(organisationId, canonical(request.query.model));
      return read(organisationId);
    },
  );

  api.post(
    '/api/settings/models/test',
    { config: signedIn, schema: { tags, body: testModelSchema, response: { 200: testedModelSchema } } },
    async (request, reply) => {
      const organisationId = organisationOf(request, true);
      // whoever goes away does not want to know any more
      const stop = new AbortController();
      reply.raw.once('close', () => stop.abort());
      const parts = { db, providers, embeddings, silenceMs: platform.config.modelSilenceMs };
      return testModel(parts, organisationId, canonical(request.body.model), stop.signal);
    },
  );

  const source = z.object({ source: z.string().max(60) });
  api.post(
    '/api/settings/models/sources/:source/list',
    { config: signedIn, schema: { tags, params: source, response: { 200: listedModelsSchema } } },
    async (request) => {
      const organisationId = organisationOf(request, true);
      const found = (await providers.of(organisationId)).sources.find(({ id }) => id === request.params.source);
      if (!found) throw new AppError('no_address', 'missing', 'There is no such address.');
      const items = await listModels(found);
      if (found.kind === 'compatible' && items.length > 0)
        await modelAddresses.change(organisationId, found.id, { models: items });
      await providers.read(organisationId);
      return { items, next: null };
    },
  );

  api.post(
    '/api/settings/models/addresses',
    { config: owner, schema: { tags, body: addressSchema, response: { 201: modelSetupSchema } } },
    async (request, reply) => {
      const organisationId = organisationOf(request, true);
      const { name, baseUrl, key, models } = request.body;
      const slug = await modelAddresses.add(organisationId, {
        name,
        baseUrl,
        key: key || undefined,
        models: models ?? [],
        by: accessOf(request).user.id,
      });
      const added = (await providers.read(organisationId)).sources.find(({ id }) => id === slug);
      // it may not run at the moment: then it is stored all the same, and its models are listed or typed later
      const found = added && !models?.length ? await listModels(added).catch(() => []) : [];
      if (found.length > 0) await modelAddresses.change(organisationId, slug, { models: found });
      return reply.code(201).send(await read(organisationId));
    },
  );

  api.patch(
    '/api/settings/models/addresses/:source',
    { config: owner, schema: { tags, params: source, body: patchAddressSchema, response: setup } },
    async (request) => {
      const organisationId = organisationOf(request, true);
      await modelAddresses.change(organisationId, request.params.source, request.body);
      return read(organisationId);
    },
  );

  api.delete(
    '/api/settings/models/addresses/:source',
    { config: owner, schema: { tags, params: source, response: setup } },
    async (request) => {
      const organisationId = organisationOf(request, true);
      await modelAddresses.remove(organisationId, request.params.source);
      return read(organisationId);
    },
  );

  const turn = z.object({ id: z.uuid(), turnId: z.uuid() });
  api.get(
    '/api/chats/:id/turns/:turnId/calls',
    { config: signedIn, schema: { tags, params: turn, response: { 200: modelCallsSchema } } },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      return { items: await callsOfTurn(db, chat.id, request.params.turnId), next: null };
    },
  );
}

function show(set: ModelSet): ModelSetup {
  const named = (ref: string) => {
    const entry = set.entry(ref);
    const source = set.sourceOf(ref);
    return { id: entry.id, name: entry.name, provider: source?.name ?? entry.provider };
  };
  const orders = AGENT_KINDS.map(({ kind, title }) => ({
    kind,
    title,
    own: (set.preferences.orders.get(kind)?.length ?? 0) > 0,
    models: set.order(kind).map((ref) => {
      const why = set.whyNot(ref);
      return { ...named(canonical(ref)), usable: why === undefined, why: why ?? null };
    }),
  }));
  // what is or may be asked here, and what somebody has set a price for
  const priced = new Set([
    ...orders.flatMap((order) => order.models.map(({ id }) => id)),
    ...CATALOGUE.filter(({ provider }) =>
      set.sources.some(({ id, keyFrom }) => id === provider && keyFrom !== 'none'),
    ).map(({ id }) => id),
    ...set.preferences.prices.keys(),
  ]);
  return {
    sources: set.sources.map(({ id, name, kind, keyFrom, hint, baseUrl, models }) => ({
      id,
      name,
      kind,
      key: keyFrom,
      hint,
      baseUrl: baseUrl ?? null,
      models: models.map((model) => `${id}/${model}`),
    })),
    orders,
    prices: [...priced].map((ref) => {
      const { price, name, id } = set.entry(ref);
      const own = set.preferences.prices.get(id);
      const asOf = own ? own.setAt.toISOString().slice(0, 10) : price ? PRICED_AT : null;
      return {
        model: id,
        name,
        price: price ? bare(price) : null,
        source: own ? 'owner' : price ? 'list' : 'unknown',
        asOf,
      };
    }),
    thinking: set.preferences.thinking,
  };
}

const bare = ({ input, output, cacheRead, cacheWrite }: NonNullable<ReturnType<typeof entryOf>['price']>) => ({
  input,
  output,
  cacheRead,
  cacheWrite,
});
