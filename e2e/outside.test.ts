/** A live database at another address: looked at and given on the Data page, used by an app, away for a while, and back. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../contract/apps.ts';
import type { DataTables } from '../contract/data.ts';
import type { Mirror } from '../contract/mirrors.ts';
import type { Outside, OutsideCheck } from '../contract/outside.ts';
import { type OutsideTest, startOutside } from '../server/src/databases/outside/fixtures/outside-server.ts';
import type { AnthropicServer } from './support/anthropic-server.ts';
import { DESKTOP, openBrowser, signIn, takePictures } from './support/browser.ts';
import { call, Person } from './support/client.ts';
import { keyboardFaults } from './support/keyboard.ts';
import { appOf, merge, turn } from './support/maker.ts';
import { startVibe } from './support/set-up.ts';
import { makeVibe, unshareToolchains, type Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

let vibe: Vibe;
let there: OutsideTest;
let claude: AnthropicServer;
let marta: Person;
let app: App;

beforeAll(async () => {
  there = await startOutside();
  ({ vibe, claude, marta } = await startVibe({ VIBE_LIVE_PRIVATE_HOSTS: there.allowed }));
  const { ended, chatId } = await turn(marta, 'Track repairs with customer and price', { model: 'builtin' });
  expect(ended.outcome).toBe('completed');
  app = await merge(marta, chatId);
});
afterAll(async () => {
  await vibe?.remove();
  await claude?.close();
  await there?.end();
});

const mirror = async () => (await marta.ask<Mirror>('GET', `/api/apps/${app.id}/mirror`)).body;
const inStep = () => marta.until(async () => (await mirror()).state === 'in_step', 'the mirror is in step', 60_000);
const put = (by: Person, address: object = there.address) => by.ask('PUT', '/api/data/outside', address);

it('is an owner’s to decide, and leads nowhere that only this server reaches', async () => {
  const invited = await marta.ask<{ url: string }>('POST', '/api/invitations', { role: 'admin' });
  await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
  const olu = await Person.register(vibe.baseUrl, 'Olu', 'olu@example.com');
  await olu.ask('POST', '/api/invitations/accept', { token: invited.body.url.split('#')[1] });
  const theirs = (await marta.ask<{ containers: { id: string }[] }>('GET', '/api/me')).body.containers[0]!.id;
  const asOlu = (method: string, path: string, body?: unknown) =>
    call(vibe.baseUrl, method, path, {
      token: olu.token,
      headers: { 'vibe-container': theirs },
      ...(body ? { body } : {}),
    });
  expect((await asOlu('GET', '/api/data/outside')).status).toBe(200);
  expect((await asOlu('PUT', '/api/data/outside', there.address)).status).toBe(403);
  expect((await asOlu('POST', '/api/data/outside/check', { address: there.address })).status).toBe(403);
  expect((await asOlu('DELETE', '/api/data/outside')).status).toBe(403);
  for (const host of ['localhost', '169.254.169.254', '127.0.0.1']) {
    const refused = await put(marta, { ...there.address, host, port: 5432 });
    expect(refused, host).toMatchObject({ status: 409, body: { code: 'outside_unfit' } });
    expect(refused.text).not.toContain(there.address.password);
  }
  const wrong = { ...there.address, host: 'https://db', password: 'never said again' };
  const invalid = await put(marta, wrong);
  expect(invalid.status).toBe(400);
  expect(invalid.text).not.toContain('never said again');
});

it('is looked at and given in the browser', async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: DESKTOP });
    await signIn(page, vibe.baseUrl);
    await page.goto(`${vibe.baseUrl}/data`);
    await page.getByRole('button', { name: 'Give it a live database…' }).click();
    await page.getByText('At another address').click();
    await takePictures(page, 'outside-form');
    await page.getByLabel('Host').fill(there.address.host);
    await page.getByLabel('Port').fill(String(there.address.port));
    await page.getByLabel('Database', { exact: true }).fill('shopdb');
    await page.getByLabel('User').fill('boss');
    await page.getByLabel('Password').fill(there.address.password);
    await page.getByRole('button', { name: 'Look at this address' }).click();
    await page.getByText('Nobody that is trusted here vouches for its certificate.').waitFor();
    await page.getByRole('region', { name: 'What was found' }).scrollIntoViewIfNeeded();
    await takePictures(page, 'outside-wrong');
    await page.getByLabel('The maker’s certificate').fill(there.address.ca!);
    await page.getByRole('button', { name: 'Look at this address' }).click();
    await page.getByText('It can hold the live database.').waitFor();
    await page.getByRole('region', { name: 'What was found' }).scrollIntoViewIfNeeded();
    await takePictures(page, 'outside-good');
    await page.getByRole('button', { name: 'Move its rows to live' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await inStep();
    await page.getByRole('button', { name: 'Live is at 127.0.0.1' }).click();
    await page.getByRole('button', { name: 'Look at how it is' }).click();
    await page.getByText('It can hold the live database.').waitFor();
    await takePictures(page, 'outside-kept');
    await page.getByRole('button', { name: 'Close' }).click();
    // what a freeze cannot reach on a server of somebody else's is said before it
    await page.getByRole('button', { name: 'Freeze…' }).click();
    await page.getByText('The live database at 127.0.0.1 is on a server that is not Vibe’s alone.').waitFor();
    await takePictures(page, 'outside-freeze');
    expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
    await page.getByRole('button', { name: 'Freeze everything' }).click();
    await page.getByText(/is frozen\./).waitFor();
    await takePictures(page, 'outside-frozen');
    await page.getByRole('button', { name: 'Lift the freeze' }).click();
    await page.getByRole('button', { name: 'Freeze…' }).waitFor();
    await inStep();
  } finally {
    await browser.close();
  }
  const { body, text } = await marta.ask<Outside>('GET', '/api/data/outside');
  expect(body).toMatchObject({ fixed: true, address: { host: '127.0.0.1', database: 'shopdb' } });
  expect(text).not.toContain(there.address.password);
});

it('has the rows that the app’s people write, and still does after everything was killed', async () => {
  const schema = app.slug.replaceAll('-', '_');
  const root = await there.root();
  await root.query(`insert into ${schema}.repairs (customer, price) values ('Knightley', 120)`);
  await root.end();
  await vibe.kill('all');
  await vibe.start();
  const page = await (await Visitor.enter(marta, (await appOf(marta, app.id)).url)).ask('GET', '/repairs');
  expect(page.text).toContain('Knightley');
  await inStep();
});

it('says that live does not answer, on the page too, and goes on when it is back', async () => {
  await there.stop();
  await marta.until(async () => (await mirror()).words.startsWith('Live does not answer'), 'the words', 20_000);
  const tables = await marta.ask<DataTables>('GET', '/api/data/tables');
  expect(tables.status).toBe(200);
  expect(tables.body.items[0]!.tables.map(({ name }) => name)).toContain('repairs');
  const check = await marta.ask<OutsideCheck>('POST', '/api/data/outside/check', { address: null });
  expect(check.body).toMatchObject({ fits: false, findings: [{ name: 'Address', state: 'bad' }] });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: DESKTOP });
    await signIn(page, vibe.baseUrl);
    await page.goto(`${vibe.baseUrl}/data`);
    await page.getByText('Live does not answer').first().waitFor();
    await takePictures(page, 'outside-away');
  } finally {
    await browser.close();
  }
  await there.start();
  await inStep();
});

it('is followed again from where it is when a backup is brought back on another machine, and keeps one slot', async () => {
  const script = (name: string, dataDir: string) =>
    promisify(execFile)(process.execPath, [fileURLToPath(new URL(`../scripts/${name}.mjs`, import.meta.url)), file], {
      env: { ...process.env, VIBE_DATA_DIR: dataDir },
    });
  const file = `${vibe.dataDir}.tar.gz`;
  const other = await makeVibe({ PORT: new URL(vibe.baseUrl).port, VIBE_LIVE_PRIVATE_HOSTS: there.allowed });
  try {
    const root = await there.root();
    const add = (customer: string) =>
      root.query(`insert into ${app.slug.replaceAll('-', '_')}.repairs (customer, price) values ('${customer}', 1)`);
    await vibe.stop();
    unshareToolchains(vibe);
    await script('backup', vibe.dataDir);
    // the old machine goes on for a while: what it was sent is not sent again
    await add('After the backup');
    await vibe.start();
    await inStep();
    await marta.until(async () => (await copies()).includes('After the backup'), 'the old machine has it', 20_000);
    await vibe.stop();
    await add('Between the two');
    rmSync(other.dataDir, { recursive: true });
    await script('restore', other.dataDir);
    await other.start();
    const wanted = ['After the backup', 'Between the two', 'Knightley'];
    await marta.until(async () => String(await copies()) === String(wanted), 'every row is in the copy', 60_000);
    await inStep();
    const { rows } = await root.query('select slot_name, active from pg_replication_slots');
    expect(rows).toEqual([{ slot_name: expect.stringMatching(/^vibe_/), active: true }]);
  } finally {
    rmSync(file, { force: true });
    await other.remove();
  }
});

/** Customers in staging's copy. */
const copies = async (): Promise<string[]> => {
  const { body } = await marta.ask<{ result?: { rows: unknown[][] } }>('POST', '/api/data/sql', {
    appId: app.id,
    target: 'staging',
    sql: 'select customer from repairs order by 1',
  });
  return (body.result?.rows ?? []).map(([name]) => String(name));
};
