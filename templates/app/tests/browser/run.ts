/**
 * Drives the running app in a browser, as a person would: `npm run test:browser`. APP_URL says where it runs; APP_IDENTITY is a signed
 * identity token for when no gateway stands in front; VIBE_CHROMIUM names the browser.
 */
import { existsSync, readdirSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { Check } from './check.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.VIBE_CHROMIUM ?? places.find((path) => existsSync(path));
const baseURL = process.env.APP_URL ?? 'http://localhost:3000';
const identity = process.env.APP_IDENTITY;

async function run(browser: Browser): Promise<number> {
  let failures = 0;
  for (const name of readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.spec.ts'))
    .sort()) {
    const { checks } = (await import(`./${name}`)) as { checks: Check[] };
    for (const check of checks) {
      const context = await browser.newContext({
        baseURL,
        reducedMotion: 'reduce',
        javaScriptEnabled: !check.withoutJavaScript,
        ...(identity && { extraHTTPHeaders: { 'x-vibe-identity': identity } }),
      });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      try {
        await check.run(page);
        if (errors.length > 0) throw new Error(`Errors in the browser: ${errors.join('; ')}`);
        console.log(`ok   ${name}: ${check.name}`);
      } catch (error) {
        failures++;
        console.error(`FAIL ${name}: ${check.name}\n     ${error instanceof Error ? error.message : error}`);
      }
      await context.close();
    }
  }
  return failures;
}

// what only a person's browser needs costs a fifth of the time
const quiet = ['--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...quiet] });
const failures = await run(browser).finally(() => browser.close());
process.exitCode = failures > 0 ? 1 : 0;
