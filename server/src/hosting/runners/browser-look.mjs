/**
 * One look at an app in a fresh browser context: opens a path, does the steps, and says what is there. What a page answers is cut to size:
 * it is written by the app, and the app may be written by somebody who means harm.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProxy } from './browser-proxy.mjs';

const MOST = 20;
const LONGEST = 500;
const LONGEST_WORDS = 6000;
const STEP_MS = 6000;
const LOAD_MS = 20_000;
const QUIET_MS = 4000;
const STILL_MS = 400;
const LARGEST_PICTURE = 1_500_000;
const TALLEST = 4000;

const short = (text, length = LONGEST) => {
  const line = String(text ?? '').trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
};
const within = (ms, work, otherwise) => {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  return Promise.race([Promise.resolve(work).catch(() => otherwise), late]).finally(() => clearTimeout(timer));
};

/** Ways out of the page that need no network of their own, shut before any of its scripts runs. The network is shut in any case. */
const SHUT = `for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'RTCDataChannel', 'WebTransport', 'SharedWorker', 'PresentationRequest'])
  try { Object.defineProperty(globalThis, name, { value: undefined, configurable: false, writable: false }) } catch {}
try { Object.defineProperty(globalThis, 'open', { value: () => null, configurable: false, writable: false }) } catch {}`;

/**
 * @param browser a running browser of playwright
 * @param ask what to do; see hosting/browser/schema.ts
 * @param {AbortSignal} signal aborted when whoever asked is gone, or time is over
 */
export async function look(browser, ask, signal) {
  const origin = `http://${ask.host}`;
  const proxy = await openProxy({
    host: ask.host,
    door: '/run/door/door.sock',
    token: ask.token,
    headers: { 'x-vibe-identity': ask.identity },
  });
  const context = await browser.newContext({
    viewport: ask.viewport,
    isMobile: ask.viewport.width < 600,
    hasTouch: ask.viewport.width < 600,
    colorScheme: ask.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    acceptDownloads: false,
    permissions: [],
    proxy: { server: `http://127.0.0.1:${proxy.port}` },
    baseURL: origin,
  });
  const close = () => within(5000, context.close(), undefined);
  signal.addEventListener('abort', close, { once: true });
  try {
    await context.addInitScript(SHUT);
    return await visit(context, ask, origin, proxy.refused);
  } finally {
    signal.removeEventListener('abort', close);
    await close();
    proxy.close();
  }
}

async function visit(context, ask, origin, refused) {
  const page = await context.newPage();
  const seen = { consoleErrors: [], failedRequests: [], notes: [] };
  const note = (list, text) => {
    const line = short(text);
    if (list.length < MOST && !list.includes(line)) list.push(line);
  };
  context.on('page', (other) => {
    note(seen.notes, 'The page tried to open a window. It was closed.');
    void other.close().catch(() => {});
  });
  page.on('dialog', (dialog) => {
    note(seen.notes, `The page asked (${dialog.type()}): ${dialog.message()}. It was dismissed.`);
    void dialog.dismiss().catch(() => {});
  });
  page.on('download', (download) => {
    note(seen.notes, 'The page offered a download. It was refused.');
    void download.cancel().catch(() => {});
  });
  page.on('pageerror', (error) => note(seen.consoleErrors, error.stack || error.message));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url, lineNumber } = message.location();
    const place = url ? ` (${url.replace(origin, '')}:${lineNumber + 1})` : '';
    note(seen.consoleErrors, `${message.text()}${place}`);
  });
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'net::ERR_ABORTED')
      note(
        seen.failedRequests,
        `${request.method()} ${nameOf(request.url(), origin)}: ${request.failure()?.errorText ?? 'failed'}`,
      );
  });
  page.on('response', (response) => {
    if (response.status() >= 400)
      note(
        seen.failedRequests,
        `${response.request().method()} ${nameOf(response.url(), origin)}: ${response.status()}`,
      );
  });

  const settled = watchRequests(page);
  let status = null;
  const steps = [];
  let problem = null;
  try {
    const answer = await page.goto(`${origin}${ask.path}`, { waitUntil: 'load', timeout: LOAD_MS });
    status = answer?.status() ?? null;
    await settled();
  } catch (error) {
    problem = `The page did not open: ${reason(error)}`;
  }
  for (const step of problem ? [] : ask.steps) {
    const words = wordsOf(step);
    try {
      await act(page, step);
      await settled();
      steps.push({ step: words, ok: true });
    } catch (error) {
      steps.push({ step: words, ok: false, why: reason(error) });
      // what comes after a step that failed would look at another page than was meant
      break;
    }
  }

  const picture = await within(15_000, takePicture(page, ask), null);
  const accessibility = ask.axe ? await within(12_000, check(page), null) : null;
  const words = ask.axe ? await within(5000, page.locator('body').ariaSnapshot({ timeout: 4000 }), '') : '';
  const title = await within(3000, page.title(), '');
  const here = page.url();
  return {
    ok: problem === null,
    problem,
    status,
    title: short(title, 200),
    finalPath: here.startsWith(`${origin}/`) ? short(here.slice(origin.length), 2000) : null,
    steps,
    ...seen,
    blocked: [...refused].slice(0, MOST),
    accessibility,
    words: short(words, LONGEST_WORDS),
    picture,
  };
}

/** Resolves when the page has asked for nothing for a moment, or has had its time: what a step began is over, as far as one can see. */
function watchRequests(page) {
  const open = new Set();
  let since = Date.now();
  const over = (request) => {
    open.delete(request);
    since = Date.now();
  };
  page.on('request', (request) => {
    if (request.resourceType() === 'websocket' || request.resourceType() === 'eventsource') return;
    open.add(request);
    since = Date.now();
  });
  page.on('requestfinished', over);
  page.on('requestfailed', over);
  return async () => {
    const end = Date.now() + QUIET_MS;
    since = Date.now();
    while (Date.now() < end && (open.size > 0 || Date.now() - since < STILL_MS)) await sleep(40);
    await page.waitForLoadState('load', { timeout: QUIET_MS }).catch(() => {});
  };
}

/** An element as a person would name it. */
function find(page, target) {
  const exact = { exact: true };
  const loose = { exact: false };
  const by = (how) => {
    if (target.role) return page.getByRole(target.role, target.name === undefined ? {} : { name: target.name, ...how });
    if (target.label !== undefined) return page.getByLabel(target.label, how);
    return page.getByText(target.text, how);
  };
  return { exact: by(exact), loose: by(loose) };
}

async function locate(page, target) {
  const { exact, loose } = find(page, target);
  const visible = (locator) => locator.filter({ visible: true }).first();
  await visible(exact.or(loose)).waitFor({ state: 'visible', timeout: STEP_MS });
  return visible((await exact.count()) > 0 ? exact : loose);
}

async function act(page, step) {
  const timeout = STEP_MS;
  if (step.do === 'wait')
    return page
      .getByText(step.text)
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: STEP_MS * 1.5 });
  if (step.do === 'press' && !step.target) return page.keyboard.press(step.key);
  const element = await locate(page, step.target);
  if (step.do === 'click') return element.click({ timeout });
  if (step.do === 'fill') return element.fill(step.value, { timeout });
  if (step.do === 'press') return element.press(step.key, { timeout });
  return element.selectOption({ label: step.option }, { timeout });
}

function wordsOf(step) {
  const target = step.target;
  const name = !target
    ? ''
    : target.role
      ? `${target.role}${target.name ? ` “${target.name}”` : ''}`
      : `“${target.label ?? target.text}”`;
  if (step.do === 'wait') return `wait for “${step.text}”`;
  if (step.do === 'fill') return `fill ${name}`;
  if (step.do === 'press') return `press ${step.key}${name ? ` in ${name}` : ''}`;
  if (step.do === 'choose') return `choose “${step.option}” in ${name}`;
  return `click ${name}`;
}

/** Playwright's errors carry a log of many lines; the first says what happened. */
const reason = (error) =>
  short(
    String(error?.message ?? error)
      .split('\n')[0]
      .replace(/^\w+\.\w+: /, ''),
    300,
  );

function nameOf(url, origin) {
  return url.startsWith(origin) ? url.slice(origin.length) || '/' : url;
}

async function takePicture(page, ask) {
  const options = { animations: 'disabled', caret: 'hide', scale: 'css', timeout: 10_000 };
  let shoot = (more) => page.screenshot({ ...options, ...more });
  if (ask.element) {
    const element = page.locator(ask.element).first();
    if (!(await element.isVisible())) return null;
    await element.scrollIntoViewIfNeeded({ timeout: 3000 });
    const box = await element.boundingBox();
    if (!box || box.width < 1 || box.height < 1) return null;
    const { width, height } = page.viewportSize();
    const x = Math.max(0, box.x - 12);
    const y = Math.max(0, box.y - 12);
    const [right, bottom] = [Math.min(width, box.x + box.width + 12), Math.min(height, box.y + box.height + 12)];
    if (right - x < 1 || bottom - y < 1) return null;
    const clip = { x, y, width: right - x, height: bottom - y };
    shoot = (more) => page.screenshot({ ...options, ...more, clip });
  } else if (ask.wholePage) {
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = {
      x: 0,
      y: 0,
      width: ask.viewport.width,
      height: Math.min(TALLEST, Math.max(ask.viewport.height, Number(tall) || 0)),
    };
    shoot = (more) => page.screenshot({ ...options, ...more, fullPage: true, clip });
  }
  for (const more of [{ type: 'png' }, { type: 'jpeg', quality: 80 }, { type: 'jpeg', quality: 40 }]) {
    const bytes = await shoot(more);
    if (bytes.length <= LARGEST_PICTURE)
      return { mediaType: more.type === 'png' ? 'image/png' : 'image/jpeg', data: bytes.toString('base64') };
  }
  return null;
}

let axe;
/** What a person with a screen reader, or without a mouse, would stumble over: the serious findings. */
async function check(page) {
  axe ??= readFileSync('/w/axe/axe.min.js', 'utf8');
  await page.evaluate(`${axe};undefined`);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'], iframes: false });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .slice(0, 12)
      .map(({ id, impact, help, nodes }) => ({ id, impact, help, count: nodes.length, first: nodes[0]?.html ?? '' }));
  });
  if (!Array.isArray(found)) return [];
  return found.slice(0, 12).map((one) => ({
    id: short(one?.id, 60),
    impact: one?.impact === 'critical' ? 'critical' : 'serious',
    help: short(one?.help, 200),
    count: Math.min(10_000, Number(one?.count) || 1),
    first: short(one?.first, 200),
  }));
}
