/** Bringing a SvelteKit repository in as a new app. It is a turn like any other, so it can be watched and taken back. */
import { postedMessageSchema } from '../../../../contract/chats.ts';
import { type ImportRequest, importAppSchema } from '../../../../contract/imports.ts';
import { postMessage } from '../../conversations/messages.ts';
import { AppError } from '../../errors.ts';
import { openAddress } from '../../hosting/imports/public-address.ts';
import { repositoryAddress } from '../../hosting/imports/schema.ts';
import type { Api, Platform } from '../app.ts';
import { beginTurn } from '../begin-turn.ts';
import { accessOf } from '../plugins/access.ts';

export function importRoutes(api: Api, platform: Platform): void {
  api.post(
    '/api/imports',
    {
      config: { permission: 'signed-in' as const },
      schema: { tags: ['apps'], body: importAppSchema, response: { 202: postedMessageSchema } },
    },
    async (request, reply) => {
      const parsed = repositoryAddress.safeParse(request.body.address);
      if (!parsed.success) {
        const why = parsed.error.issues[0]!.message;
        throw new AppError('import_address', 'invalid', `${why}.`, { fields: { address: why } });
      }
      const url = new URL(parsed.data);
      // the host looks again, and connects to what it has looked at: this is only to say so before there is a chat
      await openAddress(url, new Set(platform.config.importPrivateHosts));
      const name = url.pathname
        .split('/')
        .filter(Boolean)
        .at(-1)
        ?.replace(/\.git$/, '');
      const operations: ImportRequest = [{ op: 'import_repository', address: parsed.data }];
      const posted = await postMessage(platform, accessOf(request), {
        message: `Bring in ${name} from ${parsed.data}`,
        containerId: request.body.containerId,
        mode: 'form',
        operations,
      });
      beginTurn(platform, posted);
      return reply.code(202).send(posted);
    },
  );
}
