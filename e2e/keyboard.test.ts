/** The whole product without a mouse: each screen is walked around with Tab, and the way from nothing to an app is gone by typing alone. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DESKTOP, openBrowser, PHONE } from './support/browser.ts';
import { keyboardFaults } from './support/keyboard.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

let vibe: Vibe;
let browser: Browser;
let page: Page;
let appUrl = '';

const WISH =
  'Track customers with name and email, and repairs with title, due date, status (open, doing, done) and price. Repairs belong to customers.';
const MORE = 'Add a board of repairs by status and a calendar of repairs by due date';
const PREVIEW = 'iframe[title="Preview of the app"]';

const expectUsable = async (what: string, within?: string) =>
  expect(await keyboardFaults(page, within), what).toEqual([]);
const hasFocus = (part: Locator) => part.evaluate((element) => element === element.ownerDocument.activeElement);
const press = (...keys: string[]) =>
  keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

beforeAll(async () => {
  vibe = await makeVibe();
  await vibe.start();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: DESKTOP });
});
afterAll(async () => {
  await browser?.close();
  await vibe?.remove();
});

it('makes an account, and an app from a sentence, by typing alone', async () => {
  await page.goto(vibe.baseUrl);
  await page.getByLabel('Password').waitFor();
  await expectUsable('the first screen');
  await page.getByLabel('Your name').focus();
  await page.keyboard.type('Marta');
  await press('Tab');
  await page.keyboard.type('marta@example.com');
  await press('Tab');
  await page.keyboard.type('correct horse battery');
  await press('Enter');
  await page.getByLabel('What you would like').waitFor();
  await page.getByText('ready', { exact: true }).waitFor();
  await expectUsable('a new chat');
  await page.getByLabel('What you would like').focus();
  await page.keyboard.type(WISH);
  await press('Enter');
  const frame = page.frameLocator(PREVIEW);
  await frame.getByRole('heading', { name: 'Repairs' }).first().waitFor({ timeout: 90_000 });
  await page.getByLabel('Message').focus();
  await page.keyboard.type(MORE);
  await press('Enter');
  await page.getByRole('article').nth(1).getByText('calendar', { exact: false }).last().waitFor({ timeout: 60_000 });
  appUrl = new URL((await page.locator(PREVIEW).getAttribute('src'))!).origin;
});

it('reaches everything of a chat, its spec and its menus', async () => {
  // what is decided about a chat waits until its second turn has ended; the first one is folded by then
  await page.locator('article[aria-label^="Turn:"]').waitFor();
  await page.locator('article[aria-label="Answer"][aria-busy="false"]').getByText('Details of this turn').waitFor();
  await page.locator('button:enabled', { hasText: 'Merge' }).first().waitFor();
  await expectUsable('a chat');
  const menu = page.getByRole('button', { name: 'More', exact: true });
  await menu.focus();
  await press('Enter');
  await page.getByRole('menu').waitFor();
  const focused = () => page.evaluate('document.activeElement.textContent');
  // the first one has the focus once the menu stands
  await page.locator('[role=menuitem]:focus').waitFor();
  const first = await focused();
  await press('ArrowDown');
  await expect.poll(focused).not.toBe(first);
  await press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await expect.poll(() => hasFocus(menu)).toBe(true);
  await page.getByRole('tab', { name: 'spec' }).focus();
  await press('Enter');
  await page.getByRole('button', { name: /^Price/ }).focus();
  await press('Enter');
  await page.getByLabel('Kind', { exact: true }).waitFor();
  await expectUsable('the spec', '[role=tabpanel][data-state=active]');
  await press('Control+k');
  await page.getByRole('dialog', { name: 'Find or do anything' }).waitFor();
  await expectUsable('the palette', '[role=dialog]');
  await press('Escape', '?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await expectUsable('the list of keys', '[role=dialog]');
  await press('Escape');
  await page.setViewportSize(PHONE);
  await expectUsable('a chat on a phone');
  await page.goto(`${vibe.baseUrl}/chats`);
  await page
    .getByRole('link', { name: /repair/i })
    .first()
    .waitFor();
  await expectUsable('the chats on a phone');
  await page.setViewportSize(DESKTOP);
});

it('reaches everything that a chat’s menu asks', async () => {
  await page
    .getByRole('link', { name: /repair/i })
    .first()
    .press('Enter');
  await page.locator('button:enabled', { hasText: 'Merge' }).first().waitFor();
  const menu = page.getByRole('button', { name: 'More', exact: true });
  /** By keys alone. A menu that closes while the focus still comes back from a dialog is opened again. */
  const ask = async (item: string) => {
    const entry = page.getByRole('menuitem', { name: item });
    const reach = async () => {
      if (!(await entry.isVisible())) {
        await menu.focus();
        await press('Enter');
      } else if (!(await hasFocus(entry))) await press('ArrowDown');
      return hasFocus(entry);
    };
    await expect.poll(reach, { message: `the focus on ${item}`, interval: 20, timeout: 10_000 }).toBe(true);
    await press('Enter');
  };
  for (const [item, title] of [
    ['Rename', 'Rename this chat'],
    ['Data of the draft', 'Data of this chat’s draft'],
    ['Limit', 'Limit of this chat'],
    ['Delete', /^Delete “/],
  ] as const) {
    await ask(item);
    const dialog = page.getByRole('dialog', { name: title });
    await dialog.getByRole('button', { disabled: false }).last().waitFor();
    await expectUsable(`the dialog ${item}`, '[role=dialog]');
    await press('Escape');
    await dialog.waitFor({ state: 'detached' });
    // whoever leaves it is where it was asked for
    await expect.poll(() => hasFocus(menu), { message: `the focus after ${item}` }).toBe(true);
  }
  await ask('Delete');
  await page.getByRole('button', { name: 'Delete the chat' }).press('Enter');
  // what is not merged is listed before anything goes
  await page.getByRole('dialog', { name: 'This work is not merged' }).waitFor();
  await expectUsable('what is not merged', '[role=dialog]');
  await press('Escape');
});

it('reaches everything of the other screens', async () => {
  for (const [path, there] of [
    ['/', 'Repairs'],
    ['/settings', 'Sign out'],
    ['/join#nothing', 'invitation'],
  ] as const) {
    await page.goto(`${vibe.baseUrl}${path}`);
    await page.getByText(there, { exact: false }).first().waitFor();
    await expectUsable(path);
  }
});

it('reaches everything of the app that was made', async () => {
  for (const [path, there] of [
    ['/', 'Repairs'],
    ['/repairs', 'Repairs'],
    ['/repairs/new', 'Title'],
  ] as const) {
    await page.goto(`${appUrl}${path}`);
    await page.getByText(there, { exact: false }).first().waitFor();
    await expectUsable(`the app’s ${path}`);
  }
  // a row by typing alone; then every page that the app has
  await page.getByLabel('Title').first().focus();
  await page.keyboard.type('Bent fork');
  await press('Enter');
  await page.getByRole('link', { name: 'Bent fork' }).first().waitFor();
  await expectUsable('a list with a row');
  await page.getByRole('link', { name: 'Bent fork' }).first().focus();
  await press('Enter');
  await page.getByRole('heading', { name: 'Bent fork' }).waitFor();
  await expectUsable('a row');
  // and every page that a link leads to
  const addresses = new Set(['/']);
  for (const address of addresses) {
    await page.goto(new URL(address, appUrl).href);
    await page.getByRole('heading').first().waitFor();
    await expectUsable(`the app’s ${address}`);
    const links = await page.locator('a[href^="/"]:not([href$="/export"])').all();
    for (const link of links) addresses.add(new URL((await link.getAttribute('href'))!, appUrl).pathname);
    expect(addresses.size, [...addresses].join(' ')).toBeLessThan(20);
  }
  expect(addresses.size, [...addresses].join(' ')).toBeGreaterThan(5);
});
