/**
 * Files of messages over HTTP. A file comes as bytes and goes out as bytes, and in between nobody believes what it is called: it is never
 * shown as a page of ours, whatever is in it.
 */
import { z } from 'zod';
import { LARGEST } from '../../../../contract/attachment-limits.ts';
import { attachmentSchema } from '../../../../contract/attachments.ts';
import { elementPath, pickedElementSchema } from '../../../../contract/preview.ts';
import { findChat } from '../../conversations/chats.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { accessOf } from '../plugins/access.ts';

const config = { permission: 'signed-in' as const };
const tags = ['chats'];
const params = z.object({ id: z.uuid() });
const BYTES = 'application/octet-stream';

export function attachmentRoutes(api: Api, platform: Platform): void {
  const { attachments, db, host } = platform;
  api.addContentTypeParser(BYTES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const query = z.object({
    name: z.string().trim().min(1).max(300).describe('As the person calls it'),
    chatId: z.uuid().optional(),
    containerId: z.uuid().optional(),
  });
  api.post(
    '/api/chats/attachments',
    {
      config,
      bodyLimit: Math.max(...Object.values(LARGEST)) + 1024,
      schema: {
        tags,
        description: 'The body is the file itself. It belongs to nobody else until a message with its id is sent.',
        consumes: [BYTES],
        querystring: query,
        response: { 201: attachmentSchema },
      },
    },
    async (request, reply) => {
      const bytes = request.body;
      if (!Buffer.isBuffer(bytes)) throw new AppError('wrong_type', 'invalid', `Send the file itself, as ${BYTES}.`);
      return reply.code(201).send(await attachments.upload(accessOf(request), { ...request.query, bytes }));
    },
  );

  api.get(
    '/api/chats/attachments/:id',
    { config, schema: { tags, params, response: { 200: z.unknown().describe('The file') } } },
    async (request, reply) => {
      const { attachment, bytes } = await attachments.read(accessOf(request), request.params.id);
      const name = encodeURIComponent(attachment.name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
      return reply
        .type(attachment.kind === 'image' ? attachment.mediaType : BYTES)
        .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('cross-origin-resource-policy', 'same-origin')
        .send(bytes);
    },
  );

  api.delete(
    '/api/chats/attachments/:id',
    { config, schema: { tags, params, response: { 204: z.null() } } },
    async (request, reply) => {
      await attachments.remove(accessOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );

  const crop = pickedElementSchema.pick({ path: true, viewport: true }).extend({
    selector: elementPath,
    dark: z.boolean().default(false),
  });
  api.post(
    '/api/chats/:id/element-picture',
    {
      config,
      schema: {
        tags,
        description:
          'A picture of one element of the preview, as a file that waits for its message; null when it is not there.',
        params,
        body: crop,
        response: { 200: z.object({ attachment: attachmentSchema.nullable() }) },
      },
    },
    async (request) => {
      const access = accessOf(request);
      const chat = await findChat(db, access, request.params.id);
      if (!chat.app_id) throw new AppError('no_app', 'conflict', 'This chat has no app yet.');
      const { path, selector, dark, viewport } = request.body;
      const size = { width: clamp(viewport.width, 240, 2560), height: clamp(viewport.height, 240, 2000) };
      const look = { path, viewport: size, dark };
      const gone = new AbortController();
      request.raw.once('close', () => {
        if (!request.raw.complete) gone.abort();
      });
      const seen = await host.look(
        { chatId: chat.id, by: access.user.id, look, element: selector, examine: false },
        AbortSignal.any([gone.signal, AbortSignal.timeout(30_000)]),
      );
      if (!seen.picture) return { attachment: null };
      const name = `element.${seen.picture.mediaType === 'image/png' ? 'png' : 'jpg'}`;
      const bytes = Buffer.from(seen.picture.data, 'base64');
      return { attachment: await attachments.upload(access, { name, bytes, chatId: chat.id }) };
    },
  );
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
