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
import { CATALOGUE } from '../../agents/models/catalogue.ts';
import { maybe, one, run, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const tags = ['settings'];

export function settingsRoutes(api: Api, platform: Platform): void {
  const { db, modelKeys, providers } = platform;

  async function read(organisationId: string): Promise<Settings> {
    const { open } = await one(db, sql<{ open: boolean }>`select registration_open as open from installation`);
    const limits = await maybe(
      db,
      sql<Limits>`select per_turn as "perTurn", per_chat as "perChat", per_day as "perDay" from spending_limits where organisation_id = ${organisationId}`,
    );
    const spent = await one(
      db,
      sql<{
        micros: number;
      }>`select coalesce(sum(coalesce(cost_micros, reserved_micros)), 0)::float8 as micros from usage_ledger
        where organisation_id = ${organisationId} and created_at >= date_trunc('day', now())`,
    );
    const key = await modelKeys.find(organisationId, 'anthropic');
    const chosen = await providers.defaultFor(organisationId);
    return {
      registrationOpen: open,
      keys: [
        {
          provider: 'anthropic',
          source: key?.source ?? 'none',
          hint: key?.hint ?? null,
          baseUrl: key?.baseUrl ?? null,
        },
      ],
      models: CATALOGUE.map(({ id, name, provider, note }) => ({
        id,
        name,
        provider,
        note,
        available: provider === 'builtin' || key !== undefined,
        default: id === chosen,
      })),
      limits: limits ?? { perTurn: null, perChat: null, perDay: null },
      spentTodayMicros: spent.micros,
    };
  }

  const organisationOf = (request: Parameters<typeof accessOf>[0], admin: boolean): string => {
    const container = accessOf(request).containers[0];
    if (!container) throw new AppError('no_container', 'missing', 'Nobody has shared a place with you yet.');
    if (admin && container.role === 'member')
      throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may change settings.');
    return container.organisationId;
  };

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
          sql`insert into spending_limits (organisation_id, per_turn, per_chat, per_day) values (${organisationId}, ${limits.perTurn}, ${limits.perChat}, ${limits.perDay})
          on conflict (organisation_id) do update set per_turn = excluded.per_turn, per_chat = excluded.per_chat, per_day = excluded.per_day`,
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
      if (!request.body.baseUrl && !platform.config.anthropic.baseUrl && !/^sk-ant-/.test(request.body.key)) {
        throw new AppError('not_a_key', 'invalid', 'This is not a key of Anthropic.', {
          detail: 'Their keys begin with sk-ant-. For another address, name it beside the key.',
          fields: { key: 'Keys of Anthropic begin with sk-ant-' },
        });
      }
      await modelKeys.store(organisationId, request.params.provider, {
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
