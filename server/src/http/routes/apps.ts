/** Apps over HTTP: what the launcher shows and what a person can set. */
import { z } from 'zod';
import { type App, appSchema, createAppSchema, patchAppSchema } from '../../../../contract/apps.ts';
import { appLeavesSchema } from '../../../../contract/outside.ts';
import { createAppRow } from '../../apps/create.ts';
import { deleteApp, mayDelete, restoreApp } from '../../apps/deletion.ts';
import { type AppRow, findApp, listApps, showApp } from '../../apps/launcher.ts';
import { run, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const config = { permission: 'signed-in' as const };
const tags = ['apps'];

export function appRoutes(api: Api, platform: Platform): void {
  const { db, hub, host } = platform;

  async function views(rows: AppRow[]): Promise<App[]> {
    if (rows.length === 0) return [];
    const states = await host
      .appStates({ containerId: rows[0]!.container_id }, AbortSignal.timeout(3000))
      .catch(() => ({ apps: {} }));
    return rows.map((row) =>
      showApp(row, platform.config.baseUrl, (states.apps as Record<string, { state: App['state'] }>)[row.id]?.state),
    );
  }

  const query = z.object({
    containerId: z.uuid().optional(),
    deleted: z.stringbool().default(false).describe('Those that can still be brought back'),
  });
  api.get(
    '/api/apps',
    {
      config,
      schema: { tags, querystring: query, response: { 200: z.object({ items: z.array(appSchema), next: z.null() }) } },
    },
    async (request) => {
      const container = accessOf(request).containers.find(
        ({ id }) => !request.query.containerId || id === request.query.containerId,
      );
      return {
        items: container ? await views(await listApps(db, container.id, request.query.deleted)) : [],
        next: null,
      };
    },
  );

  api.post(
    '/api/apps',
    { config, schema: { tags, body: createAppSchema, response: { 201: appSchema } } },
    async (request, reply) => {
      const access = accessOf(request);
      const container = access.containers.find(
        ({ id }) => !request.body.containerId || id === request.body.containerId,
      );
      if (!container) throw new AppError('no_container', 'missing', 'There is no place to build in yet.');
      const app = await createAppRow(db, {
        containerId: container.id,
        name: request.body.name,
        slug: request.body.slug,
        description: request.body.description,
        by: access.user.id,
      });
      await hub.changed(`container:${container.id}`, 'app');
      return reply.code(201).send((await views([await findApp(db, access, app.id)]))[0]!);
    },
  );

  api.get('/api/apps/:id', { config, schema: { tags, params, response: { 200: appSchema } } }, async (request) => {
    return (await views([await findApp(db, accessOf(request), request.params.id)]))[0]!;
  });

  api.patch(
    '/api/apps/:id',
    { config, schema: { tags, params, body: patchAppSchema, response: { 200: appSchema } } },
    async (request) => {
      const access = accessOf(request);
      const app = await findApp(db, access, request.params.id);
      const { name = app.name, description = app.description, icon = app.icon, colour = app.colour } = request.body;
      await run(
        db,
        sql`update apps set name = ${name}, description = ${description}, icon = ${icon}, colour = ${colour} where id = ${app.id}`,
      );
      await hub.changed(`container:${app.container_id}`, 'app');
      return (await views([await findApp(db, access, app.id)]))[0]!;
    },
  );

  api.post(
    '/api/apps/:id/opened',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      const app = await findApp(db, accessOf(request), request.params.id);
      await run(db, sql`update apps set last_opened_at = now() where id = ${app.id}`);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/api/apps/:id/leaves',
    {
      config,
      schema: {
        tags,
        params,
        description: 'What deleting it would leave on a live database that does not answer now.',
        response: { 200: appLeavesSchema },
      },
    },
    async (request) => {
      const access = accessOf(request);
      const app = await findApp(db, access, request.params.id);
      mayDelete(access, app.container_id);
      return host.appLeaves({ appId: app.id });
    },
  );

  api.delete(
    '/api/apps/:id',
    {
      config,
      schema: {
        tags,
        params,
        querystring: z.object({
          leave: z
            .stringbool()
            .default(false)
            .describe('Yes to leaving what is on a live database that does not answer'),
        }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const access = accessOf(request);
      const app = await findApp(db, access, request.params.id);
      mayDelete(access, app.container_id);
      const asked = app.mode === 'dual-repository' && !request.query.leave;
      const { leaves } = asked ? await host.appLeaves({ appId: app.id }) : { leaves: null };
      if (leaves)
        throw new AppError('live_stays', 'conflict', `Its live database does not answer: ${leaves.where}.`, {
          detail: 'Say yes to leaving there what cannot be removed now, or delete it when the database answers.',
        });
      await deleteApp(db, access, app);
      await hub.changed(`container:${app.container_id}`, 'app');
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/api/apps/:id/restore',
    { config, schema: { tags, params, response: { 200: appSchema } } },
    async (request) => {
      const access = accessOf(request);
      await restoreApp(db, access, request.params.id);
      const app = await findApp(db, access, request.params.id);
      await hub.changed(`container:${app.container_id}`, 'app');
      return (await views([app]))[0]!;
    },
  );
}
