/** Apps to begin with: what there is, and beginning with one. It is a turn like any other, so it can be watched, undone and changed. */
import { z } from 'zod';
import { postedMessageSchema } from '../../../../contract/chats.ts';
import { starterSchema } from '../../../../contract/starters.ts';
import { starters } from '../../builds/starters/starters.ts';
import { postMessage } from '../../conversations/messages.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { beginTurn } from '../begin-turn.ts';
import { accessOf } from '../plugins/access.ts';

const config = { permission: 'signed-in' as const };
const tags = ['starters'];

export function starterRoutes(api: Api, platform: Platform): void {
  api.get(
    '/api/starters',
    {
      config,
      schema: { tags, response: { 200: z.object({ items: z.array(starterSchema), next: z.null() }) } },
    },
    async () => ({
      items: starters.map(({ id, title, text }) => ({ id, title, text, picture: `/assets/starters/${id}.png` })),
      next: null,
    }),
  );

  api.post(
    '/api/starters/:id',
    {
      config,
      schema: {
        tags,
        params: z.object({ id: z.string().max(40) }),
        body: z.object({ containerId: z.uuid().optional() }),
        response: { 202: postedMessageSchema },
      },
    },
    async (request, reply) => {
      const starter = starters.find(({ id }) => id === request.params.id);
      if (!starter) throw new AppError('starter_not_found', 'missing', 'There is no such app to begin with.');
      const posted = await postMessage(platform, accessOf(request), {
        message: `Begin with ${starter.title}. ${starter.text}`,
        containerId: request.body.containerId,
        mode: 'form',
        operations: starter.operations,
      });
      beginTurn(platform, posted);
      return reply.code(202).send(posted);
    },
  );
}
