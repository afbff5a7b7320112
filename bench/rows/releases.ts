/** Merge → new release serving, beside its own build and boot; going back to an older one; and waking a sleeping app, beside its own boot. */
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleasePage } from '../../contract/releases.ts';
import { call, type Person } from '../../e2e/support/client.ts';
import { Visitor } from '../../e2e/support/visitor.ts';
import { hashToken, newToken } from '../../server/src/accounts/sessions.ts';
import { runDirOf } from '../../server/src/config.ts';
import { one, openDatabase, sql } from '../../server/src/db/database.ts';
import { median, type Row } from '../support/row.ts';
import { type Stage, settled } from '../support/stage.ts';

interface AppView {
  id: string;
  url: string;
  state: string;
  release: { id: string; state: string; problem: string | null } | null;
}

export async function releases({ vibe, person, chatId }: Stage): Promise<Row[]> {
  const app = async () => (await person.ask<{ items: AppView[] }>('GET', '/api/apps')).body.items[0]!;
  await person.ask('PATCH', `/api/chats/${chatId}`, { model: 'builtin' });
  const merges: number[] = [];
  for (const wish of ['add a notes field to books', 'add a publisher field to books', 'add a year field to books']) {
    await person.ask('POST', '/api/chat', { chatId, message: wish });
    await settled(person, chatId);
    const before = (await app()).release?.id;
    const began = performance.now();
    const merged = await person.ask('POST', `/api/chats/${chatId}/merge`, {});
    if (merged.status !== 202) throw new Error(merged.text);
    await person.until(async () => {
      const { release } = await app();
      if (release?.state === 'failed' && release.id !== before)
        throw new Error(release.problem ?? 'the release failed');
      return release && release.id !== before && release.state === 'serving';
    }, 'the release');
    merges.push(performance.now() - began);
  }
  const current = await app();
  const folder = join(vibe.dataDir, 'releases', current.id, current.release!.id);
  const { buildMs } = JSON.parse(await readFile(join(folder, 'release.json'), 'utf8')) as { buildMs: number };
  const boots: number[] = [];
  for (let i = 0; i < 5; i++) boots.push(await bareBoot(vibe.dataDir, folder));
  const boot = median(boots);
  const merge = median(merges);
  const back = await rollback(person, current);
  const wakes = await wake(vibe.dataDir, vibe.baseUrl, current, app);
  return [
    {
      path: 'merge → new release serving',
      beside: 'its own build + boot',
      ours: merge,
      bare: buildMs + boot,
      unit: 'ms',
      result: merge - buildMs - boot,
      kind: 'difference',
      limit: 500,
    },
    {
      path: 'rollback: request → first answer of the older release',
      beside: '',
      ours: back,
      bare: null,
      unit: 'ms',
      result: back,
      kind: 'value',
      limit: 1000,
      note: 'it does not run when it is asked for',
    },
    {
      path: 'waking a sleeping app',
      beside: 'its own boot',
      ours: wakes,
      bare: boot,
      unit: 'ms',
      result: wakes / boot,
      kind: 'ratio',
      limit: 1.5,
    },
  ];
}

/** The same release without sandbox, relay or gateway, until it answers. */
async function bareBoot(dataDir: string, folder: string): Promise<number> {
  const [toolchain] = await readdir(join(dataDir, 'toolchains'));
  const socketPath = join(runDirOf(dataDir), `boot-${Math.random().toString(36).slice(2, 8)}.sock`);
  const began = performance.now();
  const child = spawn(process.execPath, [join(folder, 'app', 'index.js')], {
    env: {
      SOCKET_PATH: socketPath,
      NODE_PATH: join(dataDir, 'toolchains', toolchain!, 'node_modules'),
      VIBE_IDENTITY_PUBLIC_KEY: '',
      PATH: process.env.PATH,
    },
    stdio: 'ignore',
  });
  try {
    for (;;) {
      const answered = await new Promise<boolean>((resolve) => {
        const outgoing = request({ socketPath, path: '/', timeout: 2000 }, (response) => {
          response.resume();
          resolve(true);
        });
        outgoing.once('error', () => resolve(false));
        outgoing.end();
      });
      if (answered) return performance.now() - began;
      if (performance.now() - began > 20_000) return Number.NaN;
      await sleep(2);
    }
  } finally {
    child.kill('SIGKILL');
  }
}

/** To the older release and on again, each time with one that does not run: its page has no field for the year. */
async function rollback(person: Person, { id, url }: AppView): Promise<number> {
  const visitor = await Visitor.enter(person, url);
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    const { items } = (await person.ask<ReleasePage>('GET', `/api/apps/${id}/releases`)).body;
    const [newest, older] = items as [ReleasePage['items'][number], ReleasePage['items'][number]];
    const [from, to] = newest.state === 'serving' ? [newest, older] : [older, newest];
    const began = performance.now();
    const reply = await person.ask('POST', `/api/apps/${id}/rollback`, { releaseId: to.id, serving: from.id });
    if (reply.status !== 200) throw new Error(`going back was answered ${reply.status}: ${reply.text}`);
    const page = await visitor.ask('GET', '/books/new');
    times.push(performance.now() - began);
    if (page.status !== 200 || /name="year"/.test(page.text) !== (to === newest))
      throw new Error(`release ${to.number} did not answer: ${page.status} ${page.text.slice(0, 200)}`);
    // the one that was left has answered everything and is gone
    await sleep(3000);
  }
  return median(times);
}

async function wake(dataDir: string, baseUrl: string, current: AppView, app: () => Promise<AppView>): Promise<number> {
  const runDir = runDirOf(dataDir);
  const { db } = openDatabase(`postgresql:///vibe?host=${encodeURIComponent(join(runDir, 'pg-platform'))}&user=vibe`, {
    max: 1,
  });
  const session = await one(
    db,
    sql<{ id: string; user_id: string }>`select id, user_id from sessions where revoked_at is null limit 1`,
  );
  const token = newToken();
  const { host } = new URL(current.url);
  await sql`insert into app_sessions (token_hash, session_id, user_id, host, expires_at) values (${hashToken(token)}, ${session.id}, ${session.user_id}, ${host}, now() + interval '1 hour')`.execute(
    db,
  );
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const end = Date.now() + 40_000;
    while ((await app()).state !== 'asleep' && Date.now() < end) await sleep(250);
    const began = performance.now();
    const reply = await call(baseUrl, 'GET', '/', {
      host,
      headers: { cookie: `__Host-vibe-app=${token}`, accept: 'text/html' },
    });
    if (reply.status >= 400) throw new Error(`waking answered ${reply.status}: ${reply.text.slice(0, 200)}`);
    times.push(performance.now() - began);
  }
  await db.destroy();
  return median(times);
}
