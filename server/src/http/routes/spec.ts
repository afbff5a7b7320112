/** The spec of a chat's app over HTTP: read it, see what a change would do, change it by a form. A change is a turn like any other. */
import { z } from 'zod';
import { postedMessageSchema } from '../../../../contract/chats.ts';
import { specSchema } from '../../../../contract/spec.ts';
import { specOperationsSchema, specPreviewSchema } from '../../../../contract/spec-operations.ts';
import { findChat } from '../../conversations/chats.ts';
import { postMessage } from '../../conversations/messages.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { beginTurn } from '../begin-turn.ts';
import { accessOf } from '../plugins/access.ts';

const params = z.object({ id: z.uuid() });
const body = z.object({ operations: specOperationsSchema });
const config = { permission: 'signed-in' as const };
const tags = ['spec'];

export function specRoutes(api: Api, platform: Platform): void {
  const { db, host } = platform;
  const preview = async (chatId: string, operations: unknown) => {
    const outcome = await host.previewSpec({ chatId, operations });
    if (!outcome.ok) throw new AppError(outcome.code, 'invalid', outcome.message);
    return specPreviewSchema.parse(outcome.value);
  };

  api.get(
    '/api/chats/:id/spec',
    {
      config,
      schema: { tags, params, response: { 200: z.object({ spec: specSchema.nullable(), imported: z.boolean() }) } },
    },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      const { spec, imported } = chat.app_id
        ? await host.readSpec({ chatId: chat.id })
        : { spec: null, imported: false };
      return { spec: spec === null ? null : specSchema.parse(spec), imported };
    },
  );

  api.post(
    '/api/chats/:id/spec/preview',
    { config, schema: { tags, params, body, response: { 200: specPreviewSchema } } },
    async (request) => {
      const chat = await findChat(db, accessOf(request), request.params.id);
      return preview(chat.id, request.body.operations);
    },
  );

  api.post(
    '/api/chats/:id/spec',
    { config, schema: { tags, params, body, response: { 202: postedMessageSchema } } },
    async (request, reply) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id);
      const { operations } = request.body;
      const { summary } = await preview(chat.id, operations);
      const message = summary.length === 1 ? `${summary[0]}.` : summary.map((line) => `- ${line}`).join('\n');
      const posted = await postMessage(platform, access, { message, chatId: chat.id, mode: 'form', operations });
      beginTurn(platform, posted);
      return reply.code(202).send(posted);
    },
  );
}
