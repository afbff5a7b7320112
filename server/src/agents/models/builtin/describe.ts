/** Reads a description of what to keep track of: one or several entities with their fields. */
import { specLimits } from '../../../../../contract/spec.ts';
import type { NewField } from '../../../../../contract/spec-operations.ts';
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
  /** the parts that say nothing that is known, as they were written */
  unread: string[];
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
  const { title: given, rest } = withoutPreface(takeTitle(withoutIntroduction(text)));
  const found: DescribedEntity[] = [];
  const titles: (string | undefined)[] = [];
  const assumed: string[] = [];
  const unread: string[] = [];
  for (const clause of clausesOf(rest)) {
    const described = readClause(clause);
    if (!described) {
      if (!small.test(clause)) unread.push(clause);
      continue;
    }
    titles.push(described.title);
    assumed.push(...(described.assumed ?? []));
    for (const entity of described.entities) {
      // `a list of members. Each member has a name and an e-mail`: the second says more of the first
      const known = found.find((other) => other.name.toLowerCase() === entity.name.toLowerCase());
      const fields = entity.fields.filter((field) => !known?.fields.some((other) => other.name === field.name));
      if (known) known.fields.push(...fields);
      else found.push({ ...entity, fields: [...entity.fields] });
    }
  }
  if (found.length === 0) return undefined;
  const entities = found.map((entity) => complete(entity, assumed));
  const names = entities.map((entity) => sentenceCase(pluralOf(entity.name)));
  const joined = names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!.toLowerCase()}`;
  const title = given ?? (titles.length === 1 ? titles[0] : undefined) ?? joined;
  return { title: title.slice(0, specLimits.title), entities, assumed, unread };
}

/** What people say about themselves and each other, which asks for nothing. */
const small =
  /^(?:(?:i|we)\s*(?:['’]m|['’]re|am|are|run|have|own|manage|work|teach|lead)\b|thanks?\b|thank you|please$|that(?:['’]s| is) (?:it|all)|hi$|hello$)/i;

/** `I am a teacher and want to track homework: …`, `I have a shop, so I need to manage my suppliers`: who somebody is comes first. */
const withoutIntroduction = (text: string): string =>
  text.replace(
    /^\s*(?:i|we)\s*(?:['’]m|['’]re|am|are|run|have|own|manage|work|teach|lead)\b[^.:;\n]{0,80}?(?:,|\.|\band\b|\bso\b)\s*(?:(?:and|so|i|we)\s+)*(?:['’]d like|would like|want|need|have|wish)\s+(?:to\s+)?(?:have\s+)?/i,
    '',
  );

/** `a tool for our book club: members with name, books with title`: what comes before the colon is only a title. */
function withoutPreface({ title, rest }: { title: string | undefined; rest: string }): {
  title: string | undefined;
  rest: string;
} {
  const parted = cut(rest, /:\s+/);
  const preface = parted?.before.match(
    /\b(?:app|application|tool|system|website|place|something|database)\b(?:\s+for\s+(?:my|our|the|a|an)?\s*(.+))?$/i,
  );
  if (!parted) return { title, rest };
  const withFields = [...outside(parted.after).matchAll(/\s(?:with|having|that ha(?:s|ve))\s/g)].length;
  if (preface && withFields > 0)
    return { title: title ?? (preface[1] && sentenceCase(preface[1])), rest: parted.after };
  // `for my bakery: products with name and price`: whose it is, then a list with its fields
  const place = parted.before.match(
    /^(?:(?:for|my|our|the)\s+|(?:i|we)\s+(?:run|have|own)\s+|an?\s+)+(\S.{0,40})$/i,
  )?.[1];
  const [first = ''] = outside(parted.after).split(/\s(?:with|having|that ha(?:s|ve))\s/);
  const startsWithList = withFields > 0 && /^[\p{L} -]{2,40}$/u.test(first) && isPlural(first.trim());
  if (!place || !startsWithList || isPlural(place)) return { title, rest };
  return { title: title ?? sentenceCase(place), rest: parted.after };
}

/** Sentences and lines, each about one entity; bullets below a line belong to it. */
function clausesOf(text: string): string[] {
  const joined = text
    .replace(/\r/g, '')
    .replace(/\n\s*(?:[-*•]|\d+[.)])\s+/g, ', ')
    .replace(/:\s*,/g, ':')
    .replace(
      /[.;]\s+(?:they|it|these|those|each(?: one)?|every one)(?: each)? (?:should )?(?:ha(?:s|ve)|needs?)\s+/gi,
      ' with ',
    )
    .replace(
      /(^|[.;\n]\s*|,?\s+and\s+)(?:each|every)\s+([\p{L}-]+(?:\s[\p{L}-]+)?)\s+(?:should )?(?:has|have|needs?)\s+/giu,
      '$1$2 with ',
    );
  return splitOutside(joined, /\s*(?:;|\n|[.!?](?=\s|$))\s*(?:and\s+)?/g).flatMap((clause) =>
    splitOutside(clause, nextEntity),
  );
}

interface Clause {
  title: string | undefined;
  entities: DescribedEntity[];
  assumed?: string[];
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
  // `a library with books (…) and loans (…)`: the library is all of it
  const whole = head.entity && head.title !== sentenceCase(pluralOf(head.entity)) ? head.title : head.entity;
  if (several.length > 0) return { title: lists ? head.title : whole, entities: several };
  // `parents sign up for bringing cake: name, date, cake`: the fields are plain, what one of them is called is not
  if (parted.match.trim() !== ':' || nested.length < 2) return undefined;
  return {
    title: undefined,
    entities: [{ name: 'Entry', fields: readFields(nested) }],
    assumed: [
      'You did not say what one of them is called, so I took entries. Say “rename entries to …” for another word.',
    ],
  };
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
  const usual = bare.split(/\s+/).length === 1 && head.entity !== undefined && usualFields[head.entity] !== undefined;
  if (!head.entity || !(said || nested || container.test(bare) || usual)) return undefined;
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
