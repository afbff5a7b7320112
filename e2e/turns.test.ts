/** Turns against a model that fails in every way there is: each ends in words, loses nothing, and costs no more than its limit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AnthropicRequest,
  type AnthropicServer,
  type Script,
  startAnthropic,
} from './support/anthropic-server.ts';
import { Person } from './support/client.ts';
import { chatOf, containerReady, eventsOf, inOrder, payloads, say, turn, turnEnd } from './support/maker.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;

/** Each chat has a script of its own, found by the first word of its newest message; so that they can run side by side. */
const scripts = new Map<string, { script: Script; requests: AnthropicRequest[]; at: number[] }>();
const texts = (request: AnthropicRequest): string[] =>
  request.messages.flatMap(({ role, content }) =>
    role !== 'user'
      ? []
      : typeof content === 'string'
        ? [content]
        : content.filter((part) => part.type === 'text').map((part) => String(part.text)),
  );
const dispatch: Script = (request) => {
  const word = texts(request)
    .map((text) => text.split(' ')[0]!)
    .findLast((name) => scripts.has(name));
  const found = scripts.get(word ?? '');
  if (!found) return { blocks: [{ text: 'Nobody has told me what to say.' }] };
  found.requests.push(request);
  found.at.push(Date.now());
  return found.script(request, found.requests.length);
};
const on = (word: string, script: Script) => {
  const entry = { script, requests: [], at: [] };
  scripts.set(word, entry);
  return entry as { requests: AnthropicRequest[]; at: number[] };
};
const error = (status: number, type: string, headers: Record<string, string> = {}) => ({
  status,
  type,
  message: type,
  headers,
});
const saidIn = async (chatId: string) =>
  (await payloads(marta, chatId, 'message.assistant')).map(({ text, partial }) => ({ text, partial }));

beforeAll(async () => {
  claude = await startAnthropic(dispatch);
  vibe = await makeVibe({
    ANTHROPIC_API_KEY: 'sk-ant-test',
    ANTHROPIC_BASE_URL: `${claude.url}/v1`,
    // all of those below are asked at once
    VIBE_MODEL_SILENCE_SECONDS: '2',
  });
  await vibe.start();
  marta = await Person.register(vibe.baseUrl);
  await containerReady(marta);
}, 120_000);
afterAll(async () => {
  await vibe?.remove();
  await claude?.close();
});

describe.concurrent('a model', { timeout: 40_000 }, () => {
  it('that has had too many requests is asked again after the time that it names', async () => {
    const { at } = on(
      'busy',
      inOrder(error(429, 'rate_limit_error', { 'retry-after': '2' }), [{ text: 'Here I am.' }]),
    );
    const { chatId, ended } = await turn(marta, 'busy please');
    expect(ended.outcome).toBe('completed');
    expect(at[1]! - at[0]!).toBeGreaterThan(1900);
    const [update] = await payloads(marta, chatId, 'agent.update');
    expect(update!.text).toMatch(/Trying again \(2 of 4\)/);
    expect(await saidIn(chatId)).toEqual([{ text: 'Here I am.', partial: false }]);
  });

  it('that is overloaded once answers at the second try', async () => {
    on('overloaded', inOrder(error(529, 'overloaded_error'), [{ text: 'Better now.' }]));
    const { chatId, ended } = await turn(marta, 'overloaded please');
    expect(ended).toMatchObject({ outcome: 'completed' });
    expect(await saidIn(chatId)).toEqual([{ text: 'Better now.', partial: false }]);
  });

  it('that stays overloaded is given up after four tries, in words', async () => {
    const { requests } = on('drowned', () => error(529, 'overloaded_error'));
    const { chatId, ended } = await turn(marta, 'drowned please');
    expect(ended).toMatchObject({ outcome: 'failed', costMicros: 0 });
    expect(ended.reason).toBe(
      'Claude Sonnet cannot answer now. It is overloaded. Your work is safe; send your message again in a minute.',
    );
    expect(requests).toHaveLength(4);
    expect((await chatOf(marta, chatId)).turn?.state).toBe('ended');
  });

  it('whose answer is cut off is asked again, and nothing is said twice', async () => {
    on('cut', inOrder({ cut: true, blocks: [{ text: 'Half of what I' }] }, [{ text: 'All of it.' }]));
    const { chatId, ended } = await turn(marta, 'cut please');
    expect(ended.outcome).toBe('completed');
    // what was cut off was paid for too
    expect(ended.usage.outputTokens).toBeGreaterThan(4);
    expect(await saidIn(chatId)).toEqual([{ text: 'All of it.', partial: false }]);
  });

  it('whose answers are always cut off ends the turn in words and keeps what was said', async () => {
    on('severed', () => ({ cut: true, blocks: [{ text: 'Half of what I' }] }));
    const { chatId, ended } = await turn(marta, 'severed please');
    expect(ended).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('broke off') });
    expect(await saidIn(chatId)).toEqual([{ text: 'Half of what I', partial: true }]);
  });

  it('that says nothing for too long ends the turn in words', async () => {
    const { requests } = on('silent', () => ({ silence: true }));
    const { ended } = await turn(marta, 'silent please');
    expect(ended).toMatchObject({
      outcome: 'failed',
      reason: 'Claude Sonnet did not answer for 2 seconds. Send your message again.',
    });
    expect(requests).toHaveLength(4);
  });

  it('that refuses, says nothing, or has no such name ends the turn in words', async () => {
    on('refuses', () => ({ stop: 'refusal', blocks: [{ text: 'No.' }] }));
    on('empty', () => ({ blocks: [] }));
    on('unknown', () => error(404, 'not_found_error'));
    const [refuses, empty, unknown] = await Promise.all(
      ['refuses', 'empty', 'unknown'].map((word) => turn(marta, `${word} please`)),
    );
    expect(refuses!.ended).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('declined') });
    expect(empty!.ended).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('empty answer') });
    expect(unknown!.ended).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('Choose another') });
  });

  it('that is cut by its own length goes on where it was', async () => {
    const { requests } = on(
      'long',
      inOrder({ stop: 'max_tokens', blocks: [{ text: 'First half,' }] }, [{ text: 'second half.' }]),
    );
    const { chatId, ended } = await turn(marta, 'long please');
    expect(ended.outcome).toBe('completed');
    expect((await saidIn(chatId)).map(({ text }) => text)).toEqual(['First half,', 'second half.']);
    expect(JSON.stringify(requests[1]!.messages.slice(-2))).toMatch(/First half.*cut off by the length limit/);
  });

  it('that writes a broken call or names no tool of ours is told so, and can go on', async () => {
    const { requests } = on(
      'clumsy',
      inOrder(
        [{ tool: 'read_file', rawInput: '{"path": ' }],
        [{ tool: 'drop_database', input: {} }],
        [{ tool: 'read_file', input: { path: 7 } }],
        [{ text: 'I give up.' }],
      ),
    );
    const { chatId, ended } = await turn(marta, 'clumsy please');
    expect(ended.outcome).toBe('completed');
    const results = await payloads(marta, chatId, 'tool.result');
    expect(results.map(({ state }) => state)).toEqual(['refused', 'refused', 'refused']);
    const told = (i: number) => JSON.stringify(requests[i]!.messages.at(-1));
    expect(told(1)).toContain('malformed_input');
    expect(told(2)).toMatch(/unknown_tool.*modify_code_files_vibe/);
    expect(told(3)).toContain('invalid_input');
  });

  it('that does the same thing three times with the same result is stopped', async () => {
    const { requests } = on('loops', () => ({ blocks: [{ tool: 'read_file', input: { path: 'a.txt' } }] }));
    const { ended } = await turn(marta, 'loops please');
    expect(ended).toMatchObject({ outcome: 'escalated', reason: expect.stringContaining('three times') });
    expect(requests).toHaveLength(3);
  });

  it('that makes many calls at once gets every result, in order, in its next request', async () => {
    const calls = Array.from({ length: 12 }, (_, i) => ({ tool: 'list_files', input: { path: `folder-${i}` } }));
    const { requests } = on('many', inOrder(calls, [{ text: 'Seen.' }]));
    const { chatId, ended } = await turn(marta, 'many please');
    expect(ended.outcome).toBe('completed');
    const asked = (await payloads(marta, chatId, 'tool.call')).map(({ callId }) => callId);
    const content = requests[1]!.messages.at(-1)!.content as Record<string, unknown>[];
    expect(content.map((part) => part.tool_use_id)).toEqual(asked);
    expect(new Set(asked).size).toBe(12);
  });

  it('asks a person, waits, and goes on with the answer', async () => {
    const question = { question: 'Which colour?', options: [{ label: 'Red' }, { label: 'Blue' }] };
    const { requests } = on('asks', inOrder([{ tool: 'ask_person', input: question }], [{ text: 'Blue it is.' }]));
    const { chatId, turnId } = await say(marta, 'asks please');
    const asked = await marta.until(async () => (await payloads(marta, chatId, 'question.asked'))[0], 'the question');
    expect((await chatOf(marta, chatId)).turn).toMatchObject({ state: 'waiting' });
    expect((await marta.ask('POST', `/api/chats/${chatId}/merge`)).status).toBe(409);
    const answer = { questionId: asked.questionId, answer: 'Blue' };
    const replies = await Promise.all([1, 2, 3].map(() => marta.ask('POST', `/api/chats/${chatId}/answer`, answer)));
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    expect((await turnEnd(marta, chatId, turnId)).outcome).toBe('completed');
    expect(JSON.stringify(requests[1]!.messages.at(-1))).toContain('Blue');
    expect(await payloads(marta, chatId, 'question.answered')).toHaveLength(1);
  });

  it('that waits for a person can be stopped', async () => {
    on('waits', inOrder([{ tool: 'ask_person', input: { question: 'Shall I?' } }]));
    const { chatId, turnId } = await say(marta, 'waits please');
    await marta.until(async () => (await chatOf(marta, chatId)).turn?.state === 'waiting', 'the question');
    await marta.ask('POST', `/api/chats/${chatId}/stop`);
    expect(await turnEnd(marta, chatId, turnId)).toMatchObject({ outcome: 'stopped' });
    expect((await chatOf(marta, chatId)).asks).toBe(false);
  });

  it('answers what is said meanwhile afterwards, in order, without what was taken back', async () => {
    on('slow', inOrder({ delayMs: 30, blocks: [{ text: 'one '.repeat(150) }] }));
    for (const word of ['second', 'third', 'fourth']) on(word, inOrder([{ text: `Answer to ${word}.` }]));
    const first = await say(marta, 'slow please');
    const { chatId } = first;
    const [second, third, fourth] = [
      await say(marta, 'second please', { chatId }),
      await say(marta, 'third please', { chatId }),
      await say(marta, 'fourth please', { chatId }),
    ];
    expect((await marta.ask('DELETE', `/api/chats/${chatId}/queue/${third.turnId}`)).status).toBe(204);
    expect((await marta.ask('DELETE', `/api/chats/${chatId}/queue/${third.turnId}`)).status).toBe(409);
    expect((await marta.ask('DELETE', `/api/chats/${chatId}/queue/${first.turnId}`)).status).toBe(409);
    await turnEnd(marta, chatId, fourth.turnId);
    const started = (await payloads(marta, chatId, 'turn.started')).map(({ turnId }) => turnId);
    expect(started).toEqual([first.turnId, second.turnId, fourth.turnId]);
    expect(scripts.get('third')!.requests).toHaveLength(0);
    expect(JSON.stringify(scripts.get('fourth')!.requests[0]!.messages)).not.toContain('third please');
    const all = await eventsOf(marta, chatId);
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
  });
});

// for themselves: how soon is what is looked at, and checks take all the machine has
describe('a turn under way', () => {
  it('that streams is stopped within a second, what it said is kept, and the next message is answered', async () => {
    const words = Array.from({ length: 500 }, (_, i) => `word${i}`).join(' ');
    const story = on('story', inOrder({ delayMs: 20, blocks: [{ text: words }] }));
    on('next', inOrder([{ text: 'Next one.' }]));
    const { chatId, turnId } = await say(marta, 'story please');
    await marta.until(async () => story.requests.length > 0, 'the turn');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const began = Date.now();
    expect((await marta.ask('POST', `/api/chats/${chatId}/stop`)).status).toBe(202);
    expect(await turnEnd(marta, chatId, turnId)).toMatchObject({ outcome: 'stopped' });
    expect(Date.now() - began).toBeLessThan(1000);
    const [kept] = await saidIn(chatId);
    expect(kept).toMatchObject({ partial: true, text: expect.stringMatching(/^word0 word1 /) });
    expect((await turn(marta, 'next please', { chatId })).ended.outcome).toBe('completed');
  });

  it('whose checks run is stopped within a second', async () => {
    on('check', inOrder([{ tool: 'create_app', input: { title: 'Shelf' } }], [{ tool: 'run_checks', input: {} }]));
    const { chatId, turnId } = await say(marta, 'check it');
    await marta.until(async () => (await payloads(marta, chatId, 'tool.call')).length === 2, 'the checks');
    await new Promise((resolve) => setTimeout(resolve, 700));
    const began = Date.now();
    await marta.ask('POST', `/api/chats/${chatId}/stop`);
    expect(await turnEnd(marta, chatId, turnId)).toMatchObject({ outcome: 'stopped' });
    expect(Date.now() - began).toBeLessThan(1000);
    expect(await payloads(marta, chatId, 'turn.ended')).toHaveLength(1);
  });
});

describe('a limit on spending', () => {
  const limit = (limits: { perTurn?: number; perChat?: number; perDay?: number }) =>
    marta.ask('PATCH', '/api/settings', { limits: { perTurn: null, perChat: null, perDay: null, ...limits } });
  const spent = async () =>
    (await marta.ask<{ spentTodayMicros: number }>('GET', '/api/settings')).body.spentTodayMicros;

  for (const per of ['turn', 'chat', 'day'] as const) {
    it(`per ${per} refuses the call before it is made, in words`, async () => {
      const { requests } = on(`dear-${per}`, inOrder([{ text: 'Expensive.' }]));
      await limit({ [`per${per[0]!.toUpperCase()}${per.slice(1)}`]: 100_000 });
      const { ended } = await turn(marta, `dear-${per} please`);
      expect(ended.outcome).toBe('failed');
      expect(ended.reason).toMatch(
        new RegExp(`^The limit per ${per} is reached: \\$0\\.\\d\\d of \\$0\\.10 used.*Raise the limit in Settings`),
      );
      expect(requests).toHaveLength(0);
      await limit({});
      expect((await turn(marta, `dear-${per} again`)).ended.outcome).toBe('completed');
    });
  }

  it('holds for calls that are under way together: what they may cost is set aside first', async () => {
    const answer = { delayMs: 100, blocks: [{ text: 'a b c d e f g h i j '.repeat(4) }] };
    for (const word of ['left', 'right', 'after']) on(word, inOrder(answer));
    // room for one call of at most about 0.3 dollars, not for two
    await limit({ perDay: (await spent()) + 450_000 });
    const both = await Promise.all(['left', 'right'].map((word) => turn(marta, `${word} please`)));
    expect(both.map(({ ended }) => ended.outcome).sort()).toEqual(['completed', 'failed']);
    // settled by what it really cost, so that the next one fits again
    expect((await turn(marta, 'after please')).ended.outcome).toBe('completed');
    await limit({});
  });
});
