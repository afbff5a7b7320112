/** Carrying a signed-in person to an app's own origin: the code of the exchange. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { labelOf, parseLabel } from '../../hosting/gateway/addresses.ts';
import { issueCode } from '../../hosting/gateway/app-sessions.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const bodySchema = z.object({ host: z.string().max(200), nonceHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

export function openRoutes(api: Api, platform: Platform): void {
  api.post(
    '/api/auth/app-code',
    {
      config: { permission: 'signed-in' },
      schema: { tags: ['auth'], body: bodySchema, response: { 200: z.object({ code: z.string() }) } },
    },
    async (request) => {
      const access = accessOf(request);
      const host = request.body.host.toLowerCase();
      const label = labelOf(host, platform.config.baseHost);
      if (!label || !parseLabel(label))
        throw new AppError('not_an_app', 'invalid', 'This is not the address of an app.');
      const code = await issueCode(platform.db, {
        sessionId: access.sessionId,
        userId: access.user.id,
        host,
        nonceHash: request.body.nonceHash,
      });
      return { code };
    },
  );
}
