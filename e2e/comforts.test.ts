/**
 * The chat's comforts, whole: waiting messages edited, earlier ones written anew, plans that touch nothing, search, deletion with a way
 * back, limits, context and export. First over the API, with a model that does as an attacker says; then in a real browser.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, sql } from '../server/src/db/database.ts';
import {
  type AnthropicRequest,
  type AnthropicServer,
  type Script,
  startAnthropic,
} from './support/anthropic-server.ts';
import { DESKTOP, faultsOf, openBrowser, signIn, takePictures } from './support/browser.ts';
import { Person } from './support/client.ts';
import {
  chatOf,
  containerReady,
  edits,
  eventsOf,
  inOrder,
  merge,
  payloads,
  say,
  turn,
  turnEnd,
} from './support/maker.ts';
import { clusterUrl, platformUrl } from './support/platform.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

let vibe: Vibe;
let model: AnthropicServer;
let marta: Person;
let platform: ReturnType<typeof openDatabase>;
const scripts = new Map<string, { script: Script; requests: unknown[] }>();

const texts = (request: AnthropicRequest): string[] =>
  request.messages.flatMap(({ role, content }) =>
    role !== 'user'
      ? []
      : typeof content === 'string'
        ? [content]
        : content.filter((part) => part.type === 'text').map((part) => String(part.text)),
  );

/** Answers turns whose message begins with a word. */
function on(word: string, script: Script): { requests: unknown[] } {
  const entry = { script, requests: [] as unknown[] };
  scripts.set(word, entry);
  return entry;
}

beforeAll(async () => {
  model = await startAnthropic((request, count) => {
    const word = texts(request)
      .map((text) => text.split(' ')[0]!)
      .findLast((name) => scripts.has(name));
    const found = scripts.get(word ?? '');
    if (!found) return { blocks: [{ text: 'Nothing to say.' }] };
    found.requests.push(request);
    return found.script(request, count);
  });
  vibe = await makeVibe({ ANTHROPIC_API_KEY: 'sk-ant-test-key-0000', ANTHROPIC_BASE_URL: `${model.url}/v1` });
  await vibe.start();
  marta = await Person.register(vibe.baseUrl);
  await containerReady(marta);
  platform = openDatabase(platformUrl(vibe), { max: 2 });
});
afterAll(async () => {
  await platform?.db.destroy();
  await vibe?.remove();
  await model?.close();
});

const slow = (words = 150) => inOrder({ delayMs: 30, blocks: [{ text: 'one '.repeat(words) }] });
const write = (path: string, text: string) => edits({ kind: 'create', path, content: text });
const fileOf = async (chatId: string, path: string) => {
  const { body } = await marta.ask<{ files: { path: string; hunks: { lines: { kind: string; text: string }[] }[] }[] }>(
    'GET',
    `/api/chats/${chatId}/diff`,
  );
  const file = body.files.find((one) => one.path === path);
  return file?.hunks.flatMap((hunk) => hunk.lines.map(({ text }) => text)).join('\n');
};

describe('a message that waits', () => {
  it('is edited, answered in its last words, and refuses a tab that saw older ones', async () => {
    on('busy', slow());
    const wanted = on('green', inOrder([{ text: 'Green it is.' }]));
    const never = on('red', inOrder([{ text: 'Red it is.' }]));
    const first = await say(marta, 'busy please');
    const { chatId } = first;
    const waiting = await say(marta, 'red please', { chatId });
    const path = `/api/chats/${chatId}/queue/${waiting.turnId}`;
    const edited = await marta.ask<{ seq: number }>('PATCH', path, { message: 'blue please', seq: waiting.seq });
    expect(edited.status).toBe(200);
    const other = await marta.ask<{ code: string }>('PATCH', path, { message: 'from a second tab', seq: waiting.seq });
    expect(other).toMatchObject({ status: 409, body: { code: 'message_changed' } });
    const again = { message: 'green please', seq: edited.body.seq };
    expect((await marta.ask('PATCH', path, again)).status).toBe(200);
    expect((await turnEnd(marta, chatId, waiting.turnId)).outcome).toBe('completed');
    expect(wanted.requests).toHaveLength(1);
    expect(never.requests).toHaveLength(0);
    const late = await marta.ask<{ code: string; title: string; detail: string }>('PATCH', path, again);
    expect(late).toMatchObject({ status: 409, body: { code: 'too_late' } });
    expect(late.body.title).toContain('being answered already');
    // many at once against the turn being taken: each is either the words that were answered, or refused
    const race = await say(marta, 'busy please', { chatId });
    const queued = await say(marta, 'green one', { chatId });
    await marta.ask('POST', `/api/chats/${chatId}/stop`);
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        marta.ask<{ seq?: number }>('PATCH', `/api/chats/${chatId}/queue/${queued.turnId}`, {
          message: `green edit ${i}`,
          seq: queued.seq,
        }),
      ),
    );
    await turnEnd(marta, chatId, race.turnId);
    await turnEnd(marta, chatId, queued.turnId);
    const taken = replies.filter(({ status }) => status === 200);
    expect(taken.length).toBeLessThanOrEqual(1);
    const asked = JSON.stringify(wanted.requests.at(-1));
    const words = await payloads(marta, chatId, 'message.edited', queued.turnId);
    expect(words).toHaveLength(taken.length);
    expect(asked).toContain(words[0]?.text ?? 'green one');
  });

  it('keeps its new words through kill -9', async () => {
    on('busy', slow(100));
    const wanted = on('kept', inOrder([{ text: 'Kept.' }]));
    const { chatId } = await say(marta, 'busy please');
    const waiting = await say(marta, 'lost please', { chatId });
    const { status } = await marta.ask('PATCH', `/api/chats/${chatId}/queue/${waiting.turnId}`, {
      message: 'kept please',
      seq: waiting.seq,
    });
    expect(status).toBe(200);
    on('busy', inOrder([{ text: 'Quick now.' }]));
    await vibe.kill('web');
    await marta.until(
      async () => (await marta.ask('GET', '/api/me').catch(() => undefined))?.status === 200,
      'the web',
    );
    expect((await turnEnd(marta, chatId, waiting.turnId)).outcome).toBe('completed');
    expect(JSON.stringify(wanted.requests)).toContain('kept please');
  });
});

describe('an earlier message', () => {
  it('is written anew: files and draft go back, what was after is undone and can come back', async () => {
    on('make', inOrder([{ tool: 'create_app', input: { title: 'Rewind' } }], [write('src/lib/one.txt', 'one')]));
    on('second', inOrder([write('src/lib/two.txt', 'two')]));
    on('third', inOrder([write('src/lib/three.txt', 'three')]));
    const other = on('instead', inOrder([write('src/lib/other.txt', 'other')]));
    const { chatId } = await turn(marta, 'make please');
    const second = await turn(marta, 'second please', { chatId });
    const third = await turn(marta, 'third please', { chatId });
    expect(await fileOf(chatId, 'src/lib/three.txt')).toBe('three');
    const ask = (turnId: string, latest: string, message = 'instead please') =>
      marta.ask<{ turnId: string; code: string; chatId: string; seq: number }>('POST', `/api/chats/${chatId}/rerun`, {
        turnId,
        latest,
        message,
      });
    expect(await ask(second.turnId, second.turnId)).toMatchObject({ status: 409, body: { code: 'turn_moved' } });
    const reply = await ask(second.turnId, third.turnId);
    expect(reply.status).toBe(202);
    await turnEnd(marta, chatId, reply.body.turnId);
    expect(await fileOf(chatId, 'src/lib/two.txt')).toBeUndefined();
    expect(await fileOf(chatId, 'src/lib/three.txt')).toBeUndefined();
    expect(await fileOf(chatId, 'src/lib/one.txt')).toBe('one');
    expect(await fileOf(chatId, 'src/lib/other.txt')).toBe('other');
    expect(JSON.stringify(other.requests[0])).not.toContain('third please');
    const undone = (await payloads(marta, chatId, 'turn.undone'))[0]!;
    expect(undone).toMatchObject({ turnId: second.turnId, with: [third.turnId], redone: false });

    // undo the new one: now either it or what was before it can come back
    const undo = await marta.ask('POST', `/api/chats/${chatId}/undo`, { turnId: reply.body.turnId });
    expect(undo.status).toBe(200);
    expect((await chatOf(marta, chatId)).redoable).toEqual([reply.body.turnId, second.turnId]);
    expect((await marta.ask('POST', `/api/chats/${chatId}/redo`, { turnId: second.turnId })).status).toBe(200);
    expect(await fileOf(chatId, 'src/lib/three.txt')).toBe('three');
    expect(await fileOf(chatId, 'src/lib/other.txt')).toBeUndefined();
    expect((await chatOf(marta, chatId)).undo?.turnId).toBe(third.turnId);

    // and what is on main cannot be gone back behind
    await merge(marta, chatId);
    const refused = await ask(second.turnId, reply.body.turnId);
    expect(refused).toMatchObject({ status: 409, body: { code: 'merged' } });
    expect(await fileOf(chatId, 'src/lib/three.txt')).toBeUndefined();
  });

  it('is written anew once when two tabs ask at once, and again after a kill -9 in the middle', async () => {
    on('begin', inOrder([{ tool: 'create_app', input: { title: 'Killed' } }], [write('src/lib/one.txt', 'one')]));
    on('more', inOrder([write('src/lib/two.txt', 'two')]));
    const other = on('anew', () => ({ blocks: [{ text: 'Anew.' }] }));
    const { chatId } = await turn(marta, 'begin please');
    const more = await turn(marta, 'more please', { chatId });
    const ask = (turnId: string, latest: string) =>
      marta.ask<{ turnId: string }>('POST', `/api/chats/${chatId}/rerun`, { turnId, latest, message: 'anew please' });
    const both = await Promise.all([ask(more.turnId, more.turnId), ask(more.turnId, more.turnId)]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 409]);
    const winner = both.find(({ status }) => status === 202)!.body.turnId;
    await turnEnd(marta, chatId, winner);
    expect(other.requests).toHaveLength(1);
    expect(await fileOf(chatId, 'src/lib/two.txt')).toBeUndefined();
    expect((await marta.ask('POST', `/api/chats/${chatId}/redo`, { turnId: more.turnId })).status).toBe(200);
    expect(await fileOf(chatId, 'src/lib/two.txt')).toBe('two');

    for (const [what, wait] of [
      ['host', 60],
      ['web', 120],
    ] as const) {
      const latest = (await chatOf(marta, chatId)).turn!.id;
      const first = ask(more.turnId, latest).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, wait));
      await vibe.kill(what);
      const came = await first;
      await marta.until(async () => (await marta.ask('GET', '/api/me').catch(() => undefined))?.status === 200, what);
      let posted = came?.status === 202 ? came.body.turnId : undefined;
      if (!posted) {
        const now = (await chatOf(marta, chatId)).turn!.id;
        posted = now === latest ? undefined : now;
      }
      posted ??= await marta.until(
        async () => {
          const again = await ask(more.turnId, latest).catch(() => undefined);
          return again?.status === 202 && again.body.turnId;
        },
        'the second try',
        8_000,
      );
      await turnEnd(marta, chatId, posted);
      expect(await fileOf(chatId, 'src/lib/one.txt')).toBe('one');
      expect(await fileOf(chatId, 'src/lib/two.txt')).toBeUndefined();
      expect((await payloads(marta, chatId, 'turn.undone')).at(-1)).toMatchObject({
        turnId: more.turnId,
        redone: false,
      });
      expect((await marta.ask('POST', `/api/chats/${chatId}/redo`, { turnId: more.turnId })).status).toBe(200);
      expect(await fileOf(chatId, 'src/lib/two.txt')).toBe('two');
    }
  });

  it('of a chat without an app is only words', async () => {
    on('hello', inOrder([{ text: 'Hello.' }], [{ text: 'Hello.' }], [{ text: 'Hello.' }]));
    const first = await turn(marta, 'hello one');
    const second = await turn(marta, 'hello two', { chatId: first.chatId });
    const reply = await marta.ask<{ turnId: string }>('POST', `/api/chats/${first.chatId}/rerun`, {
      turnId: first.turnId,
      latest: second.turnId,
      message: 'hello three',
    });
    expect(reply.status).toBe(202);
    await turnEnd(marta, first.chatId, reply.body.turnId);
    const undone = await payloads(marta, first.chatId, 'turn.undone');
    expect(undone[0]).toMatchObject({ turnId: first.turnId, with: [second.turnId] });
    const back = await marta.ask('POST', `/api/chats/${first.chatId}/redo`, { turnId: first.turnId });
    expect(back.status).toBe(200);
  });
});

describe('a turn that plans', () => {
  it('changes nothing, whatever its model does', async () => {
    on('attack', inOrder([{ tool: 'create_app', input: { title: 'Attacked' } }], [write('src/lib/one.txt', 'one')]));
    const { chatId } = await turn(marta, 'attack me');
    const before = await chatOf(marta, chatId);
    const attack = on(
      'plan',
      inOrder(
        [
          write('src/lib/evil.txt', 'evil'),
          { tool: 'change_spec', input: { operations: [{ op: 'set_title', title: 'Evil' }] } },
        ],
        [
          { tool: 'run_checks', input: {} },
          { tool: 'create_app', input: { title: 'Another' } },
        ],
        [{ text: 'My plan: add a page.' }],
      ),
    );
    const posted = await marta.ask<{ turnId: string }>('POST', '/api/chat', {
      chatId,
      message: 'plan it',
      mode: 'plan',
    });
    expect((await turnEnd(marta, chatId, posted.body.turnId)).outcome).toBe('completed');
    const results = await payloads(marta, chatId, 'tool.result', posted.body.turnId);
    expect(results.map(({ state }) => state)).toEqual(['refused', 'refused', 'refused', 'refused']);
    const [request] = attack.requests as { tools: { name: string }[] }[];
    expect(request!.tools.map(({ name }) => name)).not.toContain('modify_code_files_vibe');
    expect(await fileOf(chatId, 'src/lib/evil.txt')).toBeUndefined();
    const after = await chatOf(marta, chatId);
    expect(after.app?.name).toBe(before.app?.name);
    expect(after.undo).toEqual(before.undo);
    // what it says is carried out as an ordinary turn that knows of the plan
    on('plan', inOrder([write('src/lib/page.txt', 'page')]));
    const done = await marta.ask<{ turnId: string }>('POST', '/api/chat', {
      chatId,
      message: 'plan it',
      planTurnId: posted.body.turnId,
    });
    await turnEnd(marta, chatId, done.body.turnId);
    expect(await fileOf(chatId, 'src/lib/page.txt')).toBe('page');
    expect(JSON.stringify(scripts.get('plan')!.requests[0])).toContain('Carry that plan out now');
  });
});

describe('search', () => {
  it('finds what was said by parts of words, in every chat one may see, and nothing of a stranger', async () => {
    on('zebra', inOrder([{ text: 'The **quokka** is not a zebra.' }]));
    const { chatId, turnId } = await turn(marta, 'zebra crossing, please');
    type Page = { items: { chatId: string; turnId: string | null; snippet: { text: string; hit: boolean }[] }[] };
    const { body } = await marta.ask<Page>('GET', '/api/search?q=QUOKK');
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({ chatId, turnId });
    expect(body.items[0]!.snippet.find(({ hit }) => hit)?.text).toBe('quokk');
    expect(
      (await marta.ask<Page>('GET', '/api/search?q=zebra%20crossing')).body.items.map((one) => one.turnId),
    ).toEqual([null, turnId]);
    expect((await marta.ask('GET', '/api/search?q=%20')).status).toBe(400);
    expect((await marta.ask('GET', '/api/search?q=x&cursor=nonsense')).status).toBe(400);
    await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
    const stranger = await Person.register(vibe.baseUrl, 'Nils Holm', 'nils@example.com');
    expect((await stranger.ask<Page>('GET', '/api/search?q=quokka')).body.items).toEqual([]);
    expect((await stranger.ask('GET', `/api/chats/${chatId}/export`)).status).toBe(404);
    expect((await stranger.ask('DELETE', `/api/chats/${chatId}?unmerged=lose`)).status).toBe(404);
    expect(
      (await stranger.ask('POST', `/api/chats/${chatId}/rerun`, { turnId, latest: turnId, message: 'x' })).status,
    ).toBe(404);
  });
});

describe('a deleted chat', () => {
  it('names its unmerged work, is gone at once, comes back, and after 48 hours is removed for good', async () => {
    on(
      'doomed',
      inOrder([{ tool: 'create_app', input: { title: 'Doomed' } }], [write('src/lib/doom.txt', 'xylophone')]),
    );
    const { chatId } = await turn(marta, 'doomed xylophone');
    const chat = await chatOf(marta, chatId);
    const named = await marta.ask<{ code: string; conflicts: { path: string }[] }>('DELETE', `/api/chats/${chatId}`);
    expect(named).toMatchObject({ status: 409, body: { code: 'unmerged_work' } });
    expect(named.body.conflicts.map(({ path }) => path)).toContain('src/lib/doom.txt');
    expect((await marta.ask('DELETE', `/api/chats/${chatId}?unmerged=lose`)).status).toBe(204);
    expect((await marta.ask('GET', `/api/chats/${chatId}`)).status).toBe(404);
    expect((await marta.ask('POST', '/api/chat', { chatId, message: 'still there?' })).status).toBe(404);
    type List = { items: { id: string }[] };
    const ids = async (query: string) =>
      (await marta.ask<List>('GET', `/api/chats?${query}`)).body.items.map(({ id }) => id);
    expect(await ids('limit=100')).not.toContain(chatId);
    expect(await ids('deleted=true')).toContain(chatId);
    expect((await marta.ask<List>('GET', '/api/search?q=xylophone')).body.items).toEqual([]);
    expect((await marta.ask('POST', `/api/chats/${chatId}/restore`)).status).toBe(200);
    expect(await fileOf(chatId, 'src/lib/doom.txt')).toBe('xylophone');

    expect((await marta.ask('DELETE', `/api/chats/${chatId}?unmerged=lose`)).status).toBe(204);
    const { db } = platform;
    // events of a living chat cannot be deleted, not even by the platform
    await expect(sql`delete from chat_events where chat_id = ${chatId}`.execute(db)).rejects.toThrow('append-only');
    await sql`update chats set deleted_at = now() - interval '48 hours' where id = ${chatId}`.execute(db);
    await sql`update graphile_worker._private_jobs set run_at = now() where key = ${`chat.remove:${chatId}`}`.execute(
      db,
    );
    const left = async () =>
      (await sql<{ n: number }>`select count(*)::int as n from chat_events where chat_id = ${chatId}`.execute(db))
        .rows[0]!.n;
    await marta.until(async () => (await left()) === 0, 'the removal', 30_000);
    expect(await ids('deleted=true')).not.toContain(chatId);
    expect((await marta.ask('POST', `/api/chats/${chatId}/restore`)).status).toBe(404);
    const repositories = join(vibe.dataDir, 'repositories');
    const refs = execFileSync('sh', [
      '-c',
      `for d in ${repositories}/*; do git -c safe.directory='*' --git-dir=$d for-each-ref; done`,
    ]).toString();
    expect(refs).not.toContain(chat.branch);
    const money = await sql<{
      n: number;
    }>`select count(*)::int as n from usage_ledger where chat_id = ${chatId}`.execute(db);
    expect(money.rows[0]!.n).toBeGreaterThan(0);
  });
});

describe('a deleted app', () => {
  it('is closed at once, and after 48 hours its tables, releases and folder are gone', async () => {
    on('gone', inOrder([{ tool: 'create_app', input: { title: 'Gone soon' } }], [write('src/lib/gone.txt', 'gone')]));
    const { chatId } = await turn(marta, 'gone please');
    const app = await merge(marta, chatId);
    expect(app.release?.state).toBe('serving');
    const repository = join(vibe.dataDir, 'repositories');
    const git = (args: string) =>
      execFileSync('sh', [
        '-c',
        `for d in ${repository}/*; do git -c safe.directory='*' --git-dir=$d ${args}; done`,
      ]).toString();
    expect(git('ls-tree --name-only main apps/')).toContain(`apps/${app.slug}`);
    expect((await marta.ask('DELETE', `/api/apps/${app.id}`)).status).toBe(204);
    expect((await marta.ask('GET', `/api/apps/${app.id}`)).status).toBe(404);
    expect(await marta.ask('POST', `/api/chats/${chatId}/restore`)).toMatchObject({ status: 409 });
    expect((await marta.ask('POST', `/api/apps/${app.id}/restore`)).status).toBe(200);
    expect((await chatOf(marta, chatId)).app?.id).toBe(app.id);
    expect((await marta.ask('DELETE', `/api/apps/${app.id}`)).status).toBe(204);
    const { db } = platform;
    await sql`update apps set deleted_at = now() - interval '48 hours' where id = ${app.id}`.execute(db);
    await sql`update chats set deleted_at = now() - interval '48 hours' where app_id = ${app.id}`.execute(db);
    await sql`update graphile_worker._private_jobs set run_at = now() where key in (${`app.remove:${app.id}`}, ${`chat.remove:${chatId}`})`.execute(
      db,
    );
    await marta.until(async () => !git('ls-tree --name-only main apps/').includes(`apps/${app.slug}`), 'the removal');
    expect(existsSync(join(vibe.dataDir, 'releases', app.id))).toBe(false);
    const data = openDatabase(clusterUrl(vibe, 'data', 'postgres'), { max: 1 });
    const left = await marta.until(async () => {
      const roles = await sql<{
        name: string;
      }>`select rolname as name from pg_roles where rolname like '%gone_soon%'`.execute(data.db);
      return roles.rows.length === 0 && 'none';
    }, 'the roles of its tables');
    expect(left).toBe('none');
    await data.db.destroy();
    expect((await marta.ask('POST', `/api/apps/${app.id}/restore`)).status).toBe(404);
  });
});

describe('a chat', () => {
  it('says what fills its context, from what the provider counted', async () => {
    on('context', inOrder([{ tool: 'read_spec', input: {} }], [{ text: 'Seen.' }]));
    const { chatId } = await turn(marta, 'context please');
    const { context } = await chatOf(marta, chatId);
    expect(context.maxTokens).toBeGreaterThan(100_000);
    const sum = context.parts.reduce((all, { tokens }) => all + tokens, 0);
    expect(sum).toBe(context.usedTokens);
    expect(context.parts.map(({ part }) => part)).toEqual(
      expect.arrayContaining(['instructions', 'tools', 'spec', 'turn', 'answer']),
    );
  });

  it('stops at a limit of its own, and says where to raise it', async () => {
    on('cheap', inOrder([{ text: 'Cheap.' }], [{ text: 'Cheap.' }]));
    const { chatId } = await turn(marta, 'cheap please');
    const set = await marta.ask<{ spendingLimit: number }>('PATCH', `/api/chats/${chatId}`, { spendingLimit: 10_000 });
    expect(set.body.spendingLimit).toBe(10_000);
    const { ended } = await turn(marta, 'cheap again', { chatId });
    expect(ended.reason).toMatch(/^The limit of this chat is reached: \$0\.\d\d of \$0\.01 used.*this chat’s menu/);
    await marta.ask('PATCH', `/api/chats/${chatId}`, { spendingLimit: null });
    expect((await turn(marta, 'cheap once more', { chatId })).ended.outcome).toBe('completed');
  });

  it('is taken along as Markdown', async () => {
    on('export', inOrder([{ text: 'Here you are.' }]));
    const { chatId } = await turn(marta, 'export please');
    const reply = await marta.ask('GET', `/api/chats/${chatId}/export`);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toContain('text/markdown');
    expect(reply.headers['content-disposition']).toBe('attachment; filename="export-please.md"');
    expect(reply.text).toContain('> export please\n\nHere you are.');
    expect((await eventsOf(marta, chatId)).length).toBeGreaterThan(2);
  });
});

describe('in a browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const broken: string[] = [];
  let chatId = '';
  const composer = () => page.getByLabel('Message', { exact: true });
  const preview = () => page.frameLocator('iframe[title="Preview of the app"]');
  const send = async (text: string) => {
    await composer().fill(text);
    await page.keyboard.press('Enter');
  };
  /** Sends and waits until the turn of it has ended. */
  const sendAndWait = async (chatId: string, text: string) => {
    const before = (await payloads(marta, chatId, 'turn.ended')).length;
    await send(text);
    await marta.until(async () => (await payloads(marta, chatId, 'turn.ended')).length > before, text);
    await idle();
  };
  const idle = () => page.getByRole('button', { name: 'Send' }).waitFor({ timeout: 60_000 });
  beforeAll(async () => {
    browser = await openBrowser();
    context = await browser.newContext({ viewport: DESKTOP });
    page = await context.newPage();
    page.on('pageerror', (error) => broken.push(error.message));
    await signIn(page, vibe.baseUrl);
    await page.getByRole('link', { name: 'Chats' }).waitFor();
  });
  afterAll(() => browser?.close());

  it('plans first, changes nothing, and does it when told', async () => {
    ({ chatId } = await say(marta, 'hello there', { model: 'builtin' }));
    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    await composer().waitFor();
    await idle();
    await send('/plan A reading list with title, author, rating 1 to 5 and whether I finished it.');
    await page.getByText('Nothing has been changed: this is a plan.').waitFor({ timeout: 30_000 });
    expect((await chatOf(marta, chatId)).app).toBeNull();
    await page.getByRole('button', { name: 'Do this' }).waitFor();
    await page.getByRole('button', { name: 'Plan first' }).click();
    expect(await page.getByRole('button', { name: 'Plan first' }).getAttribute('aria-pressed')).toBe('true');
    await takePictures(page, 'comforts-plan');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Do this' }).click();
    await preview().getByRole('heading', { name: 'Books', exact: true }).waitFor({ timeout: 90_000 });
    expect(await page.getByRole('button', { name: 'Plan first' }).getAttribute('aria-pressed')).toBe('false');
    await idle();
  });

  it('goes back to an earlier message with the draft as it was, and brings back what was after it', async () => {
    for (const words of ['add a notes field to books', 'add a shelf field to books']) {
      await sendAndWait(chatId, words);
    }
    const add = async () =>
      preview()
        .getByRole('link', { name: /add|new/i })
        .first()
        .click();
    await add();
    await preview().getByLabel('Shelf').waitFor({ timeout: 30_000 });
    await preview().getByLabel('Title').fill('Emma');
    await preview().getByLabel('Author').fill('Jane Austen');
    await preview()
      .getByRole('button', { name: /save|add/i })
      .last()
      .click();
    await preview().getByText('Emma').first().waitFor();
    // the older one is folded: open it, and write it anew
    await page.getByRole('button', { name: /add a notes field/ }).click();
    await page.getByRole('button', { name: /Edit and run again: add a notes/ }).click();
    await page.getByLabel('Message to run again').fill('add a year field to books');
    // a narrower window is another screen: what is being written is not carried over
    await takePictures(page, 'comforts-edit', ['desktop']);
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Keep the rows' }).click();
    await page.getByText('written anew').waitFor({ timeout: 30_000 });
    await marta.until(async () => (await chatOf(marta, chatId)).turn?.state === 'ended', 'the new turn');
    await idle();
    expect(await page.getByText('taken back').count()).toBe(2);
    await page.reload();
    await preview().getByText('Emma').first().waitFor({ timeout: 60_000 });
    await add();
    await preview().getByLabel('Year').waitFor({ timeout: 30_000 });
    expect(await preview().getByLabel('Shelf').count()).toBe(0);
    await takePictures(page, 'comforts-rewound');
    // undo the new one by its key: then what was before it can come back whole
    await page.getByRole('log').focus();
    await page.keyboard.press('u');
    await page.getByRole('button', { name: 'Redo' }).nth(1).waitFor();
    const old = page.getByRole('article', { name: /add a notes field/ });
    await old.getByRole('button', { name: 'Redo' }).click();
    await page.getByText('taken back').first().waitFor();
    await marta.until(async () => (await page.getByText('taken back').count()) === 1, 'the others');
    await page.reload();
    await preview()
      .getByRole('link', { name: /add|new/i })
      .first()
      .click();
    await preview().getByLabel('Shelf').waitFor({ timeout: 60_000 });
    expect(await preview().getByLabel('Year').count()).toBe(0);
  });

  it('edits and takes back what waits', async () => {
    on('busy', slow(900));
    on('second', inOrder([{ text: 'Second answered.' }]));
    const { chatId } = await say(marta, 'busy please');
    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    await page.getByRole('button', { name: 'Queue' }).waitFor();
    await send('first wish');
    await send('/plan another wish');
    const waiting = page.getByRole('list', { name: 'Messages that wait' });
    await waiting.getByText('another wish').waitFor();
    expect(await waiting.getByText('Plan', { exact: true }).count()).toBe(1);
    await takePictures(page, 'comforts-queue');
    await waiting.getByRole('button', { name: 'Edit: first wish' }).click();
    await page.getByLabel('Message that waits').fill('second please');
    await takePictures(page, 'comforts-queue-edit', ['desktop']);
    // Esc here means these words, not the turn that runs
    await page.keyboard.press('Escape');
    expect((await chatOf(marta, chatId)).turn?.state).toBe('running');
    await waiting.getByRole('button', { name: 'Edit: first wish' }).click();
    await page.getByLabel('Message that waits').fill('second please');
    await page.keyboard.press('Enter');
    await waiting.getByText('second please').waitFor();
    await waiting.getByRole('button', { name: 'Take back: another wish' }).click();
    await waiting.getByText('another wish').waitFor({ state: 'detached' });
    expect(await composer().inputValue()).toBe('another wish');
    await composer().fill('');
    await page.keyboard.press('Escape');
    await page.getByText('Second answered.').waitFor({ timeout: 30_000 });
    // the ring tells what the context holds
    await page.getByRole('button', { name: /^Context:/ }).click();
    await page.getByText('Earlier messages').waitFor();
    await takePictures(page, 'comforts-context');
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('finds a message by its words and leads to it', async () => {
    await page.getByRole('log').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('quokk');
    const found = page.getByRole('link', { name: /quokka is not a zebra/ });
    await found.waitFor();
    await takePictures(page, 'comforts-search', ['desktop']);
    expect(await faultsOf(page)).toEqual([]);
    await found.click();
    await page.waitForURL(/turn=/);
    await page.locator('article:focus').waitFor();
    await page.getByText('is not a zebra').last().waitFor();
  });

  it('does anything from the palette, by keyboard alone', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Find or do anything' }).waitFor();
    await takePictures(page, 'comforts-palette');
    await page.keyboard.type('renm');
    await page.getByRole('option', { name: 'Rename this chat' }).waitFor();
    await page.locator('[role="option"][aria-selected="true"]', { hasText: 'Rename this chat' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByLabel('Title').fill('Quokkas and others');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Quokkas and others' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('quokka');
    await page.getByRole('option', { name: /quokka is not/i }).waitFor();
    await takePictures(page, 'comforts-palette-found');
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    // a letter in a message is a letter
    await composer().fill('');
    await composer().focus();
    await page.keyboard.type('nu?/[]jk');
    expect(await composer().inputValue()).toBe('nu?/[]jk');
    await composer().fill('');
    await page.getByRole('log').focus();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await takePictures(page, 'comforts-keys');
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    // panes fold, rows are walked through
    await page.keyboard.press('[');
    await page.getByRole('complementary', { name: 'Chats' }).waitFor({ state: 'detached' });
    await page.keyboard.press('[');
    await page.getByRole('complementary', { name: 'Chats' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL(/settings/);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('settings limits');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#limits/);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL(/chats/);
    await page.getByRole('complementary', { name: 'Chats' }).waitFor();
    await page.keyboard.press('j');
    await page.locator('[data-row]:focus').waitFor();
  });

  it('limits, exports, archives, deletes and brings back', async () => {
    on('heavy', inOrder([{ tool: 'create_app', input: { title: 'Heavy' } }], [write('src/lib/heavy.txt', 'heavy')]));
    const { chatId } = await turn(marta, 'heavy lifting');
    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    const menu = async (name: string) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await idle();
    await page.getByRole('button', { name: 'More' }).click();
    await takePictures(page, 'comforts-menu');
    await page.keyboard.press('Escape');
    await menu('Limit');
    await page.getByLabel('At most').fill('0.01');
    await takePictures(page, 'comforts-limit');
    await page.getByRole('button', { name: 'Keep this limit' }).click();
    await page.getByText('The limit holds from the next step on.').waitFor();
    await send('heavy again');
    await page.getByText(/The limit of this chat is reached: .*this chat’s menu/).waitFor({ timeout: 20_000 });
    await takePictures(page, 'comforts-limit-reached');
    const [file] = await Promise.all([page.waitForEvent('download'), menu('Export as Markdown')]);
    expect(file.suggestedFilename()).toBe('heavy-lifting.md');
    await menu('Archive');
    await page.getByText('Archived', { exact: true }).click();
    await page
      .getByRole('complementary')
      .getByRole('link', { name: /Heavy lifting/ })
      .waitFor();
    await takePictures(page, 'comforts-archived', ['desktop']);
    await menu('Delete');
    await page.getByRole('button', { name: 'Delete the chat' }).click();
    await page.getByRole('heading', { name: 'This work is not merged' }).waitFor();
    await page.getByText('src/lib/heavy.txt').last().waitFor();
    await takePictures(page, 'comforts-delete');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Delete it with this work' }).click();
    await page.getByText('It can be brought back for 48 hours.').waitFor();
    await page.getByText('Deleted', { exact: true }).click();
    await page.getByRole('button', { name: 'Bring back Heavy lifting' }).waitFor();
    await takePictures(page, 'comforts-deleted', ['desktop']);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Bring back Heavy lifting' }).click();
    await page.getByRole('button', { name: 'Bring back Heavy lifting' }).waitFor({ state: 'detached' });
    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    await page.getByRole('heading', { name: 'Heavy lifting' }).waitFor();

    // the app: deleted with its name, and back with its chat
    await page.goto(vibe.baseUrl);
    await page.getByRole('button', { name: 'Delete Heavy' }).click();
    await page.getByRole('button', { name: 'Delete the app' }).click();
    await page.getByText('Type “Heavy” to delete it').waitFor();
    await takePictures(page, 'comforts-delete-app');
    await page.getByLabel('Its name').fill('Heavy');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Bring back Heavy' }).waitFor();
    expect((await marta.ask('GET', `/api/chats/${chatId}`)).status).toBe(404);
    await takePictures(page, 'comforts-deleted-app');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Bring back Heavy' }).click();
    await page.getByRole('button', { name: 'Delete Heavy' }).waitFor();
    expect((await marta.ask('GET', `/api/chats/${chatId}`)).status).toBe(200);
    expect(broken).toEqual([]);
  });
});
