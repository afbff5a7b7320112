/** Who is signed in, and whether this server lives and serves. */
import { z } from 'zod';
import { changePasswordSchema, meSchema, patchMeSchema } from '../../../../contract/accounts.ts';
import { serverStateSchema } from '../../../../contract/settings.ts';
import { changePassword, renameUser } from '../../accounts/own-account.ts';
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

  api.patch(
    '/api/me',
    {
      config: { permission: 'signed-in' },
      schema: { tags: ['auth'], body: patchMeSchema, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { user, sessionId } = accessOf(request);
      await renameUser(platform.db, user.id, request.body.name);
      platform.accessSet.heard(`session ${sessionId}`);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/api/me/password',
    {
      config: { permission: 'signed-in' },
      schema: {
        tags: ['auth'],
        description: 'Every other sign-in of this person ends.',
        body: changePasswordSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { user, sessionId } = accessOf(request);
      const who = { user, sessionId, address: request.ip };
      await changePassword(platform.db, who, request.body, platform.registration.passwordCost);
      return reply.code(204).send(null);
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
