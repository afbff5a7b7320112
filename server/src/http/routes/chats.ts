/** Chats over HTTP: say, read, set, stop, undo, redo, merge. */
import { z } from 'zod';
import {
  answerSchema,
  chatDiffSchema,
  chatSchema,
  conflictFileSchema,
  mergeSchema,
  patchChatSchema,
  postedMessageSchema,
  postMessageSchema,
  resolveConflictsSchema,
  turnGuardSchema,
} from '../../../../contract/chats.ts';
import { draftSchema } from '../../../../contract/drafts.ts';
import { eventPageSchema } from '../../../../contract/events.ts';
import { losesSchema } from '../../../../contract/loses.ts';
import { answerQuestion } from '../../conversations/answers.ts';
import { type ChatRow, findChat, listChats } from '../../conversations/chats.ts';
import { postMessage, withdrawMessage } from '../../conversations/messages.ts';
import { bringBackWords } from '../../conversations/rerun.ts';
import { requestStop } from '../../conversations/turns.ts';
import { run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { beginTurn } from '../begin-turn.ts';
import type { ChatViews } from '../chat-views.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const config = { permission: 'signed-in' as const };
const tags = ['chats'];
const LARGEST_RESOLUTION = 2 * 1024 * 1024;
const conflicts = z.array(z.object({ path: z.string(), reason: z.string() }));

export function chatRoutes(api: Api, platform: Platform, views: ChatViews): void {
  const { db, log, hub, host } = platform;
  const changed = (chat: Pick<ChatRow, 'id' | 'container_id'>) =>
    hub.changed(`container:${chat.container_id}`, `chat ${chat.id}`);

  api.post(
    '/api/chat',
    { config, schema: { tags, body: postMessageSchema, response: { 202: postedMessageSchema } } },
    async (request, reply) => {
      const container = accessOf(request).containers.find(
        ({ id }, at) => id === request.body.containerId || (!request.body.containerId && at === 0),
      );
      if (request.body.model && container)
        (await platform.providers.of(container.organisationId)).refuseUnknown(request.body.model);
      const posted = await postMessage(platform, accessOf(request), request.body);
      beginTurn(platform, posted);
      return reply.code(202).send(posted);
    },
  );

  const query = z.object({
    containerId: z.uuid().optional(),
    archived: z.stringbool().default(false),
    deleted: z.stringbool().default(false).describe('Those that can still be brought back'),
    before: z.iso.datetime().optional(),
    limit: z.coerce.number().int().min(1).max(100).default(50),
  });
  api.get(
    '/api/chats',
    {
      config,
      schema: {
        tags,
        querystring: query,
        response: { 200: z.object({ items: z.array(chatSchema), next: z.string().nullable() }) },
      },
    },
    async (request) => {
      const access = accessOf(request);
      const containers = access.containers.filter(
        ({ id }) => !request.query.containerId || id === request.query.containerId,
      );
      const container = containers[0];
      if (!container) return { items: [], next: null };
      const { archived, deleted, before, limit } = request.query;
      const shelf = deleted ? 'deleted' : archived ? 'archived' : 'open';
      const rows = await listChats(db, container.id, { shelf, before, limit });
      const next = rows.length === request.query.limit ? rows.at(-1)!.updated_at.toISOString() : null;
      return { items: await views.many(rows), next };
    },
  );

  api.get('/api/chats/:id', { config, schema: { tags, params, response: { 200: chatSchema } } }, async (request) =>
    views.one(await findChat(db, accessOf(request), request.params.id)),
  );

  api.patch(
    '/api/chats/:id',
    { config, schema: { tags, params, body: patchChatSchema, response: { 200: chatSchema } } },
    async (request) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id);
      const by = { id: access.user.id, name: access.user.name };
      const { title, status, database, model, archived, spendingLimit } = request.body;
      if (model) (await platform.providers.of(chat.organisation_id)).refuseUnknown(model);
      await transaction(db, async (tx) => {
        if (title !== undefined) await run(tx, sql`update chats set title = ${title} where id = ${chat.id}`);
        if (model !== undefined) await run(tx, sql`update chats set model = ${model} where id = ${chat.id}`);
        if (spendingLimit !== undefined)
          await run(tx, sql`update chats set spending_limit = ${spendingLimit} where id = ${chat.id}`);
        if (archived !== undefined)
          await run(tx, sql`update chats set archived_at = ${archived ? sql`now()` : null} where id = ${chat.id}`);
        if (status !== undefined && status !== chat.status) {
          await run(tx, sql`update chats set status = ${status} where id = ${chat.id}`);
          await log.append(chat.id, 'status.changed', { status, by }, tx);
        }
        if (database === 'live' && chat.app_mode !== 'dual-repository')
          throw new AppError('no_live', 'conflict', 'This app has no live database of its own.', {
            detail: 'Its rows in use are on staging.',
          });
        if (database !== undefined && database !== chat.database) {
          await run(tx, sql`update chats set database = ${database} where id = ${chat.id}`);
          await log.append(chat.id, 'database.changed', { database, by }, tx);
        }
      });
      await changed(chat);
      return views.one(await findChat(db, access, chat.id));
    },
  );

  const page = z.object({
    after: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(500).default(500),
  });
  api.get(
    '/api/chats/:id/events',
    { config, schema: { tags, params, querystring: page, response: { 200: eventPageSchema } } },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      const items = await log.read(chat.id, request.query.after, request.query.limit);
      return { items, next: items.length === request.query.limit ? items.at(-1)!.seq : null };
    },
  );

  const diffQuery = z.object({ from: z.enum(['base', 'main']).default('main') });
  api.get(
    '/api/chats/:id/diff',
    { config, schema: { tags, params, querystring: diffQuery, response: { 200: chatDiffSchema } } },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      return chat.app_id ? host.diff({ chatId: chat.id, from: request.query.from }) : { files: [] };
    },
  );

  api.get(
    '/api/chats/:id/log',
    {
      config,
      schema: {
        tags,
        params,
        response: {
          200: z.object({ lines: z.array(z.object({ at: z.string(), stream: z.string(), text: z.string() })) }),
        },
      },
    },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      return chat.app_id ? host.previewLog({ chatId: chat.id, tail: 300 }) : { lines: [] };
    },
  );

  api.post(
    '/api/chats/:id/preview',
    {
      config,
      schema: {
        tags,
        params,
        body: z.object({ restart: z.boolean().default(false) }),
        response: { 200: z.object({ state: z.string(), message: z.string().nullable() }) },
      },
    },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      if (!chat.app_id) throw new AppError('no_app', 'conflict', 'This chat has no app yet.');
      return request.body.restart ? host.restartPreview({ chatId: chat.id }) : host.startPreview({ chatId: chat.id });
    },
  );

  api.post(
    '/api/chats/:id/answer',
    { config, schema: { tags, params, body: answerSchema, response: { 202: z.object({}) } } },
    async (request, reply) => {
      await answerQuestion({ db, log, keys: platform.keys }, accessOf(request), request.params.id, request.body);
      platform.wake(request.params.id);
      await changed(await findChat(db, accessOf(request), request.params.id));
      return reply.code(202).send({});
    },
  );

  api.post(
    '/api/chats/:id/stop',
    { config, schema: { tags, params, response: { 202: z.object({ turnId: z.uuid().nullable() }) } } },
    async (request, reply) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      const turn = await requestStop(db, chat.id);
      if (turn) platform.wake(chat.id);
      return reply.code(202).send({ turnId: turn?.id ?? null });
    },
  );

  api.delete(
    '/api/chats/:id/queue/:turnId',
    { config, schema: { tags, params: params.extend({ turnId: z.uuid() }), response: { 204: z.null() } } },
    async (request, reply) => {
      await withdrawMessage(db, log, accessOf(request), request.params.id, request.params.turnId);
      return reply.code(204).send(null);
    },
  );

  for (const act of ['undo', 'redo'] as const) {
    api.post(
      `/api/chats/:id/${act}`,
      { config, schema: { tags, params, body: turnGuardSchema, response: { 200: chatSchema } } },
      async (request) => {
        const access = accessOf(request);
        const chat = await findChat(db, access, request.params.id);
        const { turnId, rows } = request.body;
        if (act === 'undo' ? chat.undo_turn !== turnId : !chat.redoable.includes(turnId)) {
          throw new AppError('turn_moved', 'conflict', 'This chat has moved on meanwhile.', {
            detail: 'Look at what it shows now, and try again.',
          });
        }
        const result: { commit: string | null; files: number; turns?: string[] } =
          act === 'undo'
            ? await host.undo({ chatId: chat.id, turnId, by: access.user.id, ...(rows ? { rows } : {}) })
            : chat.app_id
              ? await host.redo({ chatId: chat.id, turnId, by: access.user.id })
              : { commit: null, files: 0, turns: await bringBackWords(db, turnId) };
        const others = (result.turns ?? []).filter((id) => id !== turnId);
        const by = { id: access.user.id, name: access.user.name };
        await log.append(chat.id, 'turn.undone', {
          turnId,
          by,
          files: result.files,
          commit: result.commit,
          redone: act === 'redo',
          ...(others.length > 0 ? { with: others } : {}),
        });
        await changed(chat);
        return views.one(await findChat(db, access, chat.id));
      },
    );
  }

  const merged = z.object({ releaseId: z.uuid(), number: z.int(), commit: z.string() });
  const conflicted = z.object({
    code: z.string(),
    title: z.string(),
    status: z.literal(409),
    type: z.string(),
    conflicts,
    loses: losesSchema.optional().describe('What a merge would remove and overwrite'),
  });
  api.post(
    '/api/chats/:id/merge',
    {
      config,
      schema: {
        tags,
        params,
        body: mergeSchema.nullish(),
        response: { 202: merged, 409: conflicted },
      },
    },
    async (request, reply) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id);
      refuseWhileWorking(chat);
      if (request.body?.turnId && chat.turn_id !== request.body.turnId)
        throw new AppError('turn_moved', 'conflict', 'This chat has moved on meanwhile.');
      const result = await host.merge({
        chatId: chat.id,
        by: access.user.id,
        destroys: request.body?.destroys ?? false,
      });
      await changed(chat);
      if (result.ok)
        return reply.code(202).send({ releaseId: result.releaseId, number: result.number, commit: result.commit });
      return reply.code(409).send({
        type: `about:blank#${result.code}`,
        code: result.code,
        title: result.message,
        status: 409,
        conflicts: result.conflicts,
        ...(result.loses ? { loses: result.loses } : {}),
      });
    },
  );

  api.get(
    '/api/chats/:id/draft',
    { config, schema: { tags, params, response: { 200: draftSchema } } },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      return host.draftDifference({ chatId: chat.id });
    },
  );

  api.post(
    '/api/chats/:id/draft/again',
    { config, schema: { tags, params, response: { 200: z.object({ rows: z.int(), sampled: z.boolean() }) } } },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      refuseWhileWorking(chat);
      return host.startDraftAgain({ chatId: chat.id, by: accessOf(request).user.id });
    },
  );

  api.post(
    '/api/chats/:id/update',
    {
      config,
      schema: { tags, params, response: { 200: z.object({ commit: z.string(), files: z.int(), conflicts }) } },
    },
    async (request) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id);
      refuseWhileWorking(chat);
      const result = await host.updateFromMain({ chatId: chat.id, by: access.user.id });
      await changed(chat);
      return result;
    },
  );

  api.get(
    '/api/chats/:id/conflicts',
    {
      config,
      schema: { tags, params, response: { 200: z.object({ items: z.array(conflictFileSchema), next: z.null() }) } },
    },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      const items = chat.app_id ? (await host.conflicts({ chatId: chat.id })).items : [];
      return { items, next: null };
    },
  );

  api.post(
    '/api/chats/:id/conflicts',
    {
      config,
      bodyLimit: LARGEST_RESOLUTION,
      schema: {
        tags,
        params,
        description: 'Files as somebody has put them together: all are taken, or none.',
        body: resolveConflictsSchema,
        response: {
          200: z.object({ commit: z.string(), left: z.int().describe('Files that still hold both versions') }),
        },
      },
    },
    async (request) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id);
      refuseWhileWorking(chat);
      const result = await host.resolveConflicts({ chatId: chat.id, by: access.user.id, files: request.body.files });
      await changed(chat);
      return result;
    },
  );
}

function refuseWhileWorking(chat: ChatRow): void {
  if (!chat.app_id)
    throw new AppError('no_app', 'conflict', 'This chat has no app yet.', {
      detail: 'Say what you would like to make first.',
    });
  if (chat.turn_state === 'running' || chat.turn_state === 'queued')
    throw new AppError('turn_running', 'conflict', 'A turn is running.', {
      detail: 'Wait until it is done, or stop it.',
    });
  if (chat.turn_state === 'waiting')
    throw new AppError('turn_waiting', 'conflict', 'A question waits for an answer.', {
      detail: 'Answer it, or stop the turn.',
    });
}
