/** create_app: gives a new chat its app: an address for good, the template, a worktree, a draft and a preview. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';

export const createApp = defineTool({
  name: 'create_app',
  description:
    'Creates the app of this chat. Needed once, before the first change. The title is what people see; the address is made from it.',
  input: z.object({ title: z.string().trim().min(1).max(80), slug: z.string().max(20).optional() }),
  permission: 'app:create',
  // the host finds the app that a killed attempt has made
  repeatable: true,
  needsApp: false,
  title: ({ title }) => `Create the app “${title}”`,
  run: async (input, { host, chatId, turnId, fence, signal }) => {
    const { appId, slug } = await host.createApp(
      { chatId, turnId, fence, title: input.title, ...(input.slug ? { slug: input.slug } : {}) },
      signal,
    );
    return done(`Created the app “${input.title}”`, { appId, slug }, { appId });
  },
});
