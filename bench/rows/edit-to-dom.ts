/** A model's write until the browser shows it, through gate, sandbox and gateway, beside plain Vite on the same app. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../e2e/support/browser.ts';
import { runDirOf } from '../../server/src/config.ts';
import { one, openDatabase, sql } from '../../server/src/db/database.ts';
import { gate } from '../../server/src/gates/gate.ts';
import { grantTurn } from '../../server/src/gates/policy.ts';
import { allTools } from '../../server/src/gates/tools.ts';
import { connectHost } from '../../server/src/hosting/host-client.ts';
import { median, percentile, type Row } from '../support/row.ts';
import type { Stage } from '../support/stage.ts';

const ROUNDS = 40;
const FILE = 'src/routes/bench/+page.svelte';
const content = (n: number) => `<p id="mark">${n}</p>\n`;

export async function editToDom({ vibe, person, chatId }: Stage): Promise<Row> {
  const runDir = runDirOf(vibe.dataDir);
  const { db } = openDatabase(`postgresql:///vibe?host=${encodeURIComponent(join(runDir, 'pg-platform'))}&user=vibe`, {
    max: 2,
  });
  const host = connectHost(join(runDir, 'host.sock'));
  const tools = allTools();
  const tool = tools.get('modify_code_files_vibe')!;
  const chat = await one(
    db,
    sql<{
      fence: number;
      turn: string;
      container: string;
      organisation: string;
      app: string;
    }>`select h.fence, (select id from turns where chat_id = h.id order by number desc limit 1) as turn,
      h.container_id as container, c.organisation_id as organisation, h.app_id as app from chats h join containers c on c.id = h.container_id where h.id = ${chatId}`,
  );
  const grant = grantTurn(chatId, 600_000, 'build');
  const write = async (n: number) => {
    const context = {
      host,
      organisationId: chat.organisation,
      containerId: chat.container,
      chatId,
      turnId: chat.turn,
      fence: chat.fence,
      callId: randomUUID(),
      askedBy: '',
      keepPicture: () => Promise.reject(new Error('no picture is taken here')),
      agent: 'builder',
      appId: chat.app,
      signal: new AbortController().signal,
      otherChat: async () => 'none',
      transcript: async () => '',
    };
    const outcome = await gate(
      { db, tools },
      grant,
      tool,
      { edits: [{ kind: n === 0 ? 'create' : 'replace', path: FILE, content: content(n) }] },
      context,
    );
    if (outcome.state !== 'done') throw new Error(outcome.summary);
  };
  await write(0);
  const browser = await openBrowser();
  const page = await browser.newPage();
  await page.goto(vibe.baseUrl);
  await page.getByLabel('E-mail address').fill('marta@example.com');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'All apps' }).waitFor();
  const { preview } = (await person.ask<{ preview: { url: string } }>('GET', `/api/chats/${chatId}`)).body;
  const ours = await measure(page, `${preview.url}/bench`, write);

  // the same app beside it: no gate, no sandbox, no gateway, no sign-in
  const app = join(vibe.dataDir, 'bench-app');
  await cp(join(vibe.dataDir, 'worktrees', chatId, 'app'), app, {
    recursive: true,
    filter: (path) => !/\/(node_modules|\.svelte-kit)(\/|$)/.test(path),
  });
  const hooks = `export const handle = ({ event, resolve }) => {\n  event.locals.person = { id: 'bench', name: 'Bench', email: 'bench@localhost', role: 'owner' };\n  return resolve(event);\n};\n`;
  await writeFile(join(app, 'src', 'hooks.server.ts'), hooks);
  await mkdir(join(app, '.svelte-kit'), { recursive: true });
  const [toolchain] = await readdir(join(vibe.dataDir, 'toolchains'));
  const modules = join(vibe.dataDir, 'toolchains', toolchain!, 'node_modules');
  await mkdir(join(app, 'node_modules'), { recursive: true });
  for (const name of await readdir(modules))
    await symlink(join(modules, name), join(app, 'node_modules', name)).catch(() => {});
  const port = 4000 + Math.floor(Math.random() * 20_000);
  const vite = spawn(
    process.execPath,
    [join(modules, 'vite', 'bin', 'vite.js'), '--port', String(port), '--strictPort'],
    { cwd: app, stdio: 'ignore' },
  );
  await sleep(4000);
  const bare = await measure(page, `http://localhost:${port}/bench`, (n) => writeFile(join(app, FILE), content(n)));
  vite.kill();
  await browser.close();
  host.close();
  await db.destroy();
  const [a, b] = [median(ours), median(bare)];
  return {
    path: 'tool write → DOM through gate, sandbox, gateway',
    beside: 'plain Vite',
    ours: a,
    bare: b,
    unit: 'ms',
    result: a / b,
    kind: 'ratio',
    limit: 1.5,
    note: `p95 ${percentile(ours, 95).toFixed(0)} ms`,
  };
}

async function measure(page: Page, url: string, write: (n: number) => Promise<void>): Promise<number[]> {
  await page.goto(url);
  await page.locator('#mark').waitFor({ timeout: 30_000 });
  await sleep(1500);
  const times: number[] = [];
  for (let n = 1; n <= ROUNDS; n++) {
    const seen = page.evaluate<number>(`new Promise((resolve) => {
      const look = () => {
        if (document.querySelector('#mark')?.textContent !== '${n}') return;
        observer.disconnect();
        resolve(Date.now());
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, characterData: true });
      look();
    })`);
    await sleep(60);
    const began = Date.now();
    await write(n);
    times.push((await seen) - began);
  }
  return times.slice(5);
}
