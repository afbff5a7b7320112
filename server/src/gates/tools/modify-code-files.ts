/** modify_code_files_vibe: the only way by which a model changes code. All edits of a call are made, or none. */
import type { z } from 'zod';
import { applySchema, type editSchema } from '../../hosting/files/schema.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

const pathOf = (edit: z.infer<typeof editSchema>): string => (edit.kind === 'move' ? edit.from : edit.path);

export const modifyCodeFiles = defineTool({
  name: 'modify_code_files_vibe',
  description:
    'Creates, edits, replaces, moves or deletes files of the app. All edits of one call are made or none. Each written .svelte, .ts, .js, .json and .css file is ' +
    'checked for syntax first; a broken one refuses the whole call with line and message. `spec.json` and `changes/` can only be changed through change_spec, package.json and the lockfile through add_dependency.',
  input: applySchema,
  permission: 'code:write',
  repeatable: false,
  needsApp: true,
  title: ({ edits }) => (edits.length === 1 ? `Change ${pathOf(edits[0]!)}` : `Change ${edits.length} files`),
  run: async (input, { host, chatId, turnId, fence, signal }) =>
    fromHost(await host.modifyFiles({ chatId, turnId, fence, input }, signal), () =>
      input.edits.length === 1 ? `Changed ${pathOf(input.edits[0]!)}` : `Changed ${input.edits.length} files`,
    ),
});
