import type { Page } from 'playwright-core';
import { words } from '#lib/words.ts';
import { type Check, expect, expectUsable, type Filling, fill, open } from './check.ts';

export interface ListUnderTest {
  href: string;
  /** The field that stands for a row, and whether the search looks through it. */
  display: string;
  searched: boolean;
  required: string[];
  /** Two ways to fill in the form well, and one that is wrong, with the field that is to blame. */
  filled: Filling;
  changed: Filling;
  wrong?: { filling: Filling; field: string };
  /** Rows of other lists that must be there before, in order. */
  before?: { href: string; filled: Filling }[];
  /** What one is called, and how the row is called in the list. */
  one: string;
  title: string;
  changedTitle: string;
}

/** What every list must be able to do. Each check leaves the app as it found it. */
export function listChecks(list: ListUnderTest): Check[] {
  const { one } = list;
  const row = (title: string) => `main td:first-child a:text-is(${JSON.stringify(title)})`;
  const checks: Check[] = [
    {
      name: 'adds, shows, edits, finds and deletes',
      async run(page) {
        await open(page, list.href);
        await page.locator(`a[href="${list.href}/new"]`).first().click();
        await page.waitForURL(`**${list.href}/new`);
        await fill(page, list.filled);
        await page.getByRole('button', { name: words.addThis(one), exact: true }).click();
        await page.locator(row(list.title)).first().waitFor();
        await page.getByRole('status').getByText(words.wasAdded(one)).waitFor();
        await expectUsable(page, 'The list');

        await page.locator(row(list.title)).first().click();
        await page.getByRole('link', { name: words.edit, exact: true }).first().click();
        await fill(page, list.changed);
        await page.getByRole('button', { name: words.save }).click();
        await page.getByRole('status').getByText(words.wasSaved).waitFor();
        await page.getByRole('heading', { level: 1, name: list.changedTitle }).waitFor();
        await expectUsable(page, 'The details');

        const here = page.url();
        await open(page, list.href);
        const sorts = await page
          .locator('select[name=sort] option')
          .evaluateAll((options) => options.map((option) => option.getAttribute('value')));
        for (const value of sorts) {
          await open(page, `${list.href}?sort=${value}`, 'shown');
          expect((await page.locator(row(list.changedTitle)).count()) > 0, `Sorted by ${value}, the row is not there`);
        }
        if (list.searched) {
          await page.getByRole('searchbox').fill(list.changedTitle.toUpperCase());
          await page.waitForURL(/[?&]q=/);
          await page.locator(row(list.changedTitle)).first().waitFor();
          await page.getByRole('searchbox').fill('no row has these words');
          await page.getByText(words.nothingFound).waitFor();
        }

        await open(page, here);
        await page.getByRole('link', { name: words.remove, exact: true }).press('Enter');
        await page.getByRole('dialog').waitFor();
        await expectUsable(page, 'The question before deleting');
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
        await page.getByRole('link', { name: words.remove, exact: true }).press('Enter');
        await page.keyboard.press('Shift+Tab');
        await page.keyboard.press('Enter');
        await page.getByRole('status').getByText(words.wasRemoved(one)).waitFor();
        const answer = await page.request.get(here);
        expect(answer.status() === 404, `A deleted row answers ${answer.status()}`);
      },
    },
    {
      name: 'works without JavaScript',
      withoutJavaScript: true,
      async run(page) {
        await open(page, `${list.href}/new`, 'shown');
        await fill(page, list.filled);
        await page.getByRole('button', { name: words.addThis(one), exact: true }).click();
        await page.locator(row(list.title)).first().click();
        await page.getByRole('link', { name: words.remove, exact: true }).click();
        await page.getByRole('button', { name: words.remove, exact: true }).click();
        await page.getByRole('status').getByText(words.wasRemoved(one)).waitFor();
      },
    },
    {
      name: 'can be used on a phone and in the dark',
      async run(page) {
        await page.setViewportSize({ width: 390, height: 844 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          for (const href of [list.href, `${list.href}/new`, `${list.href}?q=nothing+has+this`]) {
            await open(page, href, 'shown');
            await expectUsable(page, `${href}, ${colorScheme}`);
          }
        }
      },
    },
    {
      name: 'says in plain words that something is not there',
      async run(page) {
        for (const id of ['x', '00000000-0000-7000-8000-000000000000']) {
          const response = await page.goto(`${list.href}/${id}`);
          expect(response?.status() === 404, `It answered ${response?.status()}`);
          await page.getByText(words.notFound).waitFor();
        }
      },
    },
  ];
  if (list.required.length > 0)
    checks.push({
      name: 'says what is missing, at the field, and keeps the rest',
      async run(page) {
        await open(page, `${list.href}/new`);
        const empty = Object.fromEntries(list.required.map((name) => [name, '']));
        await fill(page, { ...list.filled, ...empty });
        const before = await typed(page);
        await page.getByRole('button', { name: words.addThis(one), exact: true }).click();
        for (const name of list.required) await page.locator(`#${name}-problem`).waitFor();
        const focused = await page.evaluate(() => document.activeElement?.getAttribute('name'));
        expect(focused === list.required[0], `The focus is on ${focused}`);
        expect((await typed(page)) === before, `${before} became ${await typed(page)}`);
        await expectUsable(page, 'The form with problems');
        await fill(page, list.filled);
        expect(
          (await page.locator(`#${list.required[0]}-problem`).count()) === 0,
          'A problem that was mended is still shown',
        );
      },
    });
  const wrong = list.wrong;
  if (wrong)
    checks.push({
      name: 'refuses what is out of range, in the browser and on the server, and keeps what was typed',
      async run(page) {
        await open(page, `${list.href}/new`);
        await fill(page, { ...list.filled, ...wrong.filling });
        await page.getByRole('button', { name: words.addThis(one), exact: true }).click();
        await page.locator(`#${wrong.field}-problem`).waitFor();
        const typed = await page.locator(`[name="${wrong.field}"]`).first().inputValue();
        expect(typed === wrong.filling[wrong.field], `It says ${typed} now`);
        const form = Object.entries({ ...list.filled, ...wrong.filling }).map(([name, value]) => [name, String(value)]);
        const response = await page.request.post(`${list.href}/new`, {
          form: Object.fromEntries(form),
          headers: { origin: new URL(page.url()).origin },
        });
        expect(response.status() === 400, `The server answered ${response.status()}`);
      },
    });
  return list.before ? checks.map((check) => withRows(check, list.before!)) : checks;
}

/** Adds the rows that a check needs, and takes them away again. */
function withRows(check: Check, before: NonNullable<ListUnderTest['before']>): Check {
  return {
    ...check,
    async run(page) {
      const made: string[] = [];
      for (const { href, filled } of before) made.unshift(await addRow(page, href, filled));
      await check.run(page);
      for (const href of made)
        await page.request.post(`${href}/delete`, { form: {}, headers: { origin: new URL(page.url()).origin } });
    },
  };
}

/** Adds a row by its form and returns its address. */
async function addRow(page: Page, href: string, filled: Filling): Promise<string> {
  await open(page, `${href}/new`, 'shown');
  await fill(page, filled);
  await page.locator('form[method=POST] button').first().click();
  await page.waitForURL(`**${href}`);
  await open(page, `${href}?sort=-created_at`, 'shown');
  return (await page.locator('main td:first-child a').first().getAttribute('href'))!;
}

/** What the form holds, as it would be sent. */
const typed = (page: Page): Promise<string> =>
  page
    .locator('form[method=POST]')
    .evaluate((form) => new URLSearchParams(new FormData(form as HTMLFormElement) as never).toString());
