/** preview_spec: what a change of the spec would do to the data, before it is made. */
import { z } from 'zod';
import { type SpecPreview, specOperationSchema } from '../../../../contract/spec-operations.ts';
import type { HostOutcome } from '../../hosting/api.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

/** The spec as it would be is for people who look at it; a model knows what it asked for. */
function withoutSpec(outcome: HostOutcome): HostOutcome {
  if (!outcome.ok) return outcome;
  const { spec: _, ...value } = outcome.value as SpecPreview;
  return { ok: true, value };
}

export const previewSpec = defineTool({
  name: 'preview_spec',
  description:
    'Tries operations of change_spec without making them. Says what each does and how many rows lose something, are cut, filled or stand in the way. Use it before ' +
    'a change that removes or converts what rows hold, and ask the person when rows are affected.',
  input: z.object({ operations: z.array(specOperationSchema).min(1).max(50) }),
  permission: 'spec:read',
  repeatable: true,
  needsApp: true,
  title: () => 'Try the change on the data',
  run: async ({ operations }, { host, chatId, signal }) =>
    fromHost(withoutSpec(await host.previewSpec({ chatId, operations }, signal)), (value) => {
      const effects = (value as { effects?: unknown[] } | null)?.effects;
      return effects?.length ? 'Tried it: rows would change' : 'Tried it: no row is affected';
    }),
});
