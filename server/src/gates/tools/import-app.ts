/** import_app: a repository that a person named becomes the app of a new chat. Only the turn of that person's own form may call it. */
import { z } from 'zod';
import { repositoryAddress } from '../../hosting/imports/schema.ts';
import { defineTool, done } from '../tool.ts';

export const importApp = defineTool({
  name: 'import_app',
  description: 'Brings a SvelteKit repository in as the app of this chat, from its web address.',
  input: z.object({ address: repositoryAddress }),
  permission: 'app:import',
  // the host finds the app that a killed attempt has made
  repeatable: true,
  needsApp: false,
  title: ({ address }) => `Bring in ${address}`,
  run: async ({ address }, { host, chatId, turnId, fence, signal }) => {
    const { appId, slug, title, notes } = await host.importApp({ chatId, turnId, fence, address }, signal);
    return done(`Brought in “${title}”`, { appId, slug, title, notes }, { appId });
  },
});
