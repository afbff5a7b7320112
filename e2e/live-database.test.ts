/** An app gets a live database: its rows move there, its release goes on there, staging has the mirror, and changes reach both. */

import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../contract/apps.ts';
import type { ConsoleOutcome, DataChange } from '../contract/data.ts';
import type { DeployPreview } from '../contract/deploys.ts';
import type { Mirror } from '../contract/mirrors.ts';
import type { Reminder, ReminderPreview } from '../contract/reminders.ts';
import { openDatabase } from '../server/src/db/database.ts';
import type { AnthropicServer } from './support/anthropic-server.ts';
import { DESKTOP, openBrowser, signIn, takePictures } from './support/browser.ts';
import { MARTA, Person } from './support/client.ts';
import { keyboardFaults } from './support/keyboard.ts';
import { appOf, chatOf, eventsOf, inOrder, merge, payloads, released, say, turn, turnEnd } from './support/maker.ts';
import { clusterUrl, platformUrl } from './support/platform.ts';
import { startVibe } from './support/set-up.ts';
import type { Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;
let app: App;
let chatId: string;
let names: { live: string; staging: string; schema: string };

async function query(side: 'live' | 'staging', text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(clusterUrl(vibe, 'data', names[side]));
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
const mirror = async () => (await marta.ask<Mirror>('GET', `/api/apps/${app.id}/mirror`)).body;
const inStep = () =>
  marta.until(
    async () => {
      const found = await mirror();
      return found.state === 'in_step' && found;
    },
    'the mirror is in step',
    60_000,
  );

beforeAll(async () => {
  ({ vibe, claude, marta } = await startVibe());
  const { ended, ...made } = await turn(marta, 'Track repairs with customer and price', { model: 'builtin' });
  expect(ended.outcome).toBe('completed');
  chatId = made.chatId;
  app = await merge(marta, chatId);
  const container = new URL(app.url).hostname.split('.')[0]!.split('--')[1]!.replaceAll('-', '_');
  names = { live: `${container}__live`, staging: `${container}__staging`, schema: app.slug.replaceAll('-', '_') };
  await query(
    'staging',
    `insert into ${names.schema}.repairs (customer, price) values ('Knightley', 120), ('Woodhouse', 80)`,
  );
});
afterAll(async () => {
  await vibe?.remove();
  await claude?.close();
});

it('is decided by those who manage the container, and does not exist for others', async () => {
  const invited = await marta.ask<{ url: string }>('POST', '/api/invitations', { role: 'member' });
  await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
  const olu = await Person.register(vibe.baseUrl, 'Olu', 'olu@example.com');
  const ask = () =>
    Promise.all(
      [
        ['POST', 'live'],
        ['POST', 'site'],
        ['PUT', 'masks'],
      ].map(async ([method, what]) => {
        const body = what === 'masks' ? { items: [] } : undefined;
        return (await olu.ask(method!, `/api/apps/${app.id}/${what}`, body)).status;
      }),
    );
  expect(await ask()).toEqual([404, 404, 404]);
  const accepted = await olu.ask('POST', '/api/invitations/accept', { token: invited.body.url.split('#')[1] });
  expect(accepted.status, accepted.text).toBe(200);
  expect(await ask()).toEqual([403, 403, 403]);
  expect((await appOf(marta, app.id)).mode).toBe('vibe-coded');
});

it('moves there although everything is killed on the way, and goes on with the rows it had', async () => {
  expect((await marta.ask('GET', `/api/apps/${app.id}/mirror`)).status).toBe(404);
  expect((await marta.ask('POST', '/api/apps/01900000-0000-7000-8000-000000000000/live')).status).toBe(404);
  expect((await marta.ask<Mirror>('POST', `/api/apps/${app.id}/live`)).status).toBe(202);
  await vibe.kill('all');
  await vibe.start();
  await inStep();
  expect((await appOf(marta, app.id)).mode).toBe('dual-repository');
  const rows = `select customer from ${names.schema}.repairs order by 1`;
  const both = [{ customer: 'Knightley' }, { customer: 'Woodhouse' }];
  expect(await query('live', rows)).toEqual(both);
  expect(await query('staging', rows)).toEqual(both);
  expect(await query('staging', `select customer from ${names.schema}__staging.repairs order by 1`)).toEqual(both);
  await query('live', `insert into ${names.schema}.repairs (customer, price) values ('Fairfax', 7)`);
  const page = await (await Visitor.enter(marta, app.url)).ask('GET', '/repairs');
  expect(page.status).toBe(200);
  for (const name of ['Knightley', 'Fairfax']) expect(page.text).toContain(name);
  await marta.until(async () => (await query('staging', rows)).length === 3, 'the mirror has the new row');
});

const changes = async (kind = 'tables') =>
  (await marta.ask<{ items: DataChange[] }>('GET', `/api/data/changes?kind=${kind}`)).body.items;
const reminders = async () =>
  (await marta.ask<{ items: Reminder[] }>('GET', '/api/reminders')).body.items.filter(({ state }) => state === 'open');
const preview = async () => (await marta.ask<DeployPreview>('GET', `/api/apps/${app.id}/deploy`)).body;

it('has a staging site of its own from then on, with its own rows', async () => {
  await marta.until(
    async () => (await appOf(marta, app.id)).site?.release?.state === 'serving',
    'the staging site runs',
  );
  const { site, release } = await appOf(marta, app.id);
  expect(site!.release!.commit).toBe(release!.commit);
  const page = await (await Visitor.enter(marta, site!.url)).ask('GET', '/repairs');
  expect(page.text).toContain('Knightley');
  // what was written on live is in its copy, not in the site's
  expect(page.text).not.toContain('Fairfax');
});

it('brings what is merged to the staging site alone, and says that live may still need it', async () => {
  expect(await reminders()).toEqual([]);
  const { ended } = await turn(marta, 'add a notes field to repairs', { chatId });
  expect(ended.outcome).toBe('completed');
  const merged = await merge(marta, chatId);
  expect(merged.site!.release).toMatchObject({ state: 'serving', problem: null });
  expect(merged.release).toMatchObject({ state: 'serving', id: app.release!.id });
  expect(await query('staging', `select notes from ${names.schema}__staging.repairs limit 1`)).toEqual([
    { notes: null },
  ]);
  await expect(query('live', `select notes from ${names.schema}.repairs limit 1`)).rejects.toThrow('does not exist');
  await marta.until(async () => (await reminders()).length === 1, 'the reminder');
  expect(await reminders()).toMatchObject([
    { kind: 'schema', direction: 'to_live', title: 'Add repairs.notes', chat: { id: chatId }, tables: ['repairs'] },
  ]);
  expect(await chatOf(marta, chatId)).toMatchObject({ reminders: 1, transport: 'merged' });
});

it('goes to live by a yes to the statements that are shown, without its copy standing still', async () => {
  const shown = await preview();
  expect(shown).toMatchObject({ problem: null, destroys: false, chats: [{ id: chatId }] });
  expect(shown.changes.flatMap(({ statements }) => statements).join()).toContain('ADD COLUMN notes');
  const deploy = (body: unknown) => marta.ask<{ releaseId: string }>('POST', `/api/apps/${app.id}/deploy`, body);
  expect(await deploy({ commit: app.release!.commit })).toMatchObject({ status: 409, body: { code: 'deploy_moved' } });
  const begun = await deploy({ commit: shown.commit, chatId });
  expect(begun.status, begun.text).toBe(202);
  // nothing of it is lost or done twice when everything dies on the way
  await vibe.kill('all');
  await vibe.start();
  const live = await released(marta, app.id, begun.body.releaseId);
  expect(live.release).toMatchObject({ state: 'serving', problem: null });
  await query('live', `insert into ${names.schema}.repairs (customer, price, notes) values ('Bates', 3, 'talks')`);
  const noted = `select notes from ${names.schema}.repairs where customer = 'Bates'`;
  await marta.until(
    async () => (await query('staging', noted))[0]?.notes === 'talks',
    'the new column is on the mirror',
  );
  expect(await query('staging', 'select sum(apply_error_count)::int as n from pg_stat_subscription_stats')).toEqual([
    { n: 0 },
  ]);
  const page = await (await Visitor.enter(marta, app.url)).ask('GET', '/repairs');
  expect(page.text).toContain('Bates');
  await marta.until(async () => (await reminders()).length === 0, 'the reminder is cleared');
  await marta.until(async () => (await chatOf(marta, chatId)).transport === 'deployed', 'the chat is live');
  expect(await chatOf(marta, chatId)).toMatchObject({ reminders: 0 });
  expect(await preview()).toMatchObject({ commit: null, changes: [] });
  // the merge to the staging site and the way to live stand there once each, although everything died on the way
  const [there, ...before] = await changes();
  expect(there).toMatchObject({
    ...{ act: 'deploy', by: { name: MARTA.name }, place: 'live', state: 'done', tables: ['repairs'] },
    ...{ note: 'new column repairs.notes', chat: { id: chatId } },
  });
  expect(before.find(({ act }) => act !== 'draft')).toMatchObject({ act: 'merge', place: 'site', note: there!.note });
  expect(before.filter(({ act }) => act === 'deploy')).toEqual([]);
  expect(before.map(({ act, by }) => [act, by?.name])).toEqual(
    expect.arrayContaining([
      ['came_live', MARTA.name],
      ['draft', MARTA.name],
    ]),
  );
  // the staging site's own first release too is of whoever asked for the live database
  expect(new Set(before.filter(({ act }) => act === 'merge').map(({ by }) => by?.name))).toEqual(new Set([MARTA.name]));
  const given = (await changes('settings')).filter(({ act }) => act === 'give_live');
  expect(given).toMatchObject([{ by: { name: MARTA.name }, app: { id: app.id } }]);
  const ran = await marta.ask<{ statement: string }>('GET', `/api/data/changes/release/${there!.id}`);
  expect(ran.body.statement).toContain('ADD COLUMN notes');
});

it('tells of a difference that no chat made, and of none when it is gone', async () => {
  await query('live', `alter table ${names.schema}.repairs add column by_hand int`);
  await marta.until(async () => (await reminders()).length === 1, 'the drift', 20_000);
  expect(await reminders()).toMatchObject([{ kind: 'drift', direction: null, objects: ['column by_hand of repairs'] }]);
  await query('live', `alter table ${names.schema}.repairs drop column by_hand`);
  await marta.until(async () => (await reminders()).length === 0, 'no drift', 20_000);
  // what only one of them has is made on the other one too, with a yes to the statements
  await query('live', `create table ${names.schema}.signups (id int primary key, at date default now())`);
  await marta.until(async () => (await reminders()).length === 1, 'the drift', 20_000);
  const [drift] = await reminders();
  // who did is not known: it is said when nothing of Vibe's own is under way
  const seen = async () => (await changes()).find(({ act, tables }) => act === 'drift' && tables.includes('signups'));
  expect(await marta.until(seen, 'the drift in the list', 30_000)).toMatchObject({
    by: null,
    kind: 'tables',
    opens: false,
  });
  const shown = (await marta.ask<ReminderPreview>('GET', `/api/reminders/${drift!.id}/preview`)).body;
  expect(shown).toMatchObject({ to: 'staging', problem: null, destroys: false });
  expect(
    (await marta.ask('POST', `/api/reminders/${drift!.id}/apply`, { digest: shown.digest })).status,
    shown.statements.join(';\n'),
  ).toBe(200);
  expect(await reminders()).toEqual([]);
  expect((await changes())[0]).toMatchObject({
    ...{ act: 'apply', by: { name: MARTA.name }, place: 'site', note: 'new table signups' },
  });
  expect(
    await query('staging', `insert into ${names.schema}__staging.signups values (1) returning at is not null as at`),
  ).toEqual([{ at: true }]);
  for (const side of ['live', 'staging'] as const)
    await query(side, `drop table ${names.schema}${side === 'live' ? '' : '__staging'}.signups`);
});

it('is applied from the chat’s badge, and the rest goes live from its header, in the browser', async () => {
  const { ended } = await turn(marta, 'add a colour field to repairs', { chatId });
  expect(ended.outcome).toBe('completed');
  await merge(marta, chatId);
  await marta.until(async () => (await reminders()).length === 1, 'the reminder');
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: DESKTOP });
    await signIn(page, vibe.baseUrl);
    // what live has not yet stands on the row of the table and in its panel, and leads to the reminder
    await page.goto(`${vibe.baseUrl}/data`);
    const heading = page.getByRole('heading', { name: /^Two databases, \d+ difference/ });
    await heading.waitFor();
    const row = page.getByRole('row').filter({ hasText: 'colour only on the staging site' });
    await row.getByRole('link', { name: 'This change may still be needed on live' }).waitFor();
    await page.getByText('differs from live').waitFor();
    // the heading counts what the rows say; a table that was dropped by hand above may be left in the copy
    const all = page.getByRole('region', { name: app.name }).getByRole('listitem');
    expect(await heading.textContent()).toMatch(new RegExp(`^Two databases, ${await all.count()} difference`));
    await takePictures(page, 'data-differs');
    await page
      .getByRole('button', { name: /^repairs/ })
      .last()
      .click();
    await page.getByRole('region', { name: 'repairs', exact: true }).getByText('Columns', { exact: true }).click();
    const column = page.getByRole('region', { name: 'Columns of repairs' }).getByRole('row');
    await column.filter({ hasText: 'colour only on the staging site' }).getByText('not yet').waitFor();
    expect(await column.filter({ hasText: 'only on the' }).count()).toBe(1);
    await takePictures(page, 'data-differs-column');
    await page.getByRole('link', { name: 'This change may still be needed on live' }).last().click();
    await page.getByRole('heading', { name: 'Add repairs.colour' }).waitFor();
    const { title } = await chatOf(marta, chatId);
    expect(await page.getByRole('link', { name: title }).getAttribute('href')).toBe(`/chats/${chatId}`);
    await takePictures(page, 'data-reminders');
    // dismissed with a reason, and open again
    await page.getByRole('button', { name: 'Not needed…' }).click();
    await page.getByRole('button', { name: 'Close the reminder' }).click();
    await page.getByText('Say why it is not needed.').waitFor();
    await page.getByLabel('Why is it not needed?').fill('Live has no colours');
    await takePictures(page, 'reminder-dismiss');
    await page.getByRole('button', { name: 'Close the reminder' }).click();
    await page.getByText(/Not needed, says Marta .*Live has no colours/).waitFor();
    expect(await reminders()).toEqual([]);
    expect((await chatOf(marta, chatId)).reminders).toBe(0);
    await page.getByRole('button', { name: 'Open it again' }).click();
    await page.getByRole('button', { name: 'Preview on live' }).waitFor();
    await page.goto((await appOf(marta, app.id)).site!.url);
    await page.getByText('Staging site: customers do not see this.').waitFor();
    await takePictures(page, 'staging-site');
    await page.goto(vibe.baseUrl);
    await page.getByRole('link', { name: /Staging site, ahead of live/ }).waitFor();
    await takePictures(page, 'apps-ahead');
    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    const badge = page.getByRole('button', { name: '1 reminder' });
    await badge.waitFor();
    // on the line of what sends
    const [reminded, sends] = [
      await badge.boundingBox(),
      await page.getByRole('button', { name: 'Send' }).boundingBox(),
    ];
    expect(Math.abs(reminded!.y + reminded!.height / 2 - sends!.y - sends!.height / 2)).toBeLessThan(8);
    await takePictures(page, 'chat-reminder');
    await page.getByRole('button', { name: 'Go live…' }).click();
    await page.getByText('ADD COLUMN colour').waitFor();
    await takePictures(page, 'go-live');
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('button', { name: '1 reminder' }).click();
    await page.getByRole('button', { name: 'Preview on live' }).click();
    await page.getByText('ADD COLUMN colour').waitFor();
    await takePictures(page, 'apply-reminder');
    const refused: string[] = [];
    page.on('response', (response) => response.status() === 409 && refused.push(response.url()));
    await page.getByRole('button', { name: 'Run on live' }).click();
    await page.getByText('Live has it now.').waitFor();
    await page.getByText(/Made there by Marta/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '1 reminder' }).waitFor({ state: 'detached' });
    expect(refused).toEqual([]);
    await query('live', `select colour from ${names.schema}.repairs`);
    await page.getByRole('button', { name: 'Go live…' }).click();
    await page.getByRole('button', { name: 'Bring it to live' }).click();
    await page
      .getByText(/is live/)
      .last()
      .waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Merged' }).waitFor();
    // who did all that, by whatever road
    await page.goto(`${vibe.baseUrl}/data?view=calls`);
    const line = (text: RegExp | string) => page.getByRole('listitem').filter({ hasText: text }).first();
    await line(/Marta .* brought release \d+ to live/).waitFor();
    const applied = line(/Marta .* applied a reminder to repairs on live/);
    await applied.getByText('New column repairs.colour.').waitFor();
    await applied.getByRole('button', { name: 'Show change' }).click();
    await applied.getByText('ADD COLUMN colour').waitFor();
    await line(/Marta .* opened a reminder about repairs again/).waitFor();
    await line(/Marta .* said that live does not need a change of repairs/)
      .getByText('“Live has no colours”')
      .waitFor();
    await line(/Marta .* through the builder changed repairs in a chat’s draft/).waitFor();
    await line('Somebody, outside of Vibe, changed signups: staging and live are not the same any more').waitFor();
    await takePictures(page, 'who-did-what');
  } finally {
    await browser.close();
  }
  expect((await marta.ask('POST', `/api/reminders/${chatId}/apply`, { digest: '' })).status).toBe(404);
});

it('can be on live before it is merged: asked for under a live pill, with a yes to the exact statements', async () => {
  const { ended } = await turn(marta, 'add a weight field to repairs', { chatId });
  expect(ended.outcome).toBe('completed');
  const before = await turn(marta, 'make this change on live too', { chatId });
  expect((await payloads(marta, chatId, 'tool.result', before.turnId)).at(-1)).toMatchObject({ state: 'refused' });
  await marta.ask('PATCH', `/api/chats/${chatId}`, { database: 'live' });
  const { turnId } = await say(marta, 'make this change on live too', { chatId });
  const question = await marta.until(async () => {
    const asked = (await eventsOf(marta, chatId)).findLast(
      (event) => event.type === 'question.asked' && event.payload.turnId === turnId,
    );
    return asked?.type === 'question.asked' && asked.payload;
  }, 'the question');
  expect(question).toMatchObject({ question: 'Change repairs on live?', live: true });
  expect(question.statement).toContain('ADD COLUMN weight');
  await expect(query('live', `select weight from ${names.schema}.repairs`)).rejects.toThrow('does not exist');
  await marta.ask('POST', `/api/chats/${chatId}/answer`, { questionId: question.questionId, answer: 'Run it on live' });
  await turnEnd(marta, chatId, turnId);
  expect((await payloads(marta, chatId, 'tool.result', turnId)).at(-1)).toMatchObject({
    state: 'done',
    summary: 'Changed repairs on live',
  });
  await query('live', `select weight from ${names.schema}.repairs`);
  expect((await changes())[0]).toMatchObject({
    ...{ act: 'to_live', by: { name: MARTA.name }, agreedBy: { name: MARTA.name }, agent: 'builder' },
    ...{ place: 'live', note: 'new column repairs.weight' },
  });
  expect((await chatOf(marta, chatId)).database).toBe('staging');
  await marta.until(async () => (await reminders()).length === 1, 'the reminder to staging');
  expect(await reminders()).toMatchObject([
    { direction: 'to_staging', title: 'Add repairs.weight', chat: { id: chatId } },
  ]);
  // the merge brings it to staging, and the deploy finds it on live
  await merge(marta, chatId);
  await marta.until(async () => (await reminders()).length === 0, 'no reminder');
  const shown = await preview();
  const begun = await marta.ask<{ releaseId: string }>('POST', `/api/apps/${app.id}/deploy`, { commit: shown.commit });
  const live = await released(marta, app.id, begun.body.releaseId);
  expect(live.release).toMatchObject({ state: 'serving', problem: null });
});

it('does not take from live what customers’ release needs, until the app goes there with it', async () => {
  const { ended } = await turn(marta, 'remove the colour field from repairs', { chatId });
  expect(ended.outcome).toBe('completed');
  const asked = await marta.ask<{ releaseId: string }>('POST', `/api/chats/${chatId}/merge`, { destroys: true });
  await released(marta, app.id, asked.body.releaseId);
  await marta.until(async () => (await reminders()).length === 1, 'the reminder of a removal');
  const [gone] = await reminders();
  expect(gone).toMatchObject({
    title: 'Remove repairs.colour',
    why: 'Done on staging by a chat, and not yet on live.',
  });
  const shown = (await marta.ask<ReminderPreview>('GET', `/api/reminders/${gone!.id}/preview`)).body;
  expect(shown).toMatchObject({ to: 'live', destroys: true, loses: { removed: ['colour of repairs (0 values)'] } });
  expect(shown.problem).toContain('would break');
  const forced = await marta.ask('POST', `/api/reminders/${gone!.id}/apply`, { digest: shown.digest });
  expect(forced).toMatchObject({ status: 409, body: { code: 'reminder_closed' } });
  await query('live', `select colour from ${names.schema}.repairs`);
  const { commit, loses } = await preview();
  expect(loses).toEqual({ removed: ['colour of repairs (0 values)'], overwritten: [], uncounted: [] });
  const refused = await marta.ask('POST', `/api/apps/${app.id}/deploy`, { commit });
  expect(refused).toMatchObject({ status: 409, body: { code: 'destroys_data' } });
  const begun = await marta.ask<{ releaseId: string }>('POST', `/api/apps/${app.id}/deploy`, {
    commit,
    destroys: true,
  });
  const live = await released(marta, app.id, begun.body.releaseId);
  expect(live.release).toMatchObject({ state: 'serving', problem: null });
  await marta.until(async () => (await reminders()).length === 0, 'no reminder');
});

it('fills the staging site from the mirror, with what stands for people’s data', async () => {
  const mask = { items: [{ table: 'repairs', column: 'customer', mask: 'hash' }] };
  expect((await marta.ask('PUT', `/api/apps/${app.id}/masks`, mask)).status).toBe(200);
  const filled = await marta.ask<{ rows: number }>('POST', `/api/apps/${app.id}/site`);
  expect(filled).toMatchObject({ status: 200, body: { rows: 4 } });
  const rows = await query('staging', `select customer from ${names.schema}__staging.repairs`);
  for (const { customer } of rows) expect(customer).toMatch(/^[0-9a-f]{16}$/);
  expect((await mirror()).siteFilledAt).not.toBeNull();
  expect(await changes('rows')).toMatchObject([{ act: 'fill_site', rows: 4, tables: ['repairs'], place: 'site' }]);
  expect((await changes('settings'))[0]).toMatchObject({ act: 'masks', note: 'repairs.customer: a fingerprint' });
});

const statement = (text: string, target?: string) => ({
  tool: 'supabase_router',
  input: { sql: text, ...(target ? { target } : {}) },
});
const CLAUDE = 'anthropic/claude-sonnet-4-5';

it('is asked and written by a chat under a pill that a person sets, for one turn', async () => {
  const settings = await marta.ask<{ models: { id: string; provider: string }[] }>('GET', '/api/settings');
  const model = settings.body.models.find(({ provider }) => provider === 'anthropic')?.id ?? CLAUDE;
  expect((await marta.ask('PATCH', `/api/chats/${chatId}`, { model })).status).toBe(200);
  const ask = async (words: string, ...calls: ReturnType<typeof statement>[]) => {
    claude.use(inOrder(...calls.map((call) => [call]), [{ text: 'That is it.' }]));
    const { turnId } = await turn(marta, words, { chatId });
    return payloads(marta, chatId, 'tool.result', turnId);
  };
  const pill = (database: string) => marta.ask('PATCH', `/api/chats/${chatId}`, { database });
  expect(await chatOf(marta, chatId)).toMatchObject({ database: 'staging', databases: ['staging', 'live'] });
  const count = `select count(*) from repairs`;
  // staging answers from the mirror; live is out of reach, and so is writing the mirror
  const [mirrored, live, written, site] = await ask(
    'How many?',
    statement(count),
    statement(count, 'live'),
    statement("insert into repairs (customer) values ('Nobody')"),
    statement(`insert into ${names.schema}__staging.repairs (customer) values ('On the site')`),
  );
  expect(mirrored).toMatchObject({ state: 'done', summary: 'Read 1 row from staging' });
  expect(live).toMatchObject({ state: 'refused', summary: 'The database pill of this message is on staging.' });
  expect(written).toMatchObject({ state: 'refused' });
  expect(written!.summary).toContain('is here the copy of live; nobody writes to it');
  expect(site).toMatchObject({ state: 'done', summary: 'Added 1 row to repairs in staging' });
  // rows do not go from the site to live by themselves: the same statement, counted and said yes to, brings them there
  await marta.until(async () => (await reminders()).length === 1, 'the reminder of rows');
  const [rows] = await reminders();
  expect(rows).toMatchObject({
    kind: 'data',
    direction: 'to_live',
    title: 'Add rows to repairs',
    chat: { id: chatId },
  });
  const what = (await marta.ask<ReminderPreview>('GET', `/api/reminders/${rows!.id}/preview`)).body;
  expect(what.statements.join()).not.toContain('__staging');
  const apply = (digest: string) =>
    marta.ask<{ outcome: ConsoleOutcome }>('POST', `/api/reminders/${rows!.id}/apply`, { digest });
  expect((await apply('0')).status).toBe(409);
  const { outcome } = (await apply(what.digest)).body;
  expect(outcome).toMatchObject({ kind: 'ask', ask: { rows: 1, place: 'the live database' } });
  if (outcome.kind !== 'ask') throw new Error(outcome.kind);
  expect((await marta.ask('POST', `/api/data/asks/${outcome.ask.id}/agree`)).body).toMatchObject({
    kind: 'answer',
    result: { affected: 1 },
  });
  await marta.until(async () => (await reminders()).length === 0, 'no reminder of rows');
  expect((await changes('rows'))[0]).toMatchObject({ repeats: true, rows: 1, place: 'live', by: { name: MARTA.name } });

  expect((await pill('live')).status).toBe(200);
  expect((await ask('How many on live?', statement(count)))[0]).toMatchObject({
    state: 'done',
    summary: 'Read 1 row from live',
  });
  // back by itself; the pill of an earlier turn opens nothing
  expect((await chatOf(marta, chatId)).database).toBe('staging');
  expect((await ask('And again?', statement(count, 'live')))[0]).toMatchObject({ state: 'refused' });

  await pill('live');
  claude.use(inOrder([statement("insert into repairs (customer) values ('From the chat')")], [{ text: 'Done.' }]));
  const { turnId } = await say(marta, 'Add one on live', { chatId });
  const question = await marta.until(async () => {
    const found = (await eventsOf(marta, chatId)).findLast(
      (event) => event.type === 'question.asked' && event.payload.turnId === turnId,
    );
    return found?.type === 'question.asked' && found.payload;
  }, 'the question');
  expect(question).toMatchObject({ question: 'Add 1 row to the live database?', live: true });
  await marta.ask('POST', `/api/chats/${chatId}/answer`, { questionId: question.questionId, answer: 'Run it' });
  await turnEnd(marta, chatId, turnId);
  expect((await payloads(marta, chatId, 'tool.result', turnId))[0]).toMatchObject({
    summary: 'Added 1 row to repairs in live',
  });
  const asked = async (at: number) => (await changes('rows'))[at]!;
  expect(await asked(0)).toMatchObject({ state: 'done', action: 'insert', agreedBy: { name: MARTA.name } });
  expect(await asked(1)).toMatchObject({ reason: 'asks', answer: { said: 'yes', by: { name: MARTA.name } } });
  // a no is said as one, and by whom; while nobody has said anything, so is that
  await pill('live');
  claude.use(inOrder([statement('delete from repairs')], [{ text: 'Left.' }]));
  const removing = await say(marta, 'Remove all on live', { chatId });
  const open = await marta.until(async () => {
    const found = (await eventsOf(marta, chatId)).findLast(
      (event) => event.type === 'question.asked' && event.payload.turnId === removing.turnId,
    );
    return found?.type === 'question.asked' && found.payload;
  }, 'the question');
  expect(open.question).toMatch(/^Remove \d rows from the live database\?$/);
  expect(await asked(0)).toMatchObject({ action: 'delete', reason: 'asks', answer: { said: 'waits', by: null } });
  await marta.ask('POST', `/api/chats/${chatId}/answer`, { questionId: open.questionId, answer: 'Leave it' });
  await turnEnd(marta, chatId, removing.turnId);
  expect(await asked(0)).toMatchObject({ reason: 'asks', answer: { said: 'no', by: { name: MARTA.name } } });
  const there = `select 1 from ${names.schema}.repairs where customer = 'From the chat'`;
  expect(await query('live', there)).toHaveLength(1);
  await marta.until(async () => (await query('staging', there)).length === 1, 'the row on the mirror');
  expect((await chatOf(marta, chatId)).database).toBe('staging');
});

it('shows the delay of its copy, and a switch that is loud on live', async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: DESKTOP });
    await signIn(page, vibe.baseUrl);
    await page.goto(`${vibe.baseUrl}/data`);
    await page.getByText('Two databases').waitFor();
    await page.getByText(/copy is \d+\.\d s behind/).waitFor();
    await page.getByText('same columns on live').waitFor();
    await takePictures(page, 'data-mirror');
    await page
      .getByRole('button', { name: /repairs/ })
      .first()
      .click();
    await page.getByText('Personal data', { exact: true }).click();
    await page.getByLabel('What stands in customer on the staging site').selectOption('text');
    await page.getByLabel('Text that stands in customer').fill('hidden');
    await takePictures(page, 'data-masks');
    await page.getByRole('button', { name: 'Keep these rules' }).click();
    await page.getByText('Kept. It holds from the next time').waitFor();
    await page.getByRole('button', { name: 'Fill the staging site from live' }).click();
    await page.getByRole('dialog').waitFor();
    await takePictures(page, 'data-fill');
    await page.getByRole('button', { name: 'Replace its rows' }).click();
    await page.getByText(/The staging site has \d+ rows of/).waitFor();
    expect(await query('staging', `select distinct customer from ${names.schema}__staging.repairs`)).toEqual([
      { customer: 'hidden' },
    ]);
    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    // an answer from live says so although its turn is folded, and so does what changed live
    const past = (words: string) => page.getByRole('article', { name: `Turn: ${words}` });
    await past('How many on live?').getByText('From live').waitFor();
    await past('Add one on live').getByText('Changed live').waitFor();
    expect(await past('And again?').getByText('live', { exact: false }).count()).toBe(0);
    await past('How many on live?').getByRole('button', { expanded: false }).click();
    await page.getByRole('article', { name: 'Answer' }).getByText('From live', { exact: true }).waitFor();
    await takePictures(page, 'answer-from-live');
    await page.getByText('Live', { exact: true }).click();
    await page.getByText('This turn may write to live. Then back to staging.').waitFor();
    await takePictures(page, 'pill-live');
    await page.getByText('Staging', { exact: true }).click();
    await page.getByText('This turn may write to live.').waitFor({ state: 'detached' });
    // a question about live is loud as well
    await marta.ask('PATCH', `/api/chats/${chatId}`, { database: 'live' });
    claude.use(inOrder([statement("update repairs set customer = 'Nobody'")], [{ text: 'Left.' }]));
    const loud = await say(marta, 'Forget who they were', { chatId });
    const card = page.getByRole('form', { name: /^Change \d rows in the live database\?$/ });
    await card.getByText('On live, where customers are.').waitFor();
    await takePictures(page, 'ask-on-live');
    await card.getByLabel('Leave it').check();
    await card.getByRole('button', { name: 'Answer' }).click();
    await turnEnd(marta, chatId, loud.turnId);
    // what was asked, declined and agreed are told apart in words, and by shapes
    await page.goto(`${vibe.baseUrl}/data?view=calls&kind=rows`);
    const line = (text: RegExp) => page.getByRole('listitem').filter({ hasText: text });
    for (const [text, mark] of [
      [/asked to remove rows of repairs on live in .*, and was told no by Marta/, 'declined'],
      [/asked to add rows to repairs on live in .*, and was told yes by Marta/, 'agreed'],
      [/added 1 row to repairs on live in .*\. Yes by Marta/, 'agreed'],
    ] as const)
      expect(await line(text).first().locator('[data-mark]').getAttribute('data-mark')).toBe(mark);
    await takePictures(page, 'who-was-asked');
    // what comes back on live is asked for once; a no leaves it where it is
    await page.goto(`${vibe.baseUrl}/data`);
    const dropped = page.getByRole('region', { name: 'Dropped in the last 48 hours' });
    const onLive = dropped.getByRole('listitem').filter({ hasText: ', Live: release' });
    await onLive.getByRole('button', { name: 'Bring it back…' }).click();
    const asks = page.getByRole('dialog', { name: 'Bring repairs.colour back on live?' });
    await asks
      .getByText(/gets a column repairs\.colour_kept\d+ with 0 values, as they were before release \d+/)
      .waitFor();
    await takePictures(page, 'data-bring-back-live');
    expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
    await asks.getByRole('button', { name: 'Cancel' }).click();
    await asks.waitFor({ state: 'detached' });
    const back = `select column_name from information_schema.columns where table_schema = '${names.schema}' and column_name like 'colour_kept%'`;
    expect(await query('live', back)).toEqual([]);
    await onLive.getByRole('button', { name: 'Bring it back…' }).click();
    await asks.getByRole('button', { name: 'Bring it back on live' }).click();
    await onLive.getByText(/Back as colour_kept\d+/).waitFor();
    expect(await query('live', back)).toHaveLength(1);
  } finally {
    await browser.close();
  }
});

it('leaves no slot, subscription, schema or role behind when the app is removed', async () => {
  const left = `select slot_name as name from pg_replication_slots union all select subname from pg_subscription
    union all select rolname from pg_roles where rolname like '%.${names.schema}%' union all select nspname from pg_namespace where nspname like '${names.schema}%'`;
  const before = await query('staging', left);
  expect(before.map(({ name }) => name)).toEqual(
    expect.arrayContaining([names.schema, `${names.schema}__staging`, `vibe_${names.schema}`]),
  );
  expect((await marta.ask('DELETE', `/api/apps/${app.id}`)).status).toBe(204);
  const { db } = openDatabase(platformUrl(vibe), { max: 1 });
  await sql`update apps set deleted_at = now() - interval '48 hours' where id = ${app.id}`.execute(db);
  await sql`update chats set deleted_at = now() - interval '48 hours' where app_id = ${app.id}`.execute(db);
  await sql`update graphile_worker._private_jobs set run_at = now() where key in (${`app.remove:${app.id}`}, ${`chat.remove:${chatId}`})`.execute(
    db,
  );
  await db.destroy();
  for (const side of ['live', 'staging'] as const)
    await marta.until(async () => (await query(side, left)).length === 0, `nothing is left in ${side}`, 30_000);
});
