/** The people of a container over HTTP: who is here, who is invited, and what a link is for. */
import { z } from 'zod';
import {
  createInvitationSchema,
  invitationSchema,
  invitationViewSchema,
  madeInvitationSchema,
  memberSchema,
  patchMemberSchema,
} from '../../../../contract/accounts.ts';
import {
  acceptInvitation,
  changeRole,
  invite,
  listInvitations,
  listMembers,
  readInvitation,
  removeMember,
  withdrawInvitation,
} from '../../accounts/people.ts';
import { transaction } from '../../db/database.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf, containerOf } from '../plugins/access.ts';

const tags = ['people'];
const config = { permission: 'signed-in' as const };
const params = z.object({ id: z.uuid() });

export function peopleRoutes(api: Api, platform: Platform): void {
  const { db } = platform;

  api.get(
    '/api/people',
    {
      config,
      schema: { tags, response: { 200: z.object({ items: z.array(memberSchema), next: z.null() }) } },
    },
    async (request) => ({ items: await listMembers(db, containerOf(request)), next: null }),
  );

  api.patch(
    '/api/people/:id',
    { config, schema: { tags, params, body: patchMemberSchema, response: { 204: z.null() } } },
    async (request, reply) => {
      await changeRole(db, containerOf(request), request.params.id, request.body.role);
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/api/people/:id',
    {
      config,
      schema: { tags, params, description: 'One’s own id: to leave.', response: { 204: z.null() } },
    },
    async (request, reply) => {
      await removeMember(db, accessOf(request), containerOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/api/invitations',
    {
      config,
      schema: { tags, response: { 200: z.object({ items: z.array(invitationSchema), next: z.null() }) } },
    },
    async (request) => {
      const container = containerOf(request);
      return { items: container.role === 'member' ? [] : await listInvitations(db, container), next: null };
    },
  );

  api.post(
    '/api/invitations',
    { config, schema: { tags, body: createInvitationSchema, response: { 201: madeInvitationSchema } } },
    async (request, reply) => {
      const { id, token } = await invite(db, accessOf(request), containerOf(request), request.body);
      // behind the #, so that no log of a proxy ever holds it
      const url = new URL(`/join#${token}`, platform.config.baseUrl).href;
      return reply.code(201).send({ id, url });
    },
  );

  api.delete(
    '/api/invitations/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await withdrawInvitation(db, containerOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );

  const body = z.object({ token: z.string().max(100) });
  api.post(
    '/api/invitations/read',
    { config: { permission: 'public' }, schema: { tags, body, response: { 200: invitationViewSchema } } },
    async (request) => readInvitation(db, request.body.token),
  );

  api.post(
    '/api/invitations/accept',
    {
      config,
      schema: { tags, body, response: { 200: z.object({ containerId: z.uuid() }) } },
    },
    async (request) => {
      const { user, sessionId } = accessOf(request);
      const containerId = await transaction(db, (tx) => acceptInvitation(tx, user, request.body.token));
      platform.accessSet.heard(`session ${sessionId}`);
      return { containerId };
    },
  );
}
