/** run_checks: the app's own checks, in a sandbox, on what the chat has now. */
import { z } from 'zod';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

export const runChecks = defineTool({
  name: 'run_checks',
  description: 'Runs the app’s checks (types and unit tests) on the current state of the chat and returns what failed.',
  input: z.object({}),
  permission: 'app:run',
  repeatable: true,
  needsApp: true,
  title: () => 'Run the checks',
  run: async (_input, { host, chatId, signal }) =>
    fromHost(await host.runChecks({ chatId }, signal), (value) =>
      (value as { ok: boolean }).ok ? 'All checks passed' : 'A check failed',
    ),
});
