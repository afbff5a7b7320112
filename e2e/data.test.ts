/** The Data page in a browser: tables and rows, the console with its refusals and its card, a rule that is set and acts, and the freeze. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataChange } from '../contract/data.ts';
import { openDatabase, run, sql } from '../server/src/db/database.ts';
import type { AnthropicServer } from './support/anthropic-server.ts';
import { DESKTOP, openBrowser, PHONE, signIn, takePictures } from './support/browser.ts';
import { Person } from './support/client.ts';
import { keyboardFaults } from './support/keyboard.ts';
import { edits, inOrder, merge, operations, payloads, released, turn } from './support/maker.ts';
import { clusterUrl, platformUrl } from './support/platform.ts';
import { servingApp, startVibe } from './support/set-up.ts';
import type { Vibe } from './support/vibe.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;
let olu: Person;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let appId: string;
let chatId: string;
let appUrl: string;
let stagingName: string;

const CUSTOMERS = 130;
const LONG = 'what_visitors_wrote_into_the_guest_book_after_the_concert';

async function data(database: string, text: string): Promise<void> {
  const { db } = openDatabase(clusterUrl(vibe, 'data', database), { max: 1 });
  await sql.raw(text).execute(db);
  await db.destroy();
}
const consoleSays = (person: Person, statement: string) =>
  person.ask<{ kind: string; rule?: string; result?: { rows: unknown[][] } }>('POST', '/api/data/sql', {
    appId,
    target: 'staging',
    sql: statement,
  });

beforeAll(async () => {
  const started = await startVibe();
  ({ vibe, claude, marta } = started);
  const { containerId } = started;
  const fields = [
    { name: 'Name', type: 'text', required: true },
    { name: 'City', type: 'text' },
    { name: 'Note', type: 'longtext' },
  ];
  const made = await servingApp(
    started,
    'Shop',
    { op: 'add_entity', name: 'Customer', fields },
    { op: 'add_entity', name: 'Product', fields: [{ name: 'Title', type: 'text', required: true }] },
  );
  chatId = made.chatId;
  ({ id: appId, url: appUrl } = made.app);
  const slug = (await marta.ask<{ containers: { slug: string }[] }>('GET', '/api/me')).body.containers[0]!.slug;
  const [staging, live] = [`${slug.replaceAll('-', '_')}__staging`, `${slug.replaceAll('-', '_')}__live`];
  stagingName = staging;
  await data(
    staging,
    `insert into shop.customers (name, city, note) select 'Customer ' || lpad(n::text, 3, '0'), case n % 3 when 0 then 'Bern' else 'Basel' end, case when n = 3 then repeat('A long story. ', 200) end from generate_series(1, ${CUSTOMERS}) n`,
  );
  // an app that has a live database, as one that is copied to staging will be
  const { db } = openDatabase(platformUrl(vibe), { max: 1 });
  await run(
    db,
    sql`insert into apps (container_id, slug, name, mode, colour, created_by) select ${containerId}, 'concerts', 'Concerts', 'dual-repository', 'brick', id from users`,
  );
  await db.destroy();
  const tickets =
    'create table concerts.tickets (id int primary key, seat text not null, price numeric(8, 2), paid_at timestamptz)';
  await data(
    staging,
    `create schema concerts; ${tickets}; alter table concerts.tickets add refunded_at timestamptz; create table concerts.venues (id int primary key, name text);
     create schema concerts__staging; create table concerts__staging.songs (id int primary key, title text)`,
  );
  await data(
    live,
    `create schema concerts; ${tickets}; insert into concerts.tickets select n, 'Row ' || n, 25, now() from generate_series(1, 320) n;
     create table concerts.venues (id int primary key, name text); create table concerts.newsletter_signups (id int primary key, email text);
     create table concerts.${LONG} (id int primary key, said text); insert into concerts.${LONG} select n, 'More' from generate_series(1, 12) n; analyze`,
  );
  await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
  const invited = await marta.ask<{ url: string }>('POST', '/api/invitations', { role: 'member' });
  olu = await Person.register(vibe.baseUrl, 'Olu', 'olu@example.com');
  expect((await olu.ask('POST', '/api/invitations/accept', { token: invited.body.url.split('#')[1] })).status).toBe(
    200,
  );
  browser = await openBrowser();
  context = await browser.newContext({ viewport: DESKTOP });
  page = await context.newPage();
  await signIn(page, vibe.baseUrl);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await vibe?.remove();
  await claude?.close();
});

const open = async (search = '') => {
  await page.goto(`${vibe.baseUrl}/data${search}`);
  await page.getByRole('navigation', { name: 'Parts of Data' }).waitFor();
};
const statement = () => page.getByLabel('SQL statement');

it('shows every app’s tables, staging and live on one row each, and what differs', async () => {
  await page.goto(vibe.baseUrl);
  await page.getByRole('heading', { name: 'All apps' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  // nobody has made the roles that the tables of Concerts belong to: the copy is compared, and the rest is not claimed
  await page.getByRole('heading', { name: 'Two databases, at least 1 difference' }).waitFor();
  await page.getByText('refunded_at only in the copy on staging').waitFor();
  await page.getByText('cannot be read now, so nobody knows what differs').waitFor();
  await page.getByText('not here yet').first().waitFor();
  // with no table opened the list has the room, and says more of each
  const whole = page.getByRole('region', { name: 'Shop' });
  await whole.getByRole('button', { name: /^customers \d+ columns \d+ KB 130 rows$/ }).waitFor();
  await whole.getByRole('columnheader', { name: 'What it is for' }).waitFor();
  expect(await page.getByText(chatId.slice(0, 8)).count()).toBe(0);
  await takePictures(page, 'data-tables');
  expect(await keyboardFaults(page, '#main')).toEqual([]);
  await page.getByRole('button', { name: 'Give it a live database…' }).click();
  await page.getByRole('dialog', { name: 'Give Shop a live database?' }).waitFor();
  expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
  await page.getByRole('button', { name: 'Leave it' }).click();
});

it('pages through rows along the key, and shows a long value whole', async () => {
  await open();
  await page
    .getByRole('region', { name: 'Shop' })
    .getByRole('button', { name: /^customers/ })
    .click();
  const rows = page.getByRole('region', { name: 'Rows of customers' });
  await rows.getByText('Customer 001').waitFor();
  await page
    .getByRole('region', { name: 'Shop' })
    .getByRole('button', { name: /^customers 130 rows$/ })
    .waitFor();
  await page.getByText('Nobody has said what this table is for.').waitFor();
  await page.getByRole('button', { name: 'Say what it is for' }).click();
  await page.getByLabel('What customers is for').fill('Who buys from us');
  await takePictures(page, 'data-purpose');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('region', { name: 'customers', exact: true }).getByText('Who buys from us').waitFor();
  const told = { appId, table: 'customers', purpose: 'Mine', home: 'staging' };
  expect((await olu.ask('PUT', '/api/data/tables', told)).status).toBe(403);
  expect((await marta.ask('PUT', '/api/data/tables', { ...told, home: 'live' })).status).toBe(409);
  await takePictures(page, 'data-rows');
  expect(await keyboardFaults(page, '#main')).toEqual([]);
  await page.getByRole('button', { name: 'Next' }).click();
  await rows.getByText('Customer 051').waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  await rows.getByText('Customer 001').waitFor();
  await rows.getByRole('button', { name: 'whole value of note' }).click();
  await page.getByRole('dialog').getByText('2,800 characters').waitFor();
  await takePictures(page, 'data-value', ['desktop']);
  expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('region', { name: 'customers', exact: true }).getByText('Columns', { exact: true }).click();
  await page.getByRole('cell', { name: 'primary key' }).waitFor();
  await open('?view=tables');
  await page
    .getByRole('button', { name: /^tickets/ })
    .last()
    .click();
  await page.getByText('Row 1', { exact: true }).waitFor();
  await page.getByRole('region', { name: 'tickets', exact: true }).getByText('Columns', { exact: true }).click();
  const refunded = page.getByRole('region', { name: 'Columns of tickets' }).getByRole('row', { name: /refunded_at/ });
  await refunded.getByText('refunded_at only in the copy on staging').waitFor();
  await takePictures(page, 'data-live');
});

it('answers a statement in the console, and refuses one in the words that a model gets', async () => {
  await open('?view=console');
  await page.getByLabel('App', { exact: true }).selectOption({ label: 'Shop' });
  await statement().fill('select city, count(*) as customers from customers group by city order by city');
  await statement().press('Control+Enter');
  await page.getByRole('cell', { name: 'Basel' }).waitFor();
  await page.getByText(/2 rows from staging · [\d.]+ ms/).waitFor();
  await page.getByRole('button', { name: /select city, count/ }).waitFor();
  await takePictures(page, 'data-console');
  expect(await keyboardFaults(page, '#main')).toEqual([]);
  await statement().fill('drop table customers');
  await statement().press('Control+Enter');
  await page.getByText(/Nothing was run/).waitFor();
  await takePictures(page, 'data-refused', ['desktop']);
  await statement().fill('explain select * from customers');
  await statement().press('Control+Enter');
  await page.getByText(/Seq Scan on customers/).waitFor();
});

it('asks before rows change, with the exact statement and their number, and runs it on a yes', async () => {
  const text = "update customers set city = 'Zug' where city = 'Bern'";
  await statement().fill(text);
  await statement().press('Control+Enter');
  await page.getByRole('heading', { name: 'Change 43 rows in the app’s tables in use?' }).waitFor();
  expect((await consoleSays(marta, "select count(*) from customers where city = 'Zug'")).body.result!.rows).toEqual([
    [0],
  ]);
  await takePictures(page, 'data-ask');
  expect(await keyboardFaults(page, '#main')).toEqual([]);
  await page.getByRole('button', { name: 'Run it', exact: true }).click();
  await page.getByText('Changed 43 rows of customers on staging').waitFor();
  expect((await consoleSays(marta, "select count(*) from customers where city = 'Zug'")).body.result!.rows).toEqual([
    [43],
  ]);
});

it('names what a statement does by its own verb, and says what was left', async () => {
  await statement().fill("insert into products (title) values ('A pen'), ('A book')");
  await statement().press('Control+Enter');
  await page.getByRole('heading', { name: 'Add 2 rows to the app’s tables in use?' }).waitFor();
  await page.getByRole('button', { name: 'Run it', exact: true }).click();
  await page.getByText('Added 2 rows to products on staging').waitFor();
  await statement().fill('delete from products');
  await statement().press('Control+Enter');
  await page.getByRole('heading', { name: 'Remove 2 rows from the app’s tables in use?' }).waitFor();
  await page.getByRole('button', { name: 'Leave it' }).click();
  await page.getByText('You left it. Nothing was run.').waitFor();
  await page.locator('textarea:focus').waitFor();
  const { body } = await marta.ask<{ items: DataChange[] }>('GET', '/api/data/changes?table=products&kind=rows');
  expect(body.items.map(({ action, answer, agreedBy }) => [action, answer?.said, agreedBy?.name])).toEqual([
    ['delete', 'no', undefined],
    ['insert', undefined, 'Marta Lindqvist'],
    ['insert', 'yes', undefined],
  ]);
  // what was left cannot be agreed to any more; saying no once more changes nothing
  const { id } = body.items[0]!;
  expect(await marta.ask('POST', `/api/data/asks/${id}/agree`)).toMatchObject({ status: 404 });
  expect(await marta.ask('POST', `/api/data/asks/${id}/decline`)).toMatchObject({ status: 204 });
  expect(await olu.ask('POST', `/api/data/asks/${id}/decline`)).toMatchObject({ status: 404 });
});

it('is loud on live, and back on staging after one statement', async () => {
  await page.getByLabel('App', { exact: true }).selectOption({ label: 'Concerts' });
  // the copy of live on staging is written by nobody, and a person is told where it can be changed
  await statement().fill('update tickets set price = 30 where id <= 5');
  await statement().press('Control+Enter');
  await page.getByText('Change it in live, or in the staging site’s copy').waitFor();
  await page.getByText('Live', { exact: true }).click();
  await page.getByText('This statement goes to live, where customers are.').waitFor();
  await statement().fill('update tickets set price = 30 where id <= 5');
  await takePictures(page, 'data-console-live');
  await page.getByRole('button', { name: 'Run on live' }).click();
  await page.getByRole('heading', { name: 'Change 5 rows in the live database?' }).waitFor();
  expect(await page.getByRole('radio', { name: 'Staging' }).isChecked()).toBe(true);
  await takePictures(page, 'data-ask-live');
  await page.getByRole('button', { name: 'Run it on live' }).click();
  await page.getByText('Changed 5 rows of tickets on live').waitFor();
});

it('lists who did what, and opens a statement on request', async () => {
  await page.getByRole('link', { name: 'Who did what' }).click();
  await page.getByText('changed 43 rows of customers on').waitFor();
  await page.getByLabel('Table').selectOption('tickets');
  await page.getByText('changed 5 rows of tickets on').waitFor();
  await page.getByText(/asked to change rows of tickets on live, and was told yes by Marta/).waitFor();
  await page.getByLabel('Table').selectOption('products');
  await page.getByText('asked to remove rows of products on staging, and then left it').waitFor();
  await page.getByLabel('Table').selectOption('tickets');
  await expect.poll(() => page.getByText('changed 43 rows of customers on').count()).toBe(0);
  await page.getByRole('button', { name: 'Show statement' }).first().click();
  await page.getByText('update tickets set price = 30 where id <= 5').waitFor();
  await takePictures(page, 'data-calls');
  expect(await keyboardFaults(page, '#main')).toEqual([]);
});

it('sets a rule, says who did, and follows it', async () => {
  await page.getByRole('link', { name: 'Rules' }).click();
  await page.getByLabel('App', { exact: true }).selectOption({ label: 'Shop' });
  await page.getByLabel('Change, Rows in use, on staging: rule for customers').selectOption('deny');
  await page.getByText(/A rule that was set for customers in the app’s tables in use\. Marta Lindqvist/).waitFor();
  await page.getByText('Change: customers of Shop').first().waitFor();
  // what holds depends on who it is
  await page.getByText('You may say yes.').first().waitFor();
  await page.getByLabel('What holds for', { exact: true }).selectOption({ label: 'Olu' });
  await page.getByText('Olu cannot say yes: an owner or admin can.').first().waitFor();
  await takePictures(page, 'data-rules');
  // one word for the copy of live, and no chat where there is none
  await page.getByLabel('App', { exact: true }).selectOption({ label: 'Concerts' });
  await page.getByText('The copy of live is only read').first().waitFor();
  await page.getByText('The default for drafts of chats.').first().waitFor();
  expect(await page.getByText(/mirror|this chat/i).count()).toBe(0);
  await takePictures(page, 'data-rules-live', ['desktop']);
  await page.getByLabel('App', { exact: true }).selectOption({ label: 'Shop' });
  expect(await keyboardFaults(page, '#main')).toEqual([]);
  expect((await consoleSays(marta, "update customers set city = 'Bern'")).body).toMatchObject({
    kind: 'refused',
    rule: 'rule_of_container',
  });
  expect((await consoleSays(marta, "update products set title = 'x'")).body).toMatchObject({ kind: 'ask' });
  await page.getByRole('button', { name: /^Take away/ }).click();
  await page.getByRole('link', { name: 'who set what and when' }).click();
  await page.getByText('Marta Lindqvist took a rule away: change, customers of Shop').waitFor();
  expect(await page.getByLabel('Kind of change').inputValue()).toBe('settings');
  expect((await consoleSays(marta, "update customers set city = 'Bern'")).body).toMatchObject({ kind: 'ask' });
});

it('lets a member look, and change nothing; a stranger sees nothing', async () => {
  expect((await consoleSays(olu, 'select 1')).body).toMatchObject({ kind: 'answer' });
  const asked = await olu.ask<{ ask: { id: string; mayAgree: boolean } }>('POST', '/api/data/sql', {
    appId,
    target: 'staging',
    sql: 'delete from customers',
  });
  expect(asked.body.ask.mayAgree).toBe(false);
  expect((await olu.ask('POST', `/api/data/asks/${asked.body.ask.id}/agree`)).status).toBe(403);
  // nobody says no for somebody else, and what is no question of the console is none
  expect((await marta.ask('POST', `/api/data/asks/${asked.body.ask.id}/decline`)).status).toBe(404);
  expect((await marta.ask('POST', '/api/data/asks/1/decline')).status).toBe(400);
  expect((await marta.ask('POST', `/api/data/asks/${asked.body.ask.id}/agree`)).status).toBe(404);
  const rule = { environment: 'staging', action: 'delete', appId: null, table: null, verdict: 'allow' };
  expect((await olu.ask('PUT', '/api/data/rules', rule)).status).toBe(403);
  expect((await olu.ask('PUT', '/api/data/freeze', { frozen: true })).status).toBe(403);
  const ben = await Person.register(vibe.baseUrl, 'Ben', 'ben@example.com');
  const { body } = await marta.ask<{ items: DataChange[] }>('GET', '/api/data/changes');
  const opening = body.items.filter(({ opens }) => opens);
  expect(new Set(opening.map(({ source }) => source))).toEqual(new Set(['act', 'call', 'release']));
  for (const { source, id } of opening) {
    const path = `/api/data/changes/${source}/${id}`;
    // what a member sees, a stranger does not
    expect([(await olu.ask('GET', path)).status, (await ben.ask('GET', path)).status]).toEqual([200, 404]);
  }
  expect((await olu.ask('GET', '/api/data/changes')).body).toEqual(body);
  expect((await ben.ask('GET', '/api/data/changes')).text).not.toMatch(/Marta|Shop|customers/);
  expect((await marta.ask('GET', '/api/data/changes?after=1')).status).toBe(400);
  for (const path of [
    'tables',
    `rows?appId=${appId}&place=staging&table=customers`,
    `rules/effective?appId=${appId}&table=customers`,
  ])
    expect(`${path}: ${(await ben.ask('GET', `/api/data/${path}`)).status}`).toBe(`${path}: 404`);
});

it('freezes: the app reads on and cannot write, every page says so; lifting gives it back', async () => {
  const visitor = await context.newPage();
  const addCustomer = async (name: string) => {
    await visitor.goto(`${appUrl}/customers/new`);
    await visitor.getByLabel('Name').fill(name);
    await visitor.getByRole('button', { name: /Save|Add|Create/ }).click();
    await visitor.waitForLoadState('networkidle');
  };
  const called = async (name: string) =>
    (await consoleSays(marta, `select count(*) from customers where name = '${name}'`)).body.result!.rows[0]![0];
  await addCustomer('Before');
  expect(await called('Before')).toBe(1);
  await page.getByRole('button', { name: 'Freeze…' }).click();
  await page.getByRole('dialog').waitFor();
  await takePictures(page, 'data-freeze');
  expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
  await page.getByRole('button', { name: 'Freeze everything' }).click();
  await page.getByText(/is frozen\./).waitFor();
  await open();
  const fill = page.getByRole('button', { name: 'Fill the staging site' });
  expect(await fill.isDisabled()).toBe(true);
  const because = (await fill.getAttribute('aria-describedby'))!;
  expect(await page.locator(`[id="${because}"]`).textContent()).toContain('Not while the container is frozen');
  await takePictures(page, 'data-frozen');
  await addCustomer('While frozen');
  expect(await called('While frozen')).toBe(0);
  await visitor.goto(`${appUrl}/customers`);
  await visitor.getByText('Before').waitFor();
  expect((await consoleSays(marta, 'delete from customers')).body).toMatchObject({ kind: 'refused', rule: 'frozen' });
  await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
  await page.getByText(/is frozen\./).waitFor();
  const preview = page.frameLocator('iframe[title="Preview of the app"]');
  await preview.getByRole('heading', { name: 'Customers' }).first().waitFor({ timeout: 60_000 });
  await takePictures(page, 'frozen-chat');
  claude.use(
    inOrder(
      [operations({ op: 'add_entity', name: 'Supplier', fields: [{ name: 'Name', type: 'text' }] })],
      [{ text: 'It is frozen.' }],
    ),
  );
  const { turnId, ended } = await turn(marta, 'Add suppliers', { chatId });
  expect(ended.outcome).toBe('completed');
  const [tried] = await payloads(marta, chatId, 'tool.result', turnId);
  expect(tried!.state).not.toBe('done');
  expect(tried!.summary).toContain('The container is frozen');
  claude.use(inOrder([edits({ kind: 'create', path: 'src/lib/note.ts', content: "export const note = 'a';\n" })]));
  const coded = await turn(marta, 'Write a note', { chatId });
  expect((await payloads(marta, chatId, 'tool.result', coded.turnId))[0]).toMatchObject({ state: 'done' });
  for (const [path, body] of [
    ['merge', {}],
    ['undo', { turnId: coded.turnId }],
  ] as const)
    expect(await marta.ask('POST', `/api/chats/${chatId}/${path}`, body)).toMatchObject({
      status: 409,
      body: { code: 'container_frozen' },
    });
  await page.goto(vibe.baseUrl);
  await page.getByText(/is frozen\./).waitFor();
  // a kill of everything changes nothing about it
  await vibe.kill('host');
  await marta.until(
    () =>
      consoleSays(marta, 'select 1').then(
        ({ status }) => status === 200,
        () => false,
      ),
    'the host',
  );
  await addCustomer('Still frozen');
  expect(await called('Still frozen')).toBe(0);
  await page.getByRole('link', { name: 'Look at Data' }).click();
  await page.getByRole('button', { name: 'Lift the freeze' }).click();
  await page.getByRole('button', { name: 'Freeze…' }).waitFor();
  expect(await page.getByText(/is frozen\./).count()).toBe(0);
  await addCustomer('After');
  expect(await called('After')).toBe(1);
  expect((await merge(marta, chatId)).release).toMatchObject({ state: 'serving', number: 2 });
  await visitor.close();
});

it('shows what a release dropped, and brings it back with its values', async () => {
  claude.use(inOrder([operations({ op: 'remove_field', entity: 'Customer', field: 'City' })]));
  const { chatId: dropping } = await turn(marta, 'Take the city away', { appId });
  const asked = await marta.ask<{ code: string }>('POST', `/api/chats/${dropping}/merge`);
  expect(asked.body).toMatchObject({
    code: 'destroys_data',
    loses: { removed: [`city of customers (${CUSTOMERS} values)`] },
  });
  await page.goto(`${vibe.baseUrl}/chats/${dropping}`);
  await page.getByRole('button', { name: 'Merge', exact: true }).click();
  const removes = page.getByRole('dialog', { name: 'This merge removes data in the live app' });
  await removes.getByText(`Removed: city of customers (${CUSTOMERS} values).`).waitFor();
  await takePictures(page, 'merge-removes');
  await removes.getByRole('button', { name: 'Do not merge' }).click();
  const agreed = await marta.ask<{ releaseId: string }>('POST', `/api/chats/${dropping}/merge`, { destroys: true });
  expect((await released(marta, appId, agreed.body.releaseId)).release).toMatchObject({
    state: 'serving',
    problem: null,
  });
  await open();
  const dropped = page.getByRole('region', { name: 'Dropped in the last 48 hours' });
  await dropped.getByText('customers.city').waitFor();
  await takePictures(page, 'data-dropped');
  expect(await keyboardFaults(page, '#main')).toEqual([]);
  const listed = await olu.ask<{ items: Record<string, unknown>[] }>('GET', '/api/data/kept');
  const { release, table, column } = listed.body.items[0] as { release: number; table: string; column: string };
  const bring = { appId, place: 'staging', release, table, column };
  expect((await olu.ask('POST', '/api/data/kept', bring)).status).toBe(403);
  await dropped.getByRole('button', { name: 'Bring it back' }).click();
  await dropped.getByText(`Back as city_kept${release}`).waitFor();
  expect((await consoleSays(marta, `select count(city_kept${release}) from customers`)).body.result!.rows).toEqual([
    [CUSTOMERS],
  ]);
  expect((await marta.ask('POST', '/api/data/kept', bring)).body).toEqual({
    name: `city_kept${release}`,
    rows: CUSTOMERS,
  });
  const acts = await marta.ask<{ items: DataChange[] }>('GET', '/api/data/changes?table=customers&kind=tables');
  expect(acts.body.items.filter(({ act }) => act === 'bring_back')).toMatchObject([
    { name: `customers.city (${release})`, rows: CUSTOMERS, place: 'staging' },
  ]);
  // and goes again, by somebody who manages the container
  const back = page.getByRole('region', { name: 'Brought back' });
  await back.getByText(`customers.city_kept${release} with`).waitFor();
  const again = { appId, place: 'staging', table: 'customers', column: `city_kept${release}` };
  expect((await olu.ask('POST', '/api/data/back/remove', again)).status).toBe(403);
  expect((await marta.ask('POST', '/api/data/back/remove', { ...again, column: 'name' })).status).toBe(404);
  await back.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('dialog', { name: `Remove customers.city_kept${release}?` }).waitFor();
  await takePictures(page, 'data-remove-back');
  await page.getByRole('button', { name: `Remove ${CUSTOMERS} values` }).click();
  await page.getByText(`customers.city_kept${release} is removed.`).waitFor();
  await back.waitFor({ state: 'detached' });
  await dropped.getByRole('button', { name: 'Bring it back' }).waitFor();
  // all of it stands in the list: what dropped it, bringing it back, removing it again
  await page.getByRole('link', { name: 'Who did what' }).click();
  await page.getByLabel('Kind of change').selectOption({ label: 'Tables and releases' });
  await page.getByText(`Marta Lindqvist removed again customers.city_kept${release} on staging`).waitFor();
  await page.getByText(`Marta Lindqvist brought back customers.city with ${CUSTOMERS} values on staging`).waitFor();
  const merged = page.getByRole('listitem').filter({ hasText: `merged (release ${release}) on staging` });
  await merged.getByText('Removed column customers.city').waitFor();
  await merged.getByRole('button', { name: 'Show change' }).click();
  await merged.getByText(/alter table customers drop column city/i).waitFor();
  await takePictures(page, 'data-changes');
  expect(await keyboardFaults(page, '#main')).toEqual([]);
  await merged.getByRole('link').click();
  await page.waitForURL(`**/chats/${dropping}`);
});

it('changes, adds and removes a row by a form, with the statement that it makes', async () => {
  await open('?view=tables');
  const shop = page.getByRole('region', { name: 'Shop' });
  await shop.getByRole('button', { name: /^products/ }).click();
  const rows = page.getByRole('region', { name: 'Rows of products' });
  await rows.getByText('A pen').waitFor();
  await rows.getByRole('button', { name: 'Change row 1' }).click();
  const form = page.getByRole('dialog', { name: 'Change a row of products' });
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.getByText('Nothing was changed yet.').waitFor();
  await form.getByLabel('title', { exact: true }).fill('A pencil, it’s new');
  await takePictures(page, 'data-row-form');
  expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
  await form.getByRole('button', { name: 'Change it' }).click();
  await form
    .getByText(/^update products set title = 'A pencil, it’s new' where id = '[0-9a-f-]{36}' and title = 'A pen'$/)
    .waitFor();
  await form.getByText(/^It asks before it runs: Change 1 row in/).waitFor({ state: 'attached' });
  await takePictures(page, 'data-row-ask');
  // Escape is a no to the question, and what was typed is still there after it
  await page.keyboard.press('Escape');
  expect(await form.getByLabel('title', { exact: true }).inputValue()).toBe('A pencil, it’s new');
  const said = async () =>
    (await marta.ask<{ items: DataChange[] }>('GET', '/api/data/changes?table=products&kind=rows')).body.items[0]!
      .answer;
  expect(await said()).toMatchObject({ said: 'no' });
  // and thrown away only on a yes
  await page.keyboard.press('Escape');
  await form.getByText('Throw away what you have typed?').last().waitFor();
  await takePictures(page, 'data-row-leave');
  await page.keyboard.press('Escape');
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.getByRole('button', { name: 'Leave it' }).click();
  expect(await form.getByLabel('title', { exact: true }).inputValue()).toBe('A pencil, it’s new');
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.getByRole('button', { name: 'Run it', exact: true }).click();
  await rows.getByText('A pencil, it’s new').waitFor();
  await page.getByText('Changed 1 row of products on staging').waitFor();

  await page.getByRole('button', { name: 'Add a row' }).click();
  const added = page.getByRole('dialog', { name: 'Add a row to products' });
  await added.getByRole('button', { name: 'Add it' }).click();
  await added.getByText('title: the table needs a value, and has none of its own.').waitFor();
  await added.getByLabel('id', { exact: true }).fill('7');
  await added.getByLabel('title', { exact: true }).fill('A ruler');
  await added.getByRole('button', { name: 'Add it' }).click();
  // PostgreSQL’s own words before anybody is asked, and what was typed is still there
  await added.getByText('id: invalid input syntax for type uuid: "7". Nothing was changed.').waitFor();
  await added.getByLabel('id', { exact: true }).fill('');
  await takePictures(page, 'data-row-add', ['desktop']);
  await added.getByRole('button', { name: 'Add it' }).click();
  await added.getByRole('button', { name: 'Run it', exact: true }).click();
  await rows.getByText('A ruler').waitFor();

  // somebody else is faster
  const pencil = rows.getByRole('button', { name: /^Change row 1, id [0-9a-f-]{36}$/ });
  await pencil.click();
  await form.getByLabel('title', { exact: true }).fill('My pencil');
  await data(stagingName, "update shop.products set title = 'Their pencil' where title like 'A pencil%'");
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.getByText(/^Somebody has changed or removed this row since it was shown here/).waitFor();
  await takePictures(page, 'data-row-gone', ['desktop']);
  await form.getByRole('button', { name: 'Cancel' }).click();
  await form.getByRole('button', { name: 'Throw it away' }).click();
  await rows.getByText('Their pencil').waitFor();

  await rows.getByRole('button', { name: 'Change row 3' }).click();
  await form.getByRole('button', { name: 'Remove this row…' }).click();
  await form.getByText(/^delete from products where id = /).waitFor();
  await form.getByRole('button', { name: 'Run it', exact: true }).click();
  await expect.poll(() => rows.getByText('A ruler').count()).toBe(0);
  await rows.getByText('A book').waitFor();

  // the copy of live is only read
  await open('?view=tables');
  await page
    .getByRole('button', { name: /^venues/ })
    .first()
    .click();
  await page.getByText('No rows yet.').waitFor();
  expect(await page.getByRole('button', { name: 'Add a row' }).count()).toBe(0);
});

it('has a field for each type: what is worked out is shown, and nothing typed is no text', async () => {
  await data(
    stagingName,
    `create table shop.parcels (id int generated always as identity primary key, name text not null, note text, label varchar(20), tags text[], about jsonb,
       paid boolean, sent date, weight numeric(8, 2), pieces int not null default 1, per_piece numeric generated always as (weight / pieces) stored, letter text);
     do $$ begin execute (select 'alter table shop.parcels owner to ' || quote_ident(tableowner) from pg_tables where schemaname = 'shop' and tablename = 'customers'); end $$;
     insert into shop.parcels (name, note, label, tags, about, paid, sent, weight, pieces, letter)
       values ('Books', repeat('Handle with care. ', 60), E'two\nlines', '{small,"very heavy"}', '{"to": "Bern", "floors": [1, 2]}', true, '2026-02-28', 12.50, 4, E'Dear all,\r\nyours')`,
  );
  await open('?view=tables');
  await page
    .getByRole('region', { name: 'Shop' })
    .getByRole('button', { name: /^parcels/ })
    .click();
  const rows = page.getByRole('region', { name: 'Rows of parcels' });
  await rows.getByRole('button', { name: 'Change row 1, id 1' }).click();
  const form = page.getByRole('dialog', { name: 'Change a row of parcels' });
  const field = (name: string) => form.getByLabel(name, { exact: true });
  await field('note').waitFor();
  await form.getByText('3.125').waitFor();
  expect([await field('id').count(), await field('per_piece').count(), await field('letter').count()]).toEqual([
    0, 0, 0,
  ]);
  await form.getByText(/^Its lines end in a way that a form does not keep/).waitFor();
  expect(await field('label').inputValue()).toBe('two\nlines');
  await takePictures(page, 'data-row-types');
  expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
  await form.getByText(/^Its lines end/).scrollIntoViewIfNeeded();
  await takePictures(page, 'data-row-types-end');
  // ticked and not again, it is as it was
  await form.getByLabel('weight is empty').check();
  await form.getByLabel('weight is empty').uncheck();
  await field('pieces').fill('');
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.getByText('pieces: the table needs a value.').waitFor();
  await field('pieces').fill('5');
  await field('sent').fill('');
  await field('paid').selectOption('empty');
  await field('note').fill('Careful');
  await field('about').fill('{"to": "Basel"}');
  await form.getByRole('button', { name: 'Change it' }).click();
  await form
    .getByText(
      /^update parcels set note = 'Careful', about = '\{"to": "Basel"\}', paid = null, sent = null, pieces = 5 where id = 1 and md5\(note\) = '[0-9a-f]{32}' and about::text = '\{"to": "Bern", "floors": \[1, 2\]\}' and paid = true and sent = '2026-02-28' and pieces = 4$/,
    )
    .waitFor();
  await takePictures(page, 'data-row-types-ask', ['desktop']);
  await form.getByRole('button', { name: 'Run it', exact: true }).click();
  await rows.getByText('Careful', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Add a row' }).click();
  const added = page.getByRole('dialog', { name: 'Add a row to parcels' });
  await added.getByLabel('name is an empty text').check();
  await takePictures(page, 'data-row-types-add');
  await added.getByRole('button', { name: 'Add it' }).click();
  await added.getByText("insert into parcels (name) values ('')").waitFor();
  await added.getByRole('button', { name: 'Leave it' }).click();
  await added.getByRole('button', { name: 'Cancel' }).click();
  await added.getByRole('button', { name: 'Throw it away' }).click();
  await added.waitFor({ state: 'detached' });
  await data(stagingName, 'drop table shop.parcels');
});

it('stays within a phone', async () => {
  await page.setViewportSize(PHONE);
  await open();
  // a long name is cut, and the number of its rows stays beside it
  const long = page.getByRole('button', { name: `${LONG} 12 rows` });
  const [name, rows] = await Promise.all([
    long.getByTitle(LONG).boundingBox(),
    long.getByText('12 rows', { exact: true }).boundingBox(),
  ]);
  expect(rows!.x).toBeGreaterThanOrEqual(name!.x + name!.width);
  expect(Math.abs(name!.y + name!.height / 2 - rows!.y - rows!.height / 2)).toBeLessThan(4);
  await page
    .getByRole('region', { name: 'Shop' })
    .getByRole('button', { name: /^customers/ })
    .click();
  await page.getByRole('region', { name: 'Rows of customers' }).waitFor();
  await page.getByRole('button', { name: 'All tables' }).click();
  await page.getByRole('region', { name: 'Shop' }).waitFor();
});
