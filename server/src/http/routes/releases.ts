/** The releases of an app over HTTP: see them, and go back to one. Whoever may merge may go back, unless customers' own database is concerned. */
import { z } from 'zod';
import { goBackSchema, releasePageSchema } from '../../../../contract/releases.ts';
import { findApp } from '../../apps/launcher.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const config = { permission: 'signed-in' as const };
const tags = ['apps'];

export function releaseRoutes(api: Api, platform: Platform): void {
  const { db, host } = platform;

  api.get(
    '/api/apps/:id/releases',
    {
      config,
      schema: {
        tags,
        description: 'Newest first, each with whether it could serve again.',
        params,
        querystring: z.object({ before: z.coerce.number().int().positive().optional().describe('A release’s number') }),
        response: { 200: releasePageSchema },
      },
    },
    async (request) => {
      const app = await findApp(db, accessOf(request), request.params.id);
      return host.listReleases({ appId: app.id, ...request.query });
    },
  );

  api.post(
    '/api/apps/:id/rollback',
    {
      config,
      schema: {
        tags,
        description:
          'Lets another of the kept releases serve. No request is lost, rows stay, and main is left as it is: the next merge builds on all of it.',
        params,
        body: goBackSchema,
        response: { 200: z.object({ from: z.int(), to: z.int() }) },
      },
    },
    async (request) => {
      const access = accessOf(request);
      const app = await findApp(db, access, request.params.id);
      const { role } = access.containers.find(({ id }) => id === app.container_id)!;
      if (app.mode === 'dual-repository' && role === 'member')
        throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may decide what customers get.');
      return host.goBack({ ...request.body, appId: app.id, by: access.user.id });
    },
  );
}
