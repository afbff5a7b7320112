/** The browser of the journeys, and what they look for on every page. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { testBrowser } from '../../server/src/hosting/fixtures/browser.ts';
import { MARTA, PASSWORD } from './client.ts';

const SHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));

/** Those that are open now. */
export const openBrowsers = new Set<Browser>();

export async function openBrowser(): Promise<Browser> {
  const { env, ...rest } = await testBrowser();
  const browser = await chromium.launch({ ...rest, env: { ...process.env, ...env } });
  openBrowsers.add(browser);
  browser.once('disconnected', () => openBrowsers.delete(browser));
  return browser;
}

/** Goes somewhere signed out, signs in there, and is let through: as Marta (client.ts), or as somebody else. */
export async function signIn(page: Page, address: string, email = MARTA.email, password = PASSWORD): Promise<void> {
  await page.goto(address);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** For what is drawn anew at another width or in other colours. */
const SETTLE_MS = 80;
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * What is wrong with the page as it is: what axe finds against WCAG 2.2 AA, and content that is wider than the screen.
 * @param within a CSS selector; default: the whole page, without what is in frames
 */
export async function faultsOf(page: Page, within = 'html'): Promise<string[]> {
  // colours fade: contrast must not be measured half way
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.waitForTimeout(SETTLE_MS);
  return examine(page, within);
}

/** The page as it is at this moment, when nothing moves. */
async function examine(page: Page, within = 'html'): Promise<string[]> {
  // it stays until the page is loaded anew
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  return page.evaluate<string[]>(`(async () => {
    const { violations } = await axe.run({ include: [${JSON.stringify(within)}] }, { runOnly: ${JSON.stringify(WCAG)}, resultTypes: ['violations'], iframes: false });
    const found = violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | '));
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push('too wide: ' + scrollWidth + ' px on a screen of ' + clientWidth + ' px');
    return found;
  })()`);
}

/** Whether pictures are kept for people to look at (VIBE_PICTURES=1), beside being looked at by axe. */
const KEEP = process.env.VIBE_PICTURES === '1';

/**
 * Looks at the page at desktop and phone width, in light and dark: each width and each scheme once, and with VIBE_PICTURES=1 all four are
 * kept as pictures.
 * @throws Error that names what axe finds in them, or what is wider than the screen
 */
export async function takePictures(
  page: Page,
  name: string,
  sizes: ('desktop' | 'phone')[] = ['desktop', 'phone'],
): Promise<void> {
  const before = page.viewportSize();
  const faults: string[] = [];
  for (const size of sizes) {
    await page.setViewportSize(size === 'desktop' ? DESKTOP : PHONE);
    for (const scheme of ['light', 'dark'] as const) {
      const examined = sizes.length === 1 || (size === 'desktop') === (scheme === 'light');
      if (!examined && !KEEP) continue;
      // nothing fades, so nothing is met half way
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(SETTLE_MS);
      if (KEEP) await page.screenshot({ path: join(SHOTS, `${name}-${size}-${scheme}.png`) });
      if (examined) faults.push(...(await examine(page)).map((fault) => `${name}, ${size}, ${scheme}: ${fault}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before) await page.setViewportSize(before);
  await page.waitForTimeout(SETTLE_MS);
  if (faults.length > 0) throw new Error(faults.join('\n'));
}
