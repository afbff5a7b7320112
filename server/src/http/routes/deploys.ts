/** From the staging site to live, and a release that did not come up once more. */
import { z } from 'zod';
import { deployPreviewSchema, deploySchema } from '../../../../contract/deploys.ts';
import { type AppRow, findApp } from '../../apps/launcher.ts';
import { run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { enqueue } from '../../jobs/queue.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const config = { permission: 'signed-in' as const };
const tags = ['apps'];

export function deployRoutes(api: Api, platform: Platform): void {
  const { db, host, hub } = platform;

  api.get(
    '/api/apps/:id/deploy',
    { config, schema: { tags, params, response: { 200: deployPreviewSchema } } },
    async (request) => {
      const app = await findApp(db, accessOf(request), request.params.id);
      return host.previewDeploy({ appId: app.id });
    },
  );

  api.post(
    '/api/apps/:id/deploy',
    {
      config,
      schema: {
        tags,
        params,
        body: deploySchema
          .nullish()
          .describe('What was shown goes to live. Left out: the last release is tried again, if it did not come up'),
        response: { 202: z.object({ releaseId: z.uuid() }) },
      },
    },
    async (request, reply) => {
      const access = accessOf(request);
      const app = await findApp(db, access, request.params.id);
      if (!request.body) return reply.code(202).send({ releaseId: await tryAgain(app) });
      if (access.containers.find(({ id }) => id === app.container_id)?.role === 'member')
        throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may bring something to live.');
      const { releaseId } = await host.deploy({ appId: app.id, by: access.user.id, deploy: request.body });
      await hub.changed(`container:${app.container_id}`, 'app');
      return reply.code(202).send({ releaseId });
    },
  );

  async function tryAgain(app: AppRow): Promise<string> {
    const newest = [app.release_id && { id: app.release_id, number: app.release_number! }, app.site]
      .filter((one) => one !== null && one !== '')
      .sort((a, b) => b.number - a.number)[0];
    if (!newest)
      throw new AppError('nothing_merged', 'conflict', 'Nothing of this app was merged yet.', {
        detail: 'Merge a chat first.',
      });
    await transaction(db, async (tx) => {
      const again = await run(
        tx,
        sql`update releases set state = 'queued', problem = null where id = ${newest.id} and state = 'failed'`,
      );
      if (again)
        await enqueue(tx, 'app.release', { releaseId: newest.id }, { key: `app.release:${newest.id}`, attempts: 3 });
    });
    return newest.id;
  }
}
