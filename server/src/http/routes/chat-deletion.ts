/** Deleting chats over HTTP: what is not merged is named first, and 48 hours are left to change one's mind. */
import { z } from 'zod';
import { chatSchema } from '../../../../contract/chats.ts';
import { findChat } from '../../conversations/chats.ts';
import { deleteChat, restoreChat } from '../../conversations/deletion.ts';
import type { Api, Platform } from '../app.ts';
import type { ChatViews } from '../chat-views.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const config = { permission: 'signed-in' as const };
const tags = ['chats'];
const MOST_NAMED = 500;

export function chatDeletionRoutes(api: Api, platform: Platform, views: ChatViews): void {
  const { db, host, hub } = platform;

  const query = z.object({
    unmerged: z.enum(['refuse', 'lose']).default('refuse').describe('What happens when work is not on main'),
  });
  const unmerged = z.object({
    code: z.string(),
    title: z.string(),
    status: z.literal(409),
    type: z.string(),
    conflicts: z.array(z.object({ path: z.string(), reason: z.string() })),
  });
  api.delete(
    '/api/chats/:id',
    { config, schema: { tags, params, querystring: query, response: { 204: z.null(), 409: unmerged } } },
    async (request, reply) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id);
      if (request.query.unmerged === 'refuse' && chat.app_id) {
        const { files } = await host.diff({ chatId: chat.id, from: 'main' });
        if (files.length > 0)
          return reply.code(409).send({
            type: 'about:blank#unmerged_work',
            code: 'unmerged_work',
            title: 'Work in this chat is not merged.',
            status: 409,
            conflicts: files.slice(0, MOST_NAMED).map(({ path, change, additions, deletions }) => ({
              path,
              reason: `${{ A: 'new', M: 'changed', D: 'removed' }[change]}, +${additions} −${deletions}`,
            })),
          });
      }
      await deleteChat(db, access, chat);
      // nothing is lost by a host that does not answer: the address is closed, and the preview falls asleep by itself
      await host.closeChat({ chatId: chat.id }).catch((error) => platform.logger.warn({ err: error }, 'not closed'));
      await hub.changed(`container:${chat.container_id}`, `chat ${chat.id}`);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/api/chats/:id/restore',
    { config, schema: { tags, params, response: { 200: chatSchema } } },
    async (request) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id, { deleted: true });
      await restoreChat(db, access, chat);
      await hub.changed(`container:${chat.container_id}`, `chat ${chat.id}`);
      return views.one(await findChat(db, access, chat.id));
    },
  );
}
