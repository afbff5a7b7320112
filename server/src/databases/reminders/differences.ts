/**
 * What an app's staging site and live differ in, as people read it: what `differing` finds, put together so that each thing is said once. A table that only
 * one has is one difference, whatever is in it, and so is a column with the rules that are of it alone. Unlike reminders it also names what was brought back.
 */
import { isNameBack } from '../kept.ts';
import type { Sides } from './alike.ts';
import { differing, type Objects, tableOfObject, wordsOfObject } from './objects.ts';

export interface Difference {
  /** null: it belongs to no table */
  table: string | null;
  /** those of the table that it is about */
  columns: string[];
  /** which of the two has it; both: each has another one */
  on: 'staging' | 'live' | 'both';
  /** without the table's name */
  words: string;
  /** the objects that it is made of */
  keys: string[];
}

/**
 * @param inBoth whether a table is meant to be in both databases
 * @param most of them that are put into words; whether there are more is seen by there being one more
 */
export function differencesOf(
  sides: Sides,
  inBoth: (table: string) => boolean,
  most = Number.POSITIVE_INFINITY,
): Difference[] {
  const loose: string[] = [];
  const byTable = new Map<string, string[]>();
  for (const key of differing(sides.staging, sides.live)) {
    const table = tableOfObject(key);
    if (table === undefined) loose.push(key);
    else if (!table.startsWith('_vibe_') && inBoth(table)) {
      const keys = byTable.get(table);
      if (keys) keys.push(key);
      else byTable.set(table, [key]);
    }
  }
  const found: Difference[] = [];
  for (const [table, keys] of byTable) {
    if (found.length > most) return found;
    for (const one of ofTable(sides, table, keys, most - found.length)) found.push(one);
  }
  for (const key of loose) {
    if (found.length > most) return found;
    found.push(said(sides, null, key, short(wordsOfObject(key))));
  }
  return found;
}

function ofTable(sides: Sides, table: string, keys: string[], most: number): Difference[] {
  const [asTable, asView] = [`table:${table}`, `view:${table}`].map((key) =>
    keys.includes(key) ? onOf(sides, key) : undefined,
  );
  if (asTable && asView && asTable !== 'both')
    return [
      { table, columns: [], on: 'both', words: `a table ${on(asTable)} and a view ${on(otherOf(asTable))}`, keys },
    ];
  const whole = asTable ?? asView;
  if (whole && whole !== 'both') {
    const words = `the whole ${asTable ? 'table' : 'view'} only ${on(whole)}${back(table)}`;
    return [{ table, columns: [], on: whole, words, keys }];
  }
  const found: Difference[] = [];
  /** columns that only one has: what is of such columns alone comes and goes with them */
  const single = new Map<string, Difference>();
  const isColumn = (key: string) => key.startsWith('column:');
  for (const key of keys.filter(isColumn)) {
    if (found.length > most) return found;
    const difference = ofColumn(sides, table, key);
    found.push(difference);
    if (difference.on !== 'both') single.set(nameIn(table, key), difference);
  }
  for (const key of keys) {
    if (isColumn(key)) continue;
    if (found.length > most) return found;
    const about = columnsOf(sides, table, key);
    const with_ = about.map((name) => single.get(name));
    const side = onOf(sides, key);
    if (with_.length > 0 && side !== 'both' && with_.every((one) => one?.on === side)) with_[0]!.keys.push(key);
    else found.push({ ...said(sides, table, key, wordsOf(sides, table, key)), columns: about });
  }
  return found;
}

const onOf = ({ staging, live }: Sides, key: string): Difference['on'] =>
  staging.has(key) ? (live.has(key) ? 'both' : 'staging') : 'live';

const on = (side: 'staging' | 'live'): string => (side === 'live' ? 'on live' : 'on the staging site');
const otherOf = (side: 'staging' | 'live') => (side === 'live' ? 'staging' : 'live');
const back = (name: string): string => (isNameBack(name) ? ' (brought back)' : '');
const nameIn = (table: string, key: string): string => key.slice(key.indexOf(':') + table.length + 2);
const short = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)}…` : text);
const MOST = 80;
/** A definition as far as it is read for words: live's may be anybody's, of any length. */
const readable = (objects: Objects, key: string): string => (objects.get(key) ?? '').slice(0, MOST_READ);
const MOST_READ = 4000;

function said(sides: Sides, table: string | null, key: string, what: string): Difference {
  const side = onOf(sides, key);
  const words =
    side === 'both' || key.startsWith('grants:') ? `${what} is not the same on both` : `${what} only ${on(side)}`;
  return { table, columns: [], on: side, words, keys: [key] };
}

function ofColumn(sides: Sides, table: string, key: string): Difference {
  const name = nameIn(table, key);
  const side = onOf(sides, key);
  const words =
    side === 'both'
      ? compared(short(name), partsOf(readable(sides.staging, key)), partsOf(readable(sides.live, key)))
      : `${short(name)} only ${on(side)}${back(name)}`;
  return { table, columns: [name], on: side, words, keys: [key] };
}

interface Parts {
  type: string;
  notNull: boolean;
  fallback: string | undefined;
}

/** As `readObjects` puts a column together. */
function partsOf(definition: string): Parts {
  const at = definition.indexOf(' default ');
  const head = at < 0 ? definition : definition.slice(0, at);
  return {
    type: head.replace(/ (?:not null|identity [ad]|generated [sv])(?: .*)?$/s, ''),
    notNull: / not null(?: |$)/.test(head),
    fallback: at < 0 ? undefined : definition.slice(at + ' default '.length),
  };
}

function compared(name: string, here: Parts, there: Parts): string {
  const words: string[] = [];
  if (here.type !== there.type)
    words.push(`${name} is ${short(here.type)} ${on('staging')} and ${short(there.type)} ${on('live')}`);
  if (here.notNull !== there.notNull) words.push(`${name} may be empty only ${on(here.notNull ? 'live' : 'staging')}`);
  if (here.fallback !== there.fallback) {
    const [a, b] = [here.fallback, there.fallback].map((text) => (text === undefined ? 'nothing' : short(text)));
    words.push(`${name} begins as ${a} ${on('staging')} and as ${b} ${on('live')}`);
  }
  return words.join(', ') || `${name} is made in another way on each`;
}

const LIST = /^(PRIMARY KEY|UNIQUE|FOREIGN KEY)[^(]*\(((?:"[^"]*"|[^()"])*)\)/;

/** The columns of the table that an object is about. */
function columnsOf({ staging, live }: Sides, table: string, key: string): string[] {
  const kind = key.slice(0, key.indexOf(':'));
  const is = (name: string) => staging.has(`column:${table}.${name}`) || live.has(`column:${table}.${name}`);
  if (kind === 'comment' || kind === 'grants') return [nameIn(table, key)].filter(is);
  if (kind !== 'constraint' && kind !== 'index') return [];
  const definitions = [staging, live].map((side) => readable(side, key));
  const names = definitions.flatMap((text) => identifiersIn(LIST.exec(text)?.[2] ?? text));
  return [...new Set(names)].filter(is);
}

const identifiersIn = (text: string): string[] =>
  [...text.matchAll(/'[^']*(?:''[^']*)*(?:'|$)|"([^"]*(?:""[^"]*)*)(?:"|$)|([\p{L}_][\p{L}\p{M}\p{N}_$]*)/gu)].flatMap(
    ([, quoted, bare]) => (quoted === undefined ? (bare ?? []) : quoted.replaceAll('""', '"')),
  );

/** What an object of a table is called, beside the table's name. */
function wordsOf({ staging, live }: Sides, table: string, key: string): string {
  const [kind, name] = [key.slice(0, key.indexOf(':')), short(nameIn(table, key))];
  switch (kind) {
    case 'constraint':
      return ruleWords(name, key, staging, live);
    case 'table':
      return 'who sees which rows';
    case 'view':
      return 'what the view shows';
    case 'comment':
      return name ? `the remark on ${name}` : 'the remark on the table';
    case 'grants':
      return name ? `what the app may do with ${name}` : 'what the app may do';
    default:
      return `the ${kind} ${name}`;
  }
}

function ruleWords(name: string, key: string, staging: Objects, live: Objects): string {
  const both = staging.has(key) && live.has(key);
  const definition = readable(staging, key) || readable(live, key);
  const [, kind, list = ''] = LIST.exec(definition) ?? [];
  const columns = short(list);
  switch (kind) {
    case 'PRIMARY KEY':
      return both ? 'the key' : `the key (${columns})`;
    case 'FOREIGN KEY':
      return both
        ? `what ${columns} points at`
        : `${columns} points at ${/ REFERENCES ([^(]{1,200})\(/.exec(definition)?.[1] ?? 'another table'}`;
    case 'UNIQUE':
      return `the rule that ${columns} is unique`;
    default:
      return both ? `the rule ${name}` : `the rule ${name}, ${short(definition)},`;
  }
}
