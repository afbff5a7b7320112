/** The stage that most rows stand on: one running Vibe with a signed-in person and a made app. */
import { type AnthropicServer, startAnthropic } from '../../e2e/support/anthropic-server.ts';
import { Person } from '../../e2e/support/client.ts';
import { makeVibe, type Vibe } from '../../e2e/support/vibe.ts';

export interface Stage {
  vibe: Vibe;
  person: Person;
  claude: AnthropicServer;
  chatId: string;
  startMs: number;
  secondStartMs: number;
}

export async function makeStage(): Promise<Stage> {
  const claude = await startAnthropic(() => ({ blocks: [{ text: 'Hello.' }] }));
  const vibe = await makeVibe({
    ANTHROPIC_API_KEY: 'sk-bench',
    ANTHROPIC_BASE_URL: claude.url,
    VIBE_LIVE_SLEEP_SECONDS: '5',
  });
  const first = performance.now();
  await vibe.start();
  const startMs = performance.now() - first;
  await vibe.stop();
  const second = performance.now();
  await vibe.start();
  const secondStartMs = performance.now() - second;
  const person = await Person.register(vibe.baseUrl);
  const posted = await person.ask<{ chatId: string }>('POST', '/api/chat', {
    message: 'A reading list with title, author, rating 1 to 5 and whether I finished it.',
    model: 'builtin',
  });
  const { chatId } = posted.body;
  await settled(person, chatId);
  await person.until(
    async () =>
      (await person.ask<{ preview: { state: string } }>('GET', `/api/chats/${chatId}`)).body.preview.state ===
      'running',
    'the preview',
  );
  return { vibe, person, claude, chatId, startMs, secondStartMs };
}

/** Waits until no turn of the chat runs or waits. */
export async function settled(person: Person, chatId: string): Promise<void> {
  await person.until(
    async () =>
      (await person.ask<{ turn: { state: string } | null }>('GET', `/api/chats/${chatId}`)).body.turn?.state ===
      'ended',
    'the turn',
  );
}
