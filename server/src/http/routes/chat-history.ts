/** What was said, over HTTP: search it, write it anew, take it along. */
import { z } from 'zod';
import { editQueuedSchema, postedMessageSchema, rerunSchema, searchPageSchema } from '../../../../contract/chats.ts';
import type { ChatEvent } from '../../../../contract/events.ts';
import { findChat } from '../../conversations/chats.ts';
import { exportChat } from '../../conversations/export.ts';
import { editQueued } from '../../conversations/queued.ts';
import { rerunMessage } from '../../conversations/rerun.ts';
import { searchChats } from '../../conversations/search.ts';
import type { Api, Platform } from '../app.ts';
import { beginTurn } from '../begin-turn.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const config = { permission: 'signed-in' as const };
const tags = ['chats'];

/** An export holds at most so many events; a chat of years has fewer. */
const MOST_EVENTS = 50_000;
const PAGE = 500;

export function chatHistoryRoutes(api: Api, platform: Platform): void {
  const { db, log } = platform;

  const query = z.object({
    q: z.string().trim().min(1, 'Say what to look for').max(200),
    cursor: z.string().max(500).optional(),
    limit: z.coerce.number().int().min(1).max(50).default(20),
  });
  api.get(
    '/api/search',
    { config, schema: { tags, querystring: query, response: { 200: searchPageSchema } } },
    async (request) => searchChats({ db, log }, accessOf(request), request.query),
  );

  api.patch(
    '/api/chats/:id/queue/:turnId',
    {
      config,
      schema: {
        tags,
        params: params.extend({ turnId: z.uuid() }),
        body: editQueuedSchema,
        response: { 200: z.object({ seq: z.int() }) },
      },
    },
    async (request) => {
      const { id, turnId } = request.params;
      return { seq: await editQueued(db, log, accessOf(request), id, turnId, request.body) };
    },
  );

  api.post(
    '/api/chats/:id/rerun',
    { config, schema: { tags, params, body: rerunSchema, response: { 202: postedMessageSchema } } },
    async (request, reply) => {
      const access = accessOf(request);
      const posted = await rerunMessage(platform, access, request.params.id, request.body);
      beginTurn(platform, posted);
      return reply.code(202).send(posted);
    },
  );

  api.get(
    '/api/chats/:id/export',
    { config, schema: { tags, params, response: { 200: z.string().describe('Markdown') } } },
    async (request, reply) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      const events: ChatEvent[] = [];
      while (events.length < MOST_EVENTS) {
        const page = await log.read(chat.id, events.at(-1)?.seq ?? 0, PAGE);
        events.push(...page);
        if (page.length < PAGE) break;
      }
      const cut = events.length >= MOST_EVENTS;
      const text = exportChat(
        {
          title: chat.title,
          app: chat.app_name,
          branch: `chat/${chat.chat8}`,
          createdAt: chat.created_at.toISOString(),
        },
        events,
        cut ? 'The rest of this chat is too long for one file.' : undefined,
      );
      return reply
        .type('text/markdown; charset=utf-8')
        .header('content-disposition', `attachment; filename="${fileName(chat.title)}.md"`)
        .send(text);
    },
  );
}

/** A title as a file's name, in letters that every system and header takes. */
const fileName = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .toLowerCase() || 'chat';
