/**
 * Which changes are still to be made on the other database. A pure function of what both have recorded and of how their catalogues differ, so
 * that nothing has to be remembered between two looks, and a crash cannot make it wrong.
 *
 * The rule: only one has the change, keep a reminder; both have it, remove it. Two changes are the same when chat, action, kind, tool and tables are,
 * and their fingerprint, which holds every literal. For the schema the catalogues decide: a change that left nothing which differs needs nothing.
 * Rows that come back from live by themselves need nothing either.
 */
import { tableOfObject } from './objects.ts';

export type Direction = 'to_live' | 'to_staging';

/** A change that one database has. */
export interface Made {
  /** unique on its side; a change that is replayed on the other side keeps it */
  key: string;
  kind: 'schema' | 'data';
  chat: string | null;
  tool: string;
  action: string;
  tables: string[];
  fingerprint: string;
  /** objects that it changed; null where that was not recorded */
  effect: string[] | null;
}

export interface Sides {
  staging: readonly Made[];
  live: readonly Made[];
  /** objects that are not the same in both */
  differing: readonly string[];
  /** whether a table is meant to be in both databases */
  inBoth: (table: string) => boolean;
  /** whether rows of a live table come to staging by themselves */
  replicated: (table: string) => boolean;
}

export interface Open {
  kind: Made['kind'];
  direction: Direction;
  made: Made;
}

export interface Drift {
  /** the table that differs; '' for what belongs to no table */
  table: string;
  objects: string[];
}

/** @returns reminders in the order in which the changes were made, and differences that none of them explains */
export function openReminders(sides: Sides): { open: Open[]; drift: Drift[] } {
  const { staging, live, inBoth, replicated } = sides;
  const onlyStaging = without(staging, live);
  const onlyLive = without(live, staging);
  const differing = sides.differing.filter((key) => inBoth(tableOfObject(key) ?? ''));
  const differs = new Set(differing);
  const needed =
    (direction: Direction) =>
    (made: Made): Open[] => {
      if (made.kind === 'schema') {
        if (!effectOf(made, differing).some((key) => differs.has(key))) return [];
      } else {
        if (!made.tables.some(inBoth)) return [];
        if (direction === 'to_staging' && made.tables.every(replicated)) return [];
      }
      return [{ kind: made.kind, direction, made }];
    };
  const open = [...onlyStaging.flatMap(needed('to_live')), ...onlyLive.flatMap(needed('to_staging'))];
  const explained = new Set(
    open.filter(({ kind }) => kind === 'schema').flatMap(({ made }) => effectOf(made, differing)),
  );
  return { open, drift: byTable(differing.filter((key) => !explained.has(key))) };
}

/** What was made before effects were recorded may have changed anything of its tables. */
function effectOf(made: Made, differing: readonly string[]): readonly string[] {
  if (made.effect) return made.effect;
  const tables = new Set(made.tables);
  return differing.filter((key) => tables.has(tableOfObject(key) ?? ''));
}

/** Those of `some` that `others` do not have: each of the others takes away one. */
function without(some: readonly Made[], others: readonly Made[]): Made[] {
  const keys = new Map(others.map((made) => [made.key, made]));
  const taken = new Set<Made>();
  // one that was replayed is known by its key; what it says is compared all the same
  const left = some.filter((made) => {
    const other = keys.get(made.key);
    if (!other || other.fingerprint !== made.fingerprint) return true;
    taken.add(other);
    return false;
  });
  const own = new Set(some.map(({ key }) => key));
  const same = new Map<string, Made[]>();
  for (const other of others) {
    if (taken.has(other) || own.has(other.key)) continue;
    const details = detailsOf(other);
    const list = same.get(details);
    if (list) list.push(other);
    else same.set(details, [other]);
  }
  return left.filter((made) => same.get(detailsOf(made))?.shift() === undefined);
}

/** The five details that must be the same, and what it says. */
const detailsOf = ({ chat, action, kind, tool, tables, fingerprint }: Made): string =>
  JSON.stringify([chat, action, kind, tool, [...tables].sort(), fingerprint]);

function byTable(keys: readonly string[]): Drift[] {
  const tables = new Map<string, string[]>();
  for (const key of keys) {
    const table = tableOfObject(key) ?? '';
    tables.set(table, [...(tables.get(table) ?? []), key]);
  }
  return [...tables].map(([table, objects]) => ({ table, objects }));
}
