/** Who is signed in, and whether this server lives and serves. */
import { z } from 'zod';
import { meSchema } from '../../../../contract/accounts.ts';
import { serverStateSchema } from '../../../../contract/settings.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

export function meRoutes(api: Api, platform: Platform): void {
  api.get(
    '/api/me',
    { config: { permission: 'signed-in' }, schema: { tags: ['auth'], response: { 200: meSchema } } },
    async (request) => {
      const { user, owner, containers } = accessOf(request);
      return { user, owner, containers: containers.map(({ organisationId: _, ...container }) => container) };
    },
  );

  api.get(
    '/api/health',
    {
      config: { permission: 'public' },
      schema: { tags: ['server'], response: { 200: z.object({ status: z.literal('ok') }) } },
    },
    async () => ({ status: 'ok' as const }),
  );

  api.get(
    '/api/ready',
    {
      config: { permission: 'public' },
      schema: { tags: ['server'], response: { 200: serverStateSchema, 503: serverStateSchema } },
    },
    async (_request, reply) => {
      const state = await platform.serverState();
      return reply.code(state.ready ? 200 : 503).send(state);
    },
  );
}
