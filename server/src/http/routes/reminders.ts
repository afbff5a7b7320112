/** Reminders over HTTP: what one database has and the other may still need, and what a person decides about it. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { consoleOutcomeSchema } from '../../../../contract/data.ts';
import { applySchema, dismissSchema, reminderPreviewSchema, reminderSchema } from '../../../../contract/reminders.ts';
import { AppError } from '../../errors.ts';
import { dismissReminder, listReminders, openReminder, reopenReminder } from '../../hosting/data/reminders.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf, containerOf } from '../plugins/access.ts';

const tags = ['reminders'];
const config = { permission: 'signed-in' as const };
const params = z.object({ id: z.uuid() });

export function reminderRoutes(api: Api, platform: Platform): void {
  const { db, host, hub } = platform;

  /** @throws AppError `not_allowed` */
  const managed = (request: FastifyRequest) => {
    const container = containerOf(request);
    if (container.role === 'member')
      throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin of the container may decide about this.');
    return container;
  };

  api.get(
    '/api/reminders',
    {
      config,
      schema: {
        tags,
        description: 'Open ones first, then those that were cleared or dismissed in the last days.',
        querystring: z.object({ chatId: z.uuid().optional() }),
        response: { 200: z.object({ items: z.array(reminderSchema), next: z.null() }) },
      },
    },
    async (request) => ({
      items: await listReminders(db, containerOf(request).id, request.query.chatId),
      next: null,
    }),
  );

  api.get(
    '/api/reminders/:id/preview',
    {
      config,
      schema: {
        tags,
        description: 'Exactly what would run on the other database.',
        params,
        response: { 200: reminderPreviewSchema },
      },
    },
    async (request) => {
      const container = containerOf(request);
      const reminder = await openReminder(db, container.id, request.params.id);
      return host.previewReminder({ containerId: container.id, reminderId: reminder.id });
    },
  );

  api.post(
    '/api/reminders/:id/apply',
    {
      config,
      schema: {
        tags,
        description:
          'Makes the change on the other database: what was shown and nothing else. A change of rows in use asks once more, with the number of rows.',
        params,
        body: applySchema,
        response: { 200: z.object({ outcome: consoleOutcomeSchema.nullable() }) },
      },
    },
    async (request) => {
      const container = managed(request);
      const reminder = await openReminder(db, container.id, request.params.id);
      return host.applyReminder({
        containerId: container.id,
        reminderId: reminder.id,
        by: accessOf(request).user.id,
        digest: request.body.digest,
      });
    },
  );

  api.post(
    '/api/reminders/:id/dismiss',
    { config, schema: { tags, params, body: dismissSchema, response: { 204: z.null() } } },
    async (request, reply) => {
      const container = managed(request);
      const reminder = await openReminder(db, container.id, request.params.id);
      await dismissReminder(db, reminder, accessOf(request).user.id, request.body.reason);
      await hub.changed(`container:${container.id}`, 'app');
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/api/reminders/:id/reopen',
    {
      config,
      schema: { tags, description: 'Takes a dismissal back.', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const container = managed(request);
      await reopenReminder(db, container.id, request.params.id, accessOf(request).user.id);
      await hub.changed(`container:${container.id}`, 'app');
      return reply.code(204).send(null);
    },
  );
}
