/** What journeys with a scripted model begin with: a Vibe, its owner, and an app that serves. */
import { expect } from 'vitest';
import type { App } from '../../contract/apps.ts';
import { type AnthropicServer, startAnthropic } from './anthropic-server.ts';
import { Person } from './client.ts';
import { containerReady, inOrder, merge, operations, turn } from './maker.ts';
import { makeVibe, type Vibe } from './vibe.ts';

/** A started Vibe that asks `claude`, and Marta, who owns it and whose container is ready. */
export async function startVibe(
  env: NodeJS.ProcessEnv = {},
): Promise<{ vibe: Vibe; claude: AnthropicServer; marta: Person; containerId: string }> {
  const claude = await startAnthropic(inOrder());
  const vibe = await makeVibe({ ANTHROPIC_API_KEY: 'sk-ant-test', ANTHROPIC_BASE_URL: `${claude.url}/v1`, ...env });
  await vibe.start();
  const marta = await Person.register(vibe.baseUrl);
  return { vibe, claude, marta, containerId: await containerReady(marta) };
}

/** An app that the model makes in one turn by these operations on its spec, merged and serving. */
export async function servingApp(
  { claude, marta }: { claude: AnthropicServer; marta: Person },
  title: string,
  ...changes: Record<string, unknown>[]
): Promise<{ chatId: string; app: App }> {
  claude.use(inOrder([{ tool: 'create_app', input: { title } }], [operations(...changes)]));
  const { chatId, ended } = await turn(marta, `Make ${title}`);
  expect(ended.outcome, JSON.stringify(ended)).toBe('completed');
  const app = await merge(marta, chatId);
  expect(app.release).toMatchObject({ state: 'serving', problem: null });
  return { chatId, app };
}
