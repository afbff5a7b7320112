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
  const tablesThatDiffer = new Set(differing.map((key) => tableOfObject(key) ?? ''));
  const needed =
    (direction: Direction) =>
    (made: Made): Open[] => {
      if (made.kind === 'schema') {
        // what was made before effects were recorded may have changed anything of its tables
        const left = made.effect
          ? made.effect.some((key) => differs.has(key))
          : made.tables.some((table) => tablesThatDiffer.has(table));
        if (!left) return [];
      } else {
        if (!made.tables.some(inBoth)) return [];
        if (direction === 'to_staging' && made.tables.every(replicated)) return [];
      }
      return [{ kind: made.kind, direction, made }];
    };
  const open = [...onlyStaging.flatMap(needed('to_live')), ...onlyLive.flatMap(needed('to_staging'))];
  const changes = open.filter(({ kind }) => kind === 'schema');
  const explained = new Set(changes.flatMap(({ made }) => made.effect ?? []));
  const explainedTables = new Set(changes.flatMap(({ made }) => (made.effect ? [] : made.tables)));
  const tableRights = new Set(changes.flatMap(({ made }) => ofTablesAlone(made.effect ?? [])));
  const explains = (key: string) =>
    explained.has(key) || (key.startsWith('grants:') && tableRights.has(tableOfObject(key) ?? ''));
  const strange = differing.filter((key) => !explains(key) && !explainedTables.has(tableOfObject(key) ?? ''));
  return { open, drift: byTable(strange) };
}

/** Changes that were made before columns were looked at one by one have named the table alone. @returns tables of which they may have changed any right */
function ofTablesAlone(effect: readonly string[]): string[] {
  const rights = effect.filter((key) => key.startsWith('grants:'));
  const tableOf = (key: string) => tableOfObject(key) ?? '';
  return rights.some((key) => key !== `grants:${tableOf(key)}`) ? [] : rights.map(tableOf);
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
    const objects = tables.get(table);
    if (objects) objects.push(key);
    else tables.set(table, [key]);
  }
  return [...tables].map(([table, objects]) => ({ table, objects }));
}
