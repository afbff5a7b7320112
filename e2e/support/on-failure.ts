/** What a journey leaves behind when it fails, printed beside the failure: the words of the pages that are open, and the last that each Vibe said. */
import type { Browser } from 'playwright-core';
import { afterEach } from 'vitest';
import { openBrowsers } from './browser.ts';
import { runningVibes } from './vibe.ts';

const MOST_WORDS = 3_000;
const LAST_LINES = 15;
const PATIENCE_MS = 3_000;

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const parts: string[] = [];
  for (const browser of openBrowsers) parts.push(...(await pagesOf(browser)));
  for (const vibe of runningVibes) parts.push(`${vibe.baseUrl} said last:\n${lastLines(vibe.output())}`);
  // the reporter prints it under the test's name
  process.stderr.write(`\nWhen "${task.name}" failed:\n${parts.join('\n\n')}\n`);
});

async function pagesOf(browser: Browser): Promise<string[]> {
  const pages = browser.contexts().flatMap((context) => context.pages());
  return Promise.all(
    pages
      .flatMap((page) => page.frames())
      .map(async (frame) => {
        const words = await frame
          .locator('body')
          .innerText({ timeout: PATIENCE_MS })
          .catch((error: Error) => `(cannot be read: ${error.message.split('\n')[0]})`);
        return `${frame.url()} shows:\n${words.replace(/\s*\n\s*/g, '\n').slice(-MOST_WORDS)}`;
      }),
  );
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
