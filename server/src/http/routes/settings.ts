/** Settings over HTTP: model keys, limits, registration. Keys go in and never come out. */
import { z } from 'zod';
import {
  type Limits,
  patchSettingsSchema,
  providerSchema,
  putModelKeySchema,
  type Settings,
  settingsSchema,
} from '../../../../contract/settings.ts';
import type { PROVIDERS } from '../../agents/models/catalogue.ts';
import { takesPictures } from '../../agents/models/pictures.ts';
import { maybe, one, run, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';
import { organisationOf } from './organisation.ts';

const tags = ['settings'];

export function settingsRoutes(api: Api, platform: Platform): void {
  const { db, modelKeys, providers } = platform;
  const LIMITS = sql`per_turn as "perTurn", per_chat as "perChat", per_day as "perDay", tokens_per_turn as "tokensPerTurn",
    tokens_per_chat as "tokensPerChat", tokens_per_day as "tokensPerDay"`;

  async function read(organisationId: string): Promise<Settings> {
    const { open } = await one(db, sql<{ open: boolean }>`select registration_open as open from installation`);
    const limits = await maybe(
      db,
      sql<Limits>`select ${LIMITS} from spending_limits where organisation_id = ${organisationId}`,
    );
    const spent = await one(
      db,
      sql<{
        micros: number;
      }>`select coalesce(sum(coalesce(cost_micros, reserved_micros)), 0)::float8 as micros from usage_ledger
        where organisation_id = ${organisationId} and created_at >= date_trunc('day', now())`,
    );
    const models = await providers.read(organisationId);
    const chosen = models.defaultFor('builder');
    return {
      registrationOpen: open,
      keys: models.sources
        .filter((source) => source.kind !== 'compatible')
        .map((source) => ({
          provider: source.id as (typeof PROVIDERS)[number],
          source: source.keyFrom as 'settings' | 'environment' | 'none',
          hint: source.hint,
          baseUrl: source.baseUrl ?? null,
        })),
      models: models.pickable('builder').map((ref) => {
        const entry = models.entry(ref);
        const { id, name, provider, note } = entry;
        const source = models.sourceOf(ref);
        const why = models.whyNot(ref);
        return {
          id,
          name: source?.kind === 'compatible' ? `${name} · ${source.name}` : name,
          provider,
          note: why ? `${note}; ${why}` : note,
          available: why === undefined,
          default: id === chosen,
          pictures: takesPictures(entry),
        };
      }),
      limits: limits ?? {
        perTurn: null,
        perChat: null,
        perDay: null,
        tokensPerTurn: null,
        tokensPerChat: null,
        tokensPerDay: null,
      },
      spentTodayMicros: spent.micros,
    };
  }

  api.get(
    '/api/settings',
    { config: { permission: 'signed-in' }, schema: { tags, response: { 200: settingsSchema } } },
    async (request) => read(organisationOf(request, false)),
  );

  api.patch(
    '/api/settings',
    {
      config: { permission: 'signed-in' },
      schema: { tags, body: patchSettingsSchema, response: { 200: settingsSchema } },
    },
    async (request) => {
      const organisationId = organisationOf(request, true);
      const { registrationOpen, limits } = request.body;
      if (registrationOpen !== undefined) {
        if (!accessOf(request).owner)
          throw new AppError('not_allowed', 'forbidden', 'Only the owner of this server may open registration.');
        await run(db, sql`update installation set registration_open = ${registrationOpen}`);
      }
      if (limits) {
        await run(
          db,
          sql`insert into spending_limits (organisation_id, per_turn, per_chat, per_day, tokens_per_turn, tokens_per_chat, tokens_per_day)
          values (${organisationId}, ${limits.perTurn}, ${limits.perChat}, ${limits.perDay}, ${limits.tokensPerTurn}, ${limits.tokensPerChat}, ${limits.tokensPerDay})
          on conflict (organisation_id) do update set per_turn = excluded.per_turn, per_chat = excluded.per_chat, per_day = excluded.per_day,
            tokens_per_turn = excluded.tokens_per_turn, tokens_per_chat = excluded.tokens_per_chat, tokens_per_day = excluded.tokens_per_day`,
        );
      }
      return read(organisationId);
    },
  );

  const params = z.object({ provider: providerSchema });
  api.put(
    '/api/settings/keys/:provider',
    {
      config: { permission: 'signed-in' },
      schema: { tags, params, body: putModelKeySchema, response: { 200: settingsSchema } },
    },
    async (request) => {
      const organisationId = organisationOf(request, true);
      const { provider } = request.params;
      // our server calls that address: only who owns the server may name one
      if (request.body.baseUrl && !accessOf(request).owner)
        throw new AppError('not_allowed', 'forbidden', 'Only the owner of this server may name another address.');
      const elsewhere = request.body.baseUrl ?? platform.config.models[provider].baseUrl;
      if (provider === 'anthropic' && !elsewhere && !/^sk-ant-/.test(request.body.key)) {
        throw new AppError('not_a_key', 'invalid', 'This is not a key of Anthropic.', {
          detail: 'Their keys begin with sk-ant-. For another address, name it beside the key.',
          fields: { key: 'Keys of Anthropic begin with sk-ant-' },
        });
      }
      await modelKeys.store(organisationId, provider, {
        key: request.body.key,
        baseUrl: request.body.baseUrl,
        by: accessOf(request).user.id,
      });
      return read(organisationId);
    },
  );

  api.delete(
    '/api/settings/keys/:provider',
    { config: { permission: 'signed-in' }, schema: { tags, params, response: { 200: settingsSchema } } },
    async (request) => {
      const organisationId = organisationOf(request, true);
      await modelKeys.remove(organisationId, request.params.provider);
      return read(organisationId);
    },
  );
}
