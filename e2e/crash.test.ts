/** kill -9 in the middle of turns, merges and switches of releases: afterwards nothing acknowledged is lost, and nothing happened twice. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Db, many, openDatabase, sql } from '../server/src/db/database.ts';
import type { AnthropicServer } from './support/anthropic-server.ts';
import type { Person } from './support/client.ts';
import { atRest, violations } from './support/invariants.ts';
import {
  appOf,
  chatOf,
  edits,
  eventsOf,
  inOrder,
  merge,
  operations,
  payloads,
  say,
  turn,
  turnEnd,
} from './support/maker.ts';
import { clusterUrl, platformUrl } from './support/platform.ts';
import { servingApp, startVibe } from './support/set-up.ts';
import type { Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;
let db: Db;
let appId: string;
let appUrl: string;
let staging: string;

beforeAll(async () => {
  ({ vibe, claude, marta } = await startVibe());
  const fields = [{ name: 'Title', type: 'text' }];
  const book = { op: 'add_entity', name: 'Book', plural: 'Books', fields };
  ({ id: appId, url: appUrl } = (await servingApp({ claude, marta }, 'Shelf', book)).app);
  const { containers } = (await marta.ask<{ containers: { slug: string }[] }>('GET', '/api/me')).body;
  staging = `${containers[0]!.slug.replaceAll('-', '_')}__staging`;
}, 180_000);
beforeEach(() => {
  db = openDatabase(platformUrl(vibe), { max: 2 }).db;
});
afterEach(() => db.destroy());
afterAll(async () => {
  await vibe?.remove();
  await claude?.close();
});

const ready = () =>
  marta.until(
    async () => (await marta.ask('GET', '/api/ready').catch(() => undefined))?.status === 200,
    'the server',
    60_000,
  );

/** Waits until nothing is under way, then looks at everything that must be true. */
async function expectInvariants(): Promise<void> {
  await marta.until(() => atRest(db).catch(() => false), 'all work to be done', 90_000);
  // whoever opens a chat after a crash finds its files as they were acknowledged
  const chats = await marta.ask<{ items: { id: string; app: unknown }[] }>('GET', '/api/chats?limit=100');
  for (const { id, app } of chats.body.items) if (app) await marta.ask('GET', `/api/chats/${id}/diff`);
  expect(await violations(vibe, db)).toEqual([]);
}

it('the look at what must be true sees what is not', async () => {
  await expectInvariants();
  const stray = join(vibe.dataDir, 'worktrees', 'stray');
  await mkdir(stray);
  const [app] = await many(
    db,
    sql<{ id: string; chat8: string }>`select id, chat8 from chats where app_id is not null`,
  );
  const file = join(vibe.dataDir, 'worktrees', app!.id, 'app', 'planted.txt');
  await writeFile(file, 'not committed');
  expect(await violations(vibe, db)).toEqual([
    `chat ${app!.id}: its files are not those of its branch`,
    'the worktree stray belongs to nobody',
  ]);
  await Promise.all([rm(stray, { recursive: true }), rm(file)]);
});

describe('kill -9 of the web process', () => {
  it('while people post: every acknowledged message is there, once, and answered once', async () => {
    claude.use(() => ({ blocks: [{ text: 'Yes.' }] }));
    const acknowledged = new Map<string, string>();
    let posting = true;
    const poster = async (name: number) => {
      const { chatId } = await say(marta, `poster ${name}`);
      for (let i = 0; posting; i++) {
        const message = `message ${name}-${i}`;
        const reply = await marta.ask('POST', '/api/chat', { message, chatId }).catch(() => undefined);
        if (reply?.status === 202) acknowledged.set(message, chatId);
        await sleep(15);
      }
      return chatId;
    };
    const posters = Array.from({ length: 4 }, (_, i) => poster(i));
    for (let round = 0; round < 2; round++) {
      await sleep(700);
      await vibe.kill('web');
      await ready();
    }
    // on a busy machine it takes longer until enough was said
    await marta.until(async () => acknowledged.size > 20, 'enough messages');
    posting = false;
    const chats = await Promise.all(posters);
    await expectInvariants();
    for (const chatId of chats) {
      const said = (await payloads(marta, chatId, 'message.user')).map(({ text }) => text);
      expect(new Set(said).size).toBe(said.length);
      for (const [message, where] of acknowledged) if (where === chatId) expect(said).toContain(message);
      const events = await eventsOf(marta, chatId);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    }
  });

  it('while an answer streams: the turn goes on by itself and the answer is there once', async () => {
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
    claude.use(() => ({ delayMs: 30, blocks: [{ text: words }] }));
    const { chatId, turnId } = await say(marta, 'a story');
    await sleep(800);
    await vibe.kill('web');
    await ready();
    expect((await turnEnd(marta, chatId, turnId)).outcome).toBe('completed');
    expect((await payloads(marta, chatId, 'message.assistant')).map(({ text }) => text)).toEqual([words]);
    await expectInvariants();
  });

  it('while checks run: they are run again, because they may be, and the model hears of them once', async () => {
    let asked = 0;
    claude.use((request) => {
      const last = JSON.stringify(request.messages.at(-1));
      if (!last.includes('tool_result')) return { blocks: [{ tool: 'run_checks', input: {} }] };
      asked++;
      return { blocks: [{ text: 'Seen.' }] };
    });
    const { chatId, turnId } = await say(marta, 'check it', { appId });
    await marta.until(async () => (await payloads(marta, chatId, 'tool.call')).length > 0, 'the tool');
    await vibe.kill('web');
    await ready();
    expect((await turnEnd(marta, chatId, turnId)).outcome).toBe('completed');
    expect(await payloads(marta, chatId, 'tool.call')).toHaveLength(1);
    expect(await payloads(marta, chatId, 'tool.result')).toHaveLength(1);
    expect(asked).toBe(1);
    await expectInvariants();
  });
});

describe('kill -9 in the middle of a change of the spec', () => {
  for (const [what, delay] of [
    ['host', 30],
    ['web', 60],
    ['all', 100],
  ] as const) {
    it(`of ${what === 'all' ? 'everything' : `the ${what}`} after ${delay} ms: files, branch and tables agree`, async () => {
      const name = `Field ${what} ${delay}`;
      let called = 0;
      claude.use((request) => {
        const last = JSON.stringify(request.messages.at(-1));
        if (last.includes('tool_result') && !/failed|unknown/.test(last)) return { blocks: [{ text: 'Done.' }] };
        if (last.includes('already') || called > 3) return { blocks: [{ text: 'It is there.' }] };
        called++;
        if (called === 1) setTimeout(() => void vibe.kill(what), delay);
        return { blocks: [operations({ op: 'add_field', entity: 'Book', field: { name, type: 'text' } })] };
      });
      const { chatId, turnId } = await say(marta, `add ${name}`, { appId });
      await sleep(delay + 600);
      if (what === 'all') await vibe.start();
      await ready();
      const ended = await turnEnd(marta, chatId, turnId);
      expect(ended.outcome).not.toBe('stopped');
      await expectInvariants();
      // the chat can go on: what it has can be shown, changed and merged
      claude.use(
        inOrder([operations({ op: 'add_field', entity: 'Book', field: { name: `${name} more`, type: 'text' } })]),
      );
      expect((await turn(marta, 'and one more', { chatId })).ended.outcome).toBe('completed');
      await expectInvariants();
      if (what === 'all') expect((await merge(marta, chatId)).release?.state).toBe('serving');
    });
  }
});

describe('kill -9 in the middle of a merge', () => {
  const nextEdit = async (round: string) => {
    const path = `src/lib/round-${round}.ts`;
    claude.use(inOrder([edits({ kind: 'create', path, content: `export const round = '${round}';\n` })]));
    return (await turn(marta, `round ${round}`, { appId })).chatId;
  };

  it('of the host, at several moments: main is released, or nothing was merged and can be', async () => {
    for (const [round, delay] of [15, 90].entries()) {
      const chatId = await nextEdit(`h${round}`);
      const merging = marta.ask('POST', `/api/chats/${chatId}/merge`).catch(() => undefined);
      await sleep(delay);
      await vibe.kill('host');
      const reply = await merging;
      await ready();
      await expectInvariants();
      if (reply?.status === 202) expect((await chatOf(marta, chatId)).transport, `${delay} ms`).not.toBe('open');
      else if ((await chatOf(marta, chatId)).transport === 'open')
        expect((await merge(marta, chatId)).release?.state).toBe('serving');
    }
    await expectInvariants();
  });

  it('of everything, while the release is built and while it takes over', async () => {
    for (const state of ['building', 'starting'] as const) {
      const chatId = await nextEdit(state);
      const before = (await appOf(marta, appId)).release!.number;
      const reply = await marta.ask('POST', `/api/chats/${chatId}/merge`);
      expect(reply.status, reply.text).toBe(202);
      await marta.until(async () => (await appOf(marta, appId)).release?.state === state, `the release to be ${state}`);
      await sleep(60);
      await vibe.kill(state === 'building' ? 'host' : 'all');
      if (state === 'starting') await vibe.start();
      await ready();
      await expectInvariants();
      expect((await appOf(marta, appId)).release).toMatchObject({ number: before + 1, state: 'serving' });
      expect((await chatOf(marta, chatId)).transport).toBe('deployed');
      const visitor = await Visitor.enter(marta, appUrl);
      expect((await visitor.ask('GET', '/books')).status).toBe(200);
    }
  });
});

describe('kill -9 of the host around a write that a person agreed to', () => {
  const connect = async (url: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client;
  };

  for (const [moment, effect] of [
    ['between the intent and its effect', false],
    ['between the effect and its receipt', false],
    ['between the receipt and the result', true],
  ] as const) {
    it(`${moment}: ${effect ? 'it took effect once' : 'it took none'}, and the record says so`, async () => {
      const [platform, data] = [await connect(platformUrl(vibe)), await connect(clusterUrl(vibe, 'data', staging))];
      const other = await connect(clusterUrl(vibe, 'data', staging));
      try {
        const statement = `insert into books (title) values ('killed ${moment}')`;
        claude.use(inOrder([{ tool: 'supabase_router', input: { sql: statement } }]));
        const { chatId, turnId } = await say(marta, `add it, ${moment}`, { appId });
        const questionId = await marta.until(async () => {
          const asked = (await eventsOf(marta, chatId)).find(({ type }) => type === 'question.asked');
          return asked?.type === 'question.asked' && asked.payload.questionId;
        }, 'the question');
        // what the write waits for at that moment
        await data.query('create schema if not exists vibe_audit');
        await data.query(
          'create table if not exists vibe_audit.receipts (id uuid primary key, rows bigint not null, at timestamptz not null default now())',
        );
        await data.query('begin');
        const held = moment.startsWith('between the intent') ? 'shelf.books' : 'vibe_audit.receipts';
        await data.query(`lock table ${held} in share row exclusive mode`);
        await marta.ask('POST', `/api/chats/${chatId}/answer`, { questionId, answer: 'Run it' });
        await marta.until(async () => {
          const { rowCount } = await other.query(
            "select 1 from pg_stat_activity where application_name = 'vibe router' and wait_event_type = 'Lock'",
          );
          return (rowCount ?? 0) > 0;
        }, 'the write to wait');
        if (effect) {
          await platform.query('begin');
          await platform.query('select 1 from sql_calls where turn_id = $1 and writes for update', [turnId]);
          await data.query('rollback');
          await marta.until(
            async () =>
              (await other.query('select 1 from shelf.books where title like $1', [`killed ${moment}`])).rowCount,
            'the effect',
          );
        }
        await vibe.kill('host');
        await Promise.all([data.query('rollback'), platform.query('rollback')]);
        await ready();
        await turnEnd(marta, chatId, turnId);
        await expectInvariants();
        const { rows: calls } = await platform.query(
          "select state, rule, rows::int as rows, agreed_by is not null as agreed from sql_calls where turn_id = $1 and state <> 'refused' or rule = 'cut_off' and turn_id = $1",
          [turnId],
        );
        expect(calls).toEqual([
          effect
            ? { state: 'done', rule: null, rows: 1, agreed: true }
            : { state: 'refused', rule: 'cut_off', rows: null, agreed: true },
        ]);
        const { rowCount } = await other.query('select 1 from shelf.books where title = $1', [`killed ${moment}`]);
        expect(rowCount).toBe(effect ? 1 : 0);
      } finally {
        await Promise.all([platform.end(), data.end(), other.end()]);
      }
    });
  }
});
