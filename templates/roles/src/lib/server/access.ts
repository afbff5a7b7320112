/** Who may open what: asked for every request before any page of this app runs, and for every row that leaves the database. */
import { getRequestEvent } from '$app/server';
import { hiddenFields, rules } from './rules.ts';

export interface Rights {
  owner: boolean;
  role: string | null;
}

const allows = (wanted: readonly string[] | undefined, { owner, role }: Rights): boolean =>
  !wanted || owner || (role !== null && wanted.includes(role));

/** The first part of an address names the list or the page. */
const ruleOf = (slug: string) => rules.find((rule) => rule.slugs.includes(slug));

export const maySee = (rights: Rights, slug: string): boolean => allows(ruleOf(slug)?.see, rights);

const CHANGING = new Set(['new', 'edit', 'delete', 'import']);

/** @returns whether a request may go on: hidden is as if it were not there, refused may be seen and not changed */
export function judge(rights: Rights, method: string, path: string): 'good' | 'hidden' | 'refused' {
  const parts = decodeURIComponent(path).split('/').filter(Boolean);
  const rule = ruleOf(parts[0] ?? '');
  if (!rule) return 'good';
  if (!allows(rule.see, rights)) return 'hidden';
  const changes = !['GET', 'HEAD'].includes(method) || parts.slice(1).some((part) => CHANGING.has(part));
  return changes && !allows(rule.change, rights) ? 'refused' : 'good';
}

/** Whether the person of this request sees a list at all. */
export const mayList = (slug: string): boolean => maySee(getRequestEvent().locals.rights, slug);

/** The columns of a list that the person of this request does not see. */
export function hiddenColumns(slug: string): string[] {
  const { rights } = getRequestEvent().locals;
  return Object.entries(hiddenFields[slug] ?? {}).flatMap(([column, wanted]) =>
    allows(wanted, rights) ? [] : [column],
  );
}

/** The rows without what the person of this request does not see. */
export function conceal<Row extends object>(slug: string, rows: Row[]): Row[] {
  const hidden = hiddenColumns(slug);
  if (hidden.length === 0) return rows;
  const nothing = Object.fromEntries(
    hidden.flatMap((column) => [
      [column, null],
      [`${column}__label`, null],
    ]),
  );
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(Object.entries(nothing).filter(([name]) => name in row)),
  }));
}
