import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

export interface Check {
  name: string;
  withoutJavaScript?: boolean;
  run(page: Page): Promise<void>;
}

/** What goes into a form, by the names of its fields: text, or whether a box is ticked. */
export type Filling = Record<string, string | boolean>;

/** For a reference: the first row that there is. */
const FIRST = '*first*';

async function chooseFirst(page: Page, name: string): Promise<void> {
  const options = await page
    .locator(`[name="${name}"] option`)
    .evaluateAll((all) => all.map((option) => option.getAttribute('value')));
  const first = options.find((value) => value);
  if (first) await page.locator(`[name="${name}"]`).selectOption(first);
}

/** One dot of a picture, or a line of text. */
function exampleFile(name: string): { name: string; mimeType: string; buffer: Buffer } {
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
  return name.endsWith('.png')
    ? { name, mimeType: 'image/png', buffer: Buffer.from(dot, 'base64') }
    : { name, mimeType: 'text/plain', buffer: Buffer.from('An example') };
}

export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

export async function fill(page: Page, filling: Filling): Promise<void> {
  for (const [name, value] of Object.entries(filling)) {
    const field = page.locator(`[name="${name}"]`);
    const kind = await field
      .first()
      .evaluate((element) => (element instanceof HTMLInputElement ? element.type : element.tagName));
    if (kind === 'radio') await page.locator(`[name="${name}"][value="${value}"]`).check({ force: true });
    else if (kind === 'checkbox') await field.setChecked(value === true);
    else if (kind === 'file') await field.setInputFiles(exampleFile(String(value)));
    else if (value === FIRST) await chooseFirst(page, name);
    else if (kind === 'SELECT') await field.selectOption(String(value));
    else await field.fill(String(value));
  }
}

/** Opens an address; `alive` waits until the page can be worked with. */
export async function open(page: Page, href: string, when: 'alive' | 'shown' = 'alive'): Promise<void> {
  const response = await page.goto(href, { waitUntil: 'domcontentloaded' });
  expect(response !== null && response.status() < 400, `${href} answered ${response?.status()}`);
  if (when === 'alive') await page.locator('html[data-alive]').waitFor();
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails on what keeps people from using the page: anything that axe calls serious or critical, and scrolling sideways. */
export async function expectUsable(page: Page, where: string): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    "axe.run(document, { resultTypes: ['violations'], iframes: false }).then((result) => result.violations)",
  );
  const grave = found.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical');
  expect(grave.length === 0, `${where}: ${grave.map(({ id, nodes }) => `${id} at ${nodes[0]?.html}`).join('; ')}`);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways <= 0, `${where}: scrolls ${sideways} px sideways`);
}
