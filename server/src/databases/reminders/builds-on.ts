/**
 * Which earlier changes one truly builds on. A chat's changes each name the one before, so that they are made in one order; that two are in a row
 * says nothing of whether the second can be made without the first. What each one altered is recorded with it, and tells.
 */
import type { Applied } from '../changes.ts';
import { tableOfObject } from './objects.ts';

/**
 * @param wanted the change to be made @param missing what the other database lacks, in order, `wanted` among them
 * @returns the part of `missing` that has to be made for `wanted`, in order, `wanted` last of what it needs
 */
export function buildsOn(wanted: string, missing: readonly Applied[]): Applied[] {
  const needed = new Set<string>();
  const need = (id: string): void => {
    const at = missing.findIndex((change) => change.id === id);
    if (at < 0 || needed.has(id)) return;
    needed.add(id);
    const change = missing[at]!;
    const named = namesIn(change);
    for (const earlier of missing.slice(0, at)) {
      // where it was not recorded what one of them altered, every earlier one counts, as their row says
      const touches =
        !earlier.effect ||
        !change.effect ||
        earlier.effect.some((key) => change.effect!.includes(key) || isNamed(key, named));
      if (touches) need(earlier.id);
    }
  };
  need(wanted);
  return missing.filter(({ id }) => needed.has(id));
}

interface Named {
  words: ReadonlySet<string>;
  /** it takes a table as a whole: whatever alters that table alters what this one makes */
  whole: boolean;
  /** so are those that something points at: by which rule and of which type is not said */
  pointedAt: ReadonlySet<string>;
  /** what goes with it, or what is in its way, depends on everything that is there */
  all: boolean;
  /** only what hangs on a column or a rule can be in its way */
  hanging: boolean;
}

/** Every word of its statements, also those within quotes and bodies: rather one too many. */
function namesIn({ statements }: Pick<Applied, 'statements'>): Named {
  const text = statements.join('\n').toLowerCase();
  return {
    all: ALL.test(text),
    pointedAt: new Set(
      [...text.matchAll(/\breferences\s+(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{M}\p{N}_$]*))/gu)].map(
        ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!,
      ),
    ),
    hanging: /\bdrop\b(?!\s+(?:not\s+null|default)\b)/.test(text),
    words: new Set(text.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []),
    whole: /\bselect\b|\*|\brename\s+to\b|\binherits\b|\blike\b|\btruncate\b|\bon\s+conflict\b/.test(text),
  };
}

/** What takes others with it, or what nothing may hang on. */
const ALL =
  /(?<!\b(?:delete|update)\s+)\bcascade\b|\bdrop\s+(?:table|(?:materialized\s+)?view|type|domain|function|sequence|index|schema)\b|\balter\s+(?:column\s+)?(?:"(?:[^"]|"")+"|[^\s"]+)\s+(?:set\s+data\s+)?type\b/;

/** An object is named when all of its names are, or when its table is taken as a whole. */
function isNamed(key: string, { words, whole, pointedAt, all, hanging }: Named): boolean {
  if (all || (hanging && /^(?:view|constraint|policy|function|trigger):/.test(key))) return true;
  const has = (name: string) =>
    (name.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []).every((word) => words.has(word));
  // nothing that is made asks for these
  if (/^(?:comment|grants):/.test(key)) return false;
  const table = tableOfObject(key);
  if (table === undefined) return has(key.slice(key.indexOf(':') + 1).replace(/\(.*/s, ''));
  if (!has(table)) return false;
  const rest = key.slice(key.indexOf(':') + 1 + table.length + 1);
  return whole || pointedAt.has(table.toLowerCase()) || rest === '' || has(rest);
}
