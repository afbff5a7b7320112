/** J and K go through the rows of the list that one is in, or of the first one on the screen. */

const shown = (element: HTMLElement): boolean => element.checkVisibility?.() ?? element.offsetParent !== null;

/** Moves the focus by one row. @returns whether there was one to go to */
export function stepRow(by: 1 | -1): boolean {
  const here = document.activeElement;
  const within = here?.closest<HTMLElement>('[data-list]');
  const list = within ?? [...document.querySelectorAll<HTMLElement>('[data-list]')].find(shown);
  if (!list) return false;
  const rows = [...list.querySelectorAll<HTMLElement>('[data-row]')].filter(shown);
  const at = rows.findIndex((row) => row === here || row.contains(here));
  const current = at < 0 ? rows.findIndex((row) => row.getAttribute('aria-current') === 'page') : at;
  const next = rows[current < 0 ? (by > 0 ? 0 : rows.length - 1) : current + by];
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}
