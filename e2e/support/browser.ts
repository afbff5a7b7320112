/** The browser of the tests: configured, else the system's Chromium, else the one inside the npm package. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];
const SHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));
const QUIET = [
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
];

export async function openBrowser(): Promise<Browser> {
  const found = process.env.VIBE_CHROMIUM ?? SYSTEM.find((path) => existsSync(path));
  if (found) return chromium.launch({ executablePath: found, args: ['--no-sandbox', ...QUIET] });
  const { default: sparticuz } = await import('@sparticuz/chromium');
  const executablePath = await sparticuz.executablePath();
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--headless=shell', ...QUIET] });
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Pictures for people to look at: desktop and phone width, light and dark. */
export async function takePictures(
  page: Page,
  name: string,
  sizes: ('desktop' | 'phone')[] = ['desktop', 'phone'],
): Promise<void> {
  const before = page.viewportSize();
  for (const size of sizes) {
    await page.setViewportSize(size === 'desktop' ? DESKTOP : PHONE);
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.waitForTimeout(250);
      await page.screenshot({ path: join(SHOTS, `${name}-${size}-${scheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  // colours fade: whoever measures contrast next must not find them half way
  await page.waitForTimeout(400);
  if (before) await page.setViewportSize(before);
}
