/** Reads a description of what to keep track of: one or several entities with their fields. */
import { type NewField, specLimits } from '../../../../../contract/spec.ts';
import { isPlural, pluralOf } from '../../../builds/spec/plural.ts';
import { readFields } from './field-phrase.ts';
import { readHead, takeTitle, withoutLead } from './head.ts';
import { inferType } from './infer-type.ts';
import { onlyRules } from './rules.ts';
import { cut, items, outside, sentenceCase, splitOutside } from './split.ts';
import { usualFields, wholeLists } from './vocabulary.ts';

export interface DescribedEntity {
  name: string;
  fields: NewField[];
}

export interface Description {
  title: string | undefined;
  entities: DescribedEntity[];
  /** what was not said and is taken for granted, as sentences */
  assumed: string[];
}

/** Not `with 5 stars` or `with a default`: those are rules of one field. */
const notFields =
  '(?!\\s+(?:\\d|up to|at (?:most|least)|(?:a |the )?(?:default|range|max|min|options?|choices?|values?)))';
/** What stands between an entity and its fields. */
const connector = new RegExp(
  `\\s*(?::|\\s[-–—]\\s|,?\\s+(?:with(?: their| its| the)?${notFields}|having|including|containing|consisting of|(?:that|which|who|each|it|they) (?:should )?(?:has|have|contains?|includes?)|each with|where (?:i|we|you|one|people) (?:can |could |may )?(?:record|keep|track|store|note|write(?: down)?|save|enter|list|log|see|put)|and (?:for each|its|their)|where (?:each|every) [\\p{L}-]+ has|by(?= [\\p{L}]+(?: and|,))))\\s*`,
  'iu',
);
/** A new entity inside a sentence: `… and orders with date …`. */
const nextEntity = new RegExp(
  `\\s*(?:,\\s*(?:and\\s+)?|\\s+and\\s+)(?:(?:also|track|then)\\s+)*(?=(?:(?:the|an?|my|our|their)\\s+)?[\\p{L}-]+(?:\\s(?!(?:and|or|with)\\s)[\\p{L}-]+){0,2}\\s+(?:with${notFields}|having|(?:that|which|who) ha(?:s|ve))\\s)`,
  'giu',
);

/** The description in a text, or nothing when there is none in it. */
export function readDescription(text: string): Description | undefined {
  const { title: given, rest } = withoutPreface(takeTitle(text));
  const entities: DescribedEntity[] = [];
  const titles: (string | undefined)[] = [];
  const assumed: string[] = [];
  for (const clause of clausesOf(rest)) {
    const described = readClause(clause);
    for (const entity of described?.entities ?? []) {
      if (entities.some((other) => other.name.toLowerCase() === entity.name.toLowerCase())) continue;
      entities.push(complete(entity, assumed));
    }
    if (described) titles.push(described.title);
  }
  if (entities.length === 0) return undefined;
  const names = entities.map((entity) => sentenceCase(pluralOf(entity.name)));
  const joined = names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!.toLowerCase()}`;
  const title = given ?? (titles.length === 1 ? titles[0] : undefined) ?? joined;
  return { title: title.slice(0, specLimits.title), entities, assumed };
}

/** `a tool for our book club: members with name, books with title`: what comes before the colon is only a title. */
function withoutPreface({ title, rest }: { title: string | undefined; rest: string }): {
  title: string | undefined;
  rest: string;
} {
  const parted = cut(rest, /:\s+/);
  const preface = parted?.before.match(
    /\b(?:app|application|tool|system|website|place|something|database)\b(?:\s+for\s+(?:my|our|the|a|an)?\s*(.+))?$/i,
  );
  if (!parted || !preface || !/\s(?:with|having|that ha(?:s|ve))\s/.test(outside(parted.after))) return { title, rest };
  return { title: title ?? (preface[1] && sentenceCase(preface[1])), rest: parted.after };
}

/** Sentences and lines, each about one entity; bullets below a line belong to it. */
function clausesOf(text: string): string[] {
  const joined = text
    .replace(/\r/g, '')
    .replace(/\n\s*(?:[-*•]|\d+[.)])\s+/g, ', ')
    .replace(/:\s*,/g, ':');
  return splitOutside(joined, /\s*(?:;|\n|[.!?](?=\s|$))\s*(?:and\s+)?/g).flatMap((clause) =>
    splitOutside(clause, nextEntity),
  );
}

interface Clause {
  title: string | undefined;
  entities: DescribedEntity[];
}

function readClause(clause: string): Clause | undefined {
  const parted = cut(clause, connector);
  if (!parted) return withoutFields(clause);
  const head = readHead(parted.before);
  const nested = items(parted.after);
  const allNested = nested.length > 1 && nested.every((item) => /\([^()]+\)$/.test(item));
  const lists = wholeLists.has(head.title?.toLowerCase() ?? '') && nested.length > 1 && nested.every(isListName);
  if (head.entity && !lists && !(allNested && readList(parted.after).length > 1)) {
    const fields = readFields(nested);
    return { title: head.title, entities: [{ name: head.entity, fields }] };
  }
  // `an app with customers (name, email) and orders (date, amount)`
  const several = readList(parted.after);
  return several.length > 0 ? { title: lists ? head.title : head.entity, entities: several } : undefined;
}

/** `clients`, but not `notes`. */
const isListName = (item: string): boolean => isPlural(item) && inferType(item).type === 'text';

/** `customers (name, email) and orders (date)`, or plain `books and authors`. */
function readList(text: string): DescribedEntity[] {
  const parts = items(text);
  const nested = parts.map((part) => part.match(/^(.+?)\s*\(([^()]*)\)$/s));
  const plural = (part: string) => isPlural(part.replace(/\s*\(.*\)$/s, '').trim());
  if (!parts.every(plural)) return [];
  return parts.flatMap((part, index) => {
    const [, name = part, fields = ''] = nested[index] ?? [];
    const entity = readHead(name).entity;
    return entity ? [{ name: entity, fields: readFields(items(fields)) }] : [];
  });
}

/** `track my plants`, `a wine cellar`, `books (title, author)`. */
function withoutFields(clause: string): Clause | undefined {
  const bare = withoutLead(clause);
  const said = bare !== clause.trim();
  const nested = bare.match(/^(.+?)\s*\(([^()]+,[^()]+)\)$/s);
  const parts = items(bare);
  if (parts.length > 1 && (said || parts.every((part) => part.includes('(') || !part.includes(' ')))) {
    const several = readList(bare);
    if (several.length > 1) return { title: undefined, entities: several };
  }
  if (onlyRules(bare) || bare.split(/\s+/).length > 5) return undefined;
  const head = readHead(nested ? nested[1]! : clause);
  const container =
    /\b(?:list|tracker|log|diary|journal|collection|inventory|library|box|planner|catalogue|catalog|cellar|register|app|guestbook)s?$/i;
  if (!head.entity || !(said || nested || container.test(bare))) return undefined;
  return { title: head.title, entities: [{ name: head.entity, fields: nested ? readFields(items(nested[2]!)) : [] }] };
}

/** Gives an entity what it lacks, and says so. */
function complete({ name, fields: given }: DescribedEntity, assumed: string[]): DescribedEntity {
  const many = pluralOf(name).toLowerCase();
  let fields = given.slice(0, specLimits.fields);
  if (fields.length === 0) {
    fields = readFields(usualFields[name] ?? ['name', 'notes']);
    const names = fields.map((field) => field.name.toLowerCase());
    assumed.push(
      `You did not say what to keep of ${many}, so I took ${listed(names)}. Say what should be there instead.`,
    );
  }
  if (!fields.some((field) => field.type === 'text' || field.type === 'date')) {
    const [first] = readFields([usualFields[name]?.[0] ?? 'name']);
    fields = [first!, ...fields];
    assumed.push(`I added ${first!.name.toLowerCase()}, so that one can tell ${many} apart.`);
  }
  assumed.push(...fields.flatMap(noFiles));
  for (const field of fields) {
    if (field.type === 'choice' && !field.choices?.length) {
      field.choices = ['A', 'B', 'C'];
      assumed.push(`You did not say what ${field.name} can be. I took A, B and C: say the real ones.`);
    } else if (field.type === 'choice' && /^(?:priority|status|difficulty)$/i.test(field.name.split(' ').at(-1)!)) {
      const usual = readFields([field.name])[0]?.choices;
      if (JSON.stringify(usual) === JSON.stringify(field.choices))
        assumed.push(`${field.name} can be ${listed(field.choices!.map(String))}, because you named no choices.`);
    }
  }
  if (!fields.some((field) => field.required !== undefined)) {
    const first = fields.find((field) => field.type === 'text') ?? fields[0]!;
    if (first.type === 'text' || first.type === 'date') {
      first.required = true;
      assumed.push(
        `${sentenceCase(withArticle(name))} always has ${/s$/.test(first.name) ? first.name.toLowerCase() : withArticle(first.name)}; the rest may stay empty.`,
      );
    }
  }
  return { name, fields };
}

/** Pictures and files are more than a field can hold. */
export const noFiles = (field: NewField): string[] =>
  /\b(?:image|photo|picture|logo|file|attachment|upload|video|pdf)s?$/i.test(field.name)
    ? [`${field.name} is a text, for example an address: I cannot make fields that hold files.`]
    : [];

export const withArticle = (name: string): string => `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name.toLowerCase()}`;

/** `a, b and c` */
export const listed = (words: string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
