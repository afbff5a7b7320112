/** Whether a page can be used without a mouse: every control is reached with Tab (or with arrows inside its group), and one sees where one is. */
import type { Page } from 'playwright-core';

const MOST_TABS = 400;
/** For colours that fade when the focus goes. */
const SETTLE_MS = 150;

/** In the page: numbers what can be used, remembers how it looks without focus, and finds what only a mouse can use. */
const NUMBER = `((within) => {
  const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex], [role=button], [role=link], [role=tab], [role=menuitem], [role=option], [role=switch], [role=checkbox], [role=radio]';
  const styleOf = (element) => { const s = getComputedStyle(element); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecoration, s.color].join(';'); };
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && element.getClientRects().length > 0;
  window.__looks = (element) => { const out = []; for (let at = element, n = 0; at && n < 3; at = at.parentElement, n++) out.push(styleOf(at)); const label = element.labels?.[0]; if (label) out.push(styleOf(label)); return out.join('|'); };
  window.__names = (element) => (element.tagName.toLowerCase() + ' “' + (element.getAttribute('aria-label') || element.labels?.[0]?.textContent || element.textContent || element.title || element.outerHTML).trim().replace(/\\s+/g, ' ').slice(0, 60) + '”');
  const root = document.querySelector(within);
  const usable = [...root.querySelectorAll(CONTROLS)].filter((element) => seen(element) && !element.matches(':disabled, input[type=file][tabindex="-1"]') && !element.closest('[inert]') && !(element.matches('[tabindex="-1"]') && !element.matches('a, button, input, select, textarea, [role=button], [role=link], [role=tab], [role=menuitem], [role=option], [role=switch], [role=checkbox], [role=radio]')));
  window.__usable = usable;
  window.__rest = usable.map(window.__looks);
  const mouse = [...root.querySelectorAll('*')].filter((element) => getComputedStyle(element).cursor === 'pointer' && getComputedStyle(element.parentElement).cursor !== 'pointer' && seen(element)
    && !element.closest(CONTROLS) && !element.querySelector(CONTROLS) && !element.closest('label') && !element.matches(':disabled'));
  return { count: usable.length, mouse: mouse.map(window.__names) };
})`;

/** In the page: the walk begins before the first control, with nothing that has the focus. */
const BEGIN = `(() => {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  getSelection().removeAllRanges();
  const start = document.querySelector('[role=dialog]') ?? document.body;
  start.setAttribute('tabindex', '-1');
  start.focus({ preventScroll: true });
})()`;

/** In the page: which of them has the focus, and whether that is to be seen. */
const HERE = `(() => {
  const active = document.activeElement;
  const index = window.__usable.indexOf(active);
  return { index, seen: index < 0 || active.tagName === 'IFRAME' || window.__looks(active) !== window.__rest[index] };
})()`;

/** In the page: those that were not reached, apart from members of a group that arrows go through. */
const LEFT = `((reached) => {
  const had = new Set(reached);
  const groupOf = (element) => element.matches('input[type=radio]') ? [...document.getElementsByName(element.name)] : [...(element.closest('[role=tablist], [role=radiogroup], [role=menu], [role=menubar], [role=listbox], [role=toolbar], [role=grid]')?.querySelectorAll('*') ?? [])];
  return window.__usable.flatMap((element, index) => {
    if (had.has(index) || !element.isConnected) return [];
    // an option is chosen from the field that it belongs to
    const owner = element.closest('[role=listbox]')?.id;
    if (owner && document.querySelector('[aria-controls="' + owner + '"], [aria-owns="' + owner + '"]')) return [];
    return groupOf(element).some((other) => had.has(window.__usable.indexOf(other))) ? [] : [window.__names(element)];
  });
})`;

/**
 * Walks once around the page with Tab.
 * @param within a CSS selector of the part that is looked at; default: everything
 * @returns sentences, none when all is well
 */
export async function keyboardFaults(page: Page, within = 'body'): Promise<string[]> {
  return walk(page, within).catch((error: Error) => {
    // a preview's page may be loaded once more while its server still prepares what it needs
    if (!error.message.includes('Execution context was destroyed')) throw error;
    return page.waitForLoadState('networkidle').then(() => walk(page, within));
  });
}

async function walk(page: Page, within: string): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(BEGIN);
  await page.waitForTimeout(SETTLE_MS);
  const { count, mouse } = await page.evaluate<{ count: number; mouse: string[] }>(
    `${NUMBER}(${JSON.stringify(within)})`,
  );
  const faults = mouse.map((name) => `${name} reacts to the mouse alone`);
  if (count === 0) return [...faults, 'there is nothing to use'];
  const reached = new Set<number>();
  const unseen = new Set<number>();
  let idle = 0;
  for (let press = 0; press < MOST_TABS && reached.size < count && idle < 60; press++) {
    await page.keyboard.press('Tab');
    const { index, seen } = await page.evaluate<{ index: number; seen: boolean }>(HERE);
    idle = index < 0 || reached.has(index) ? idle + 1 : 0;
    if (index < 0) continue;
    reached.add(index);
    if (!seen) unseen.add(index);
  }
  const left = await page.evaluate<string[]>(`${LEFT}(${JSON.stringify([...reached])})`);
  const hidden = await page.evaluate<string[]>(
    `${JSON.stringify([...unseen])}.map((index) => window.__names(window.__usable[index]))`,
  );
  return [
    ...faults,
    ...left.map((name) => `${name} is not reached with Tab`),
    ...hidden.map((name) => `${name} does not show that it has the focus`),
  ];
}
