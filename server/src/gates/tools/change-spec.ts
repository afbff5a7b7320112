/** change_spec: the only way by which a spec changes. Compiles the app, merges with hand edits, writes and tries the database changes. */
import { z } from 'zod';
import { specOperationSchema } from '../../../../contract/spec-operations.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

export const changeSpec = defineTool({
  name: 'change_spec',
  description:
    'Changes the app’s spec by operations, all or none: set the title, add, rename or remove an entity or field, alter a field. The app’s code and its database change ' +
    'follow by themselves and are merged with edits made by hand; prefer this to writing lists and forms yourself. Read the spec first to learn the ids.',
  input: z.object({ operations: z.array(specOperationSchema).min(1).max(50) }),
  permission: 'spec:write',
  // applying the same operations again is seen by their ids
  repeatable: false,
  needsApp: true,
  title: ({ operations }) =>
    operations.length === 1 ? 'Change the spec' : `Change the spec in ${operations.length} steps`,
  run: async ({ operations }, { host, chatId, turnId, fence, signal }) =>
    fromHost(await host.changeSpec({ chatId, turnId, fence, operations }, signal), (value) => {
      const summary = (value as { summary?: string[] } | null)?.summary;
      return summary?.length ? summary.join('. ') : 'Changed the spec';
    }),
});
