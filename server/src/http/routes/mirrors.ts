/** An app's live database over HTTP: give it one, see how its mirror is, fill the staging site, say what it may see of people's data. */
import { z } from 'zod';
import { masksSchema, mirrorSchema } from '../../../../contract/mirrors.ts';
import type { Access } from '../../accounts/access-set.ts';
import { findApp } from '../../apps/launcher.ts';
import { recordAct } from '../../databases/acts.ts';
import { readMasks, writeMasks } from '../../databases/mirror/masks.ts';
import { readMirror, recordMirror } from '../../databases/mirror/record.ts';
import { run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { enqueue } from '../../jobs/queue.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const config = { permission: 'signed-in' as const };
const tags = ['live'];

/** @throws AppError `app_not_found`, `not_allowed` */
async function managed(platform: Platform, access: Access, appId: string) {
  const app = await findApp(platform.db, access, appId);
  if (access.containers.find(({ id }) => id === app.container_id)?.role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may decide about an app’s live database.');
  return app;
}

export function mirrorRoutes(api: Api, platform: Platform): void {
  const { db, host, hub } = platform;

  api.post(
    '/api/apps/:id/live',
    { config, schema: { tags, params, response: { 202: mirrorSchema } } },
    async (request, reply) => {
      const app = await managed(platform, accessOf(request), request.params.id);
      if (!app.serving)
        throw new AppError('nothing_merged', 'conflict', 'Nothing of this app was merged yet.', {
          detail: 'Merge a chat first.',
        });
      await transaction(db, async (tx) => {
        // where live is, is not changed meanwhile
        await run(tx, sql`select 1 from containers where id = ${app.container_id} for update`);
        const mirror = await readMirror(tx, app.id);
        if (!mirror && app.mode === 'vibe-coded')
          await recordAct(tx, { act: 'give_live', appId: app.id, by: accessOf(request).user.id });
        if (!mirror || app.mode === 'vibe-coded')
          await recordMirror(tx, app.id, {
            state: 'preparing',
            words: 'Live is being made.',
            lagMs: 0,
            lagBytes: 0,
            percent: null,
          });
        await enqueue(tx, 'app.live', { appId: app.id }, { key: `app.live:${app.id}` });
      });
      await hub.changed(`container:${app.container_id}`, 'app');
      return reply.code(202).send((await readMirror(db, app.id))!);
    },
  );

  api.get(
    '/api/apps/:id/mirror',
    { config, schema: { tags, params, response: { 200: mirrorSchema } } },
    async (request) => {
      const app = await findApp(db, accessOf(request), request.params.id);
      const mirror = await readMirror(db, app.id);
      if (!mirror) throw new AppError('no_mirror', 'missing', 'This app has no live database of its own.');
      return mirror;
    },
  );

  const filled = z.object({ tables: z.array(z.string()), rows: z.int() });
  api.post('/api/apps/:id/site', { config, schema: { tags, params, response: { 200: filled } } }, async (request) => {
    const app = await managed(platform, accessOf(request), request.params.id);
    return host.fillSite({ appId: app.id, by: accessOf(request).user.id });
  });

  api.get(
    '/api/apps/:id/masks',
    { config, schema: { tags, params, response: { 200: masksSchema } } },
    async (request) => {
      const app = await findApp(db, accessOf(request), request.params.id);
      return { items: await readMasks(db, app.id) };
    },
  );

  api.put(
    '/api/apps/:id/masks',
    { config, schema: { tags, params, body: masksSchema, response: { 200: masksSchema } } },
    async (request) => {
      const access = accessOf(request);
      const app = await managed(platform, access, request.params.id);
      await writeMasks(db, app.id, access.user.id, request.body.items);
      return { items: await readMasks(db, app.id) };
    },
  );
}
