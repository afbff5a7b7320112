/** modify_code_files_vibe: the only way by which a model changes code. All edits of a call are made, or none. */
import { z } from 'zod';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

const path = z.string().min(1).max(500).describe('Relative to the app folder');
const edit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('create'), path, content: z.string() }),
  z.object({
    kind: z.literal('edit'),
    path,
    find: z.string().min(1).describe('The exact text to replace; must occur exactly once unless `all` is true'),
    replace: z.string(),
    all: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('replace'), path, content: z.string().describe('The whole new content') }),
  z.object({ kind: z.literal('move'), path, to: path }),
  z.object({ kind: z.literal('delete'), path }),
]);

export const modifyCodeFiles = defineTool({
  name: 'modify_code_files_vibe',
  description:
    'Creates, edits, replaces, moves or deletes files of the app. All edits of one call are made or none. Each written .svelte, .ts, .js, .json and .css file is ' +
    'checked for syntax first; a broken one refuses the whole call with line and message. `spec.json` and `changes/` can only be changed through change_spec.',
  input: z.object({ edits: z.array(edit).min(1).max(100) }),
  permission: 'code:write',
  repeatable: false,
  needsApp: true,
  title: ({ edits }) => (edits.length === 1 ? `Change ${edits[0]!.path}` : `Change ${edits.length} files`),
  run: async (input, { host, chatId, turnId, fence, signal }) =>
    fromHost(await host.modifyFiles({ chatId, turnId, fence, input }, signal), () =>
      input.edits.length === 1 ? `Changed ${input.edits[0]!.path}` : `Changed ${input.edits.length} files`,
    ),
});
