/** Everything in one file, and back from it onto an empty folder: accounts, chats, the app with its rows, undo, keys. And all of it gone. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../contract/apps.ts';
import type { Chat } from '../contract/chats.ts';
import type { Mirror } from '../contract/mirrors.ts';
import { call, Person } from './support/client.ts';
import { eventsOf, turn } from './support/maker.ts';
import { clusterUrl } from './support/platform.ts';
import { makeVibe, unshareToolchains, type Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

const script = (name: string) => fileURLToPath(new URL(`../scripts/${name}.mjs`, import.meta.url));
let vibe: Vibe;
let other: Vibe;
let file: string;

/** Runs a script as npm does. @param typed what is answered to it @returns its output; `code` other than 0 is its refusal */
const run = (name: string, args: string[], env: NodeJS.ProcessEnv, typed = '') =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [script(name), ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` }),
    );
    child.stdin!.end(typed);
  });

beforeAll(async () => {
  vibe = await makeVibe();
  other = await makeVibe({ PORT: new URL(vibe.baseUrl).port });
  // a restore begins with nothing there
  rmSync(other.dataDir, { recursive: true });
  file = join(vibe.dataDir, '..', `vibe-e2e-backup-${process.pid}.tar.gz`);
});
afterAll(async () => {
  await other?.remove();
  await vibe?.remove();
  rmSync(file, { force: true });
});

it('brings everything back, as it was, on an empty folder', async () => {
  await vibe.start();
  const marta = await Person.register(vibe.baseUrl);
  const { chatId, turnId } = await turn(marta, 'Track repairs with customer and notes', { model: 'builtin' });
  const chat = (await marta.ask<Chat>('GET', `/api/chats/${chatId}`)).body;
  expect((await marta.ask('POST', `/api/chats/${chatId}/merge`, {})).status).toBe(202);
  const serving = async (person: Person) =>
    person.until(
      async () => {
        const app = (await person.ask<App>('GET', `/api/apps/${chat.app!.id}`)).body;
        return app.release?.state === 'serving' && app;
      },
      'the release',
      90_000,
    );
  const app = await serving(marta);
  const visitor = await Visitor.enter(marta, app.url);
  const added = await visitor.ask('POST', '/repairs/new', {
    form: { customer: 'Ada', notes: 'a clock' },
    headers: { accept: 'text/html' },
  });
  expect(added.status).toBe(303);
  expect((await visitor.ask('GET', '/repairs')).text).toContain('Ada');
  expect((await marta.ask('POST', `/api/apps/${app.id}/live`)).status).toBe(202);
  const inStep = (person: Person) =>
    person.until(
      async () => (await person.ask<Mirror>('GET', `/api/apps/${app.id}/mirror`)).body.state === 'in_step',
      'the copy of live is in step',
      60_000,
    );
  await inStep(marta);
  const before = await eventsOf(marta, chatId);

  // it finds the port by itself
  const seen = await run('doctor', [], { VIBE_DATA_DIR: vibe.dataDir });
  expect(seen).toMatchObject({ code: 0, output: expect.stringContaining(`Vibe is running at ${vibe.baseUrl}`) });
  const busy = await run('backup', [file], { VIBE_DATA_DIR: vibe.dataDir });
  expect(busy).toMatchObject({ code: 1, output: expect.stringContaining('Stop it first') });
  await vibe.stop();
  unshareToolchains(vibe);
  const made = await run('backup', [file], { VIBE_DATA_DIR: vibe.dataDir });
  expect(made).toMatchObject({ code: 0, output: expect.stringContaining('keep it where only you can read it') });
  expect(statSync(file).mode & 0o777).toBe(0o600);

  const full = await run('restore', [file], { VIBE_DATA_DIR: vibe.dataDir });
  expect(full).toMatchObject({ code: 1, output: expect.stringContaining('is not empty') });
  const back = await run('restore', [file], { VIBE_DATA_DIR: other.dataDir });
  expect(back).toMatchObject({ code: 0, output: expect.stringContaining('npm start') });

  await other.start();
  const again = await call<{ accessToken: string }>(vibe.baseUrl, 'POST', '/api/auth/login', {
    body: { email: 'marta@example.com', password: 'correct horse battery' },
  });
  const returned = new Person(vibe.baseUrl, again.body.accessToken);
  expect((await eventsOf(returned, chatId)).slice(0, before.length)).toEqual(before);
  expect((await serving(returned)).url).toBe(app.url);
  expect((await (await Visitor.enter(returned, app.url)).ask('GET', '/repairs')).text).toContain('Ada');
  // its live database is followed again: a row that is written now comes over, nothing is owed, and no slot is left over
  await inStep(returned);
  const after = await Visitor.enter(returned, app.url);
  await after.ask('POST', '/repairs/new', { form: { customer: 'Bea', notes: '' }, headers: { accept: 'text/html' } });
  const copied = async () =>
    (
      await returned.ask<{ result?: { rows: unknown[][] } }>('POST', '/api/data/sql', {
        appId: app.id,
        target: 'staging',
        sql: 'select customer from repairs order by 1',
      })
    ).body.result?.rows;
  await returned.until(async () => String(await copied()) === 'Ada,Bea', 'both rows are in the copy', 20_000);
  expect((await returned.ask<{ items: unknown[] }>('GET', '/api/reminders')).body.items).toEqual([]);
  const data = new pg.Client({ connectionString: clusterUrl(other, 'data', 'postgres') });
  await data.connect();
  const slots = await data.query('select active from pg_replication_slots');
  await data.end();
  expect(slots.rows).toEqual([{ active: true }]);
  const diff = await returned.ask<{ files: unknown[] }>('GET', `/api/chats/${chatId}/diff?from=base`);
  expect(diff.status).toBe(200);
  // the chat goes on where it was
  const next = await turn(returned, 'add a price field to repairs', { chatId, model: 'builtin' });
  expect(next.ended).toMatchObject({ outcome: 'completed' });
  expect((await returned.ask('POST', `/api/chats/${chatId}/undo`, { turnId: next.turnId })).status).toBe(200);
  expect(turnId).not.toBe(next.turnId);
});

it('refuses what is no backup, and leaves nothing behind', async () => {
  const wrong = `${file}.wrong`;
  writeFileSync(wrong, 'not a backup');
  const empty = join(vibe.dataDir, '..', `vibe-e2e-empty-${process.pid}`);
  mkdirSync(empty);
  const refused = await run('restore', [wrong], { VIBE_DATA_DIR: empty });
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('no backup of Vibe') });
  expect(existsSync(`${empty}.restoring`)).toBe(false);
  rmSync(wrong);
  rmSync(empty, { recursive: true });
});

it('forgets everything only when the folder’s name is typed, and nothing beside it', async () => {
  const env = { VIBE_DATA_DIR: other.dataDir };
  const name = basename(other.dataDir);
  const running = await run('reset', ['--yes'], env);
  expect(running).toMatchObject({ code: 1, output: expect.stringContaining('Stop it first') });
  // what a kill leaves is no Vibe that runs
  await other.kill('all');
  await other.kill('clusters');
  const inside = readdirSync(other.dataDir);
  expect(inside).toEqual(expect.arrayContaining(['clusters', 'keys', 'repositories', 'releases']));
  for (const typed of ['', '\n', 'yes\n', `${name}x\n`, `${basename(vibe.dataDir)}\n`]) {
    const kept = await run('reset', [], env, typed);
    expect(kept, JSON.stringify(typed)).toMatchObject({
      code: 1,
      output: expect.stringContaining('Nothing was deleted.'),
    });
    expect(kept.output).toContain(`Type ${name} to go on`);
  }
  expect(readdirSync(other.dataDir)).toEqual(inside);
  const notOurs = await run('reset', ['--yes'], { VIBE_DATA_DIR: join(file, '..') });
  expect(notOurs).toMatchObject({ code: 1, output: expect.stringContaining('does not look like data of Vibe') });

  const beside = readdirSync(vibe.dataDir);
  expect(await run('reset', [], env, `${name}\n`)).toMatchObject({
    code: 0,
    output: expect.stringContaining('Everything is deleted'),
  });
  expect(existsSync(other.dataDir)).toBe(false);
  expect(existsSync(file)).toBe(true);
  expect(readdirSync(vibe.dataDir)).toEqual(beside);
  expect(await run('reset', [], env)).toMatchObject({ code: 0, output: expect.stringContaining('nothing to reset') });

  // and it begins anew: nobody is known, and the first one owns it
  await other.start();
  const gone = await call(vibe.baseUrl, 'POST', '/api/auth/login', {
    body: { email: 'marta@example.com', password: 'correct horse battery' },
  });
  expect(gone.status).toBe(401);
  const first = await Person.register(vibe.baseUrl, 'Olu', 'olu@example.com');
  expect((await first.ask<{ items: unknown[] }>('GET', '/api/apps')).body.items).toEqual([]);
  await other.stop();
  expect(await run('reset', ['--yes'], env)).toMatchObject({ code: 0 });
  expect(existsSync(other.dataDir)).toBe(false);
});
