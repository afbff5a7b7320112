/** What one clause of a description says: a list with fields, a relation, a state, only a heading, or nothing that is known. */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { asksForPage } from '../commands/pages.ts';
import { readFields } from '../field-phrase.ts';
import { inferType } from '../infer-type.ts';
import { isPluralIn, pluralIn, singularIn } from '../language/number.ts';
import { onlyRules } from '../rules.ts';
import { cut, items, sentenceCase } from '../split.ts';
import { plainFields, usualFieldsOf } from '../usual-fields.ts';
import { wholeLists } from '../vocabulary.ts';
import { notFields } from './clauses.ts';
import type { DraftRelation, Said } from './draft.ts';
import { readEvent } from './events.ts';
import { readHead, withoutLead } from './head.ts';
import { fieldsOrLists, isListName, plainNames, readList, readNoun } from './lists.ts';
import { readRelation } from './relations.ts';
import { childOf, examplesOf, stateOf } from './sentences.ts';

export interface Reading {
  language: AppLanguage;
  /** what the text was about last */
  subject: string | undefined;
  /** the lists that were found so far */
  known: string[];
  first: boolean;
  more: boolean;
}
export type Clause =
  | Said
  | { heading: string | undefined; subject: string | undefined }
  | { nothing: true; small: boolean; subject?: string };

/** What stands between an entity and its fields. */
const connector = new RegExp(
  `\\s*(?::|\\s[-–—]\\s|,?\\s+(?:with(?: their| its| the)?${notFields}|having|including|containing|consisting of|(?:that|which|who|each|it|they) (?:should )?(?:has|have|contains?|includes?)|each with|where (?:i|we|you|one|people) (?:can |could |may )?(?:record|keep|track|store|note|write(?: down)?|save|enter|list|log|see|put)|and (?:for each|its|their)|where (?:each|every) [\\p{L}-]+ has|by(?= [\\p{L}]+(?: and|,))))\\s*`,
  'iu',
);
/** What people say about themselves and each other, which asks for nothing. */
const small =
  /^(?:(?:i|we)\s*(?:['’]m|['’]re|am|are|run|have|own|manage|work|teach|lead|coach|play|sell|keep|volunteer|offer|live|organi[sz]e|repair|rent|run)\b|thanks?\b|thank you|please$|that(?:['’]s| is) (?:it|all)|hi\b|hello\b|it should be (?:simple|easy))/i;
export function readClause(clause: string, reading: Reading): Clause {
  const { language, known, subject } = reading;
  const isKnown = (name: string) =>
    known.some(
      (one) => comparable(one) === comparable(singularIn(name, language)) || comparable(one) === comparable(name),
    );
  const isThing = (words: string) =>
    isKnown(words) ||
    isPluralIn(words, language) ||
    usualFieldsOf(singularIn(words, language), language) !== undefined ||
    /^\p{Lu}/u.test(words) ||
    /^(?:an?|each|every|the)\s/i.test(clause);
  // a wish for what was described before is read as a command, with the spec at hand
  if (known.length > 0 && (asksForPage(clause) || /^only\b/i.test(clause))) return { nothing: true, small: false };
  return (
    readRelation(clause, isThing) ??
    readEvent(clause) ??
    childOf(clause, isThing) ??
    stateOf(clause, isKnown, language) ??
    examplesOf(clause, reading) ??
    withFields(clause, language) ??
    bareFields(clause, reading) ??
    headingOf(clause, reading) ??
    withoutFields(clause, language) ?? {
      nothing: true,
      small: small.test(clause),
      subject: subject ?? subjectOf(clause, language),
    }
  );
}

const UNNAMED =
  'You did not say what one of them is called, so I took entries. Say “rename entries to …” for another word.';

function withFields(clause: string, language: AppLanguage): Said | undefined {
  const parted = cut(clause, connector);
  if (!parted) return undefined;
  const noun = readNoun(parted.before, language);
  const nested = items(parted.after);
  if (noun) {
    const { fields, entities, relations } = fieldsOrLists(noun.name, nested, language);
    return {
      entities: [{ name: noun.name, fields }, ...entities],
      relations: [...noun.to.map((to): DraftRelation => ({ from: noun.name, to, kind: 'one' })), ...relations],
    };
  }
  if (nested.length === 1 && nested[0]!.split(/\s+/).length > 6) return undefined;
  const head = readHead(parted.before, language);
  const allNested = nested.length > 1 && nested.every((item) => /\([^()]+\)$/.test(item));
  const lists =
    wholeLists.has(head.title?.toLowerCase() ?? '') &&
    nested.length > 1 &&
    nested.every((item) => isListName(item, language));
  if (head.entity && !lists && !(allNested && readList(parted.after, language).length > 1)) {
    const { fields, entities, relations } = fieldsOrLists(head.entity, nested, language);
    return { title: head.title, entities: [{ name: head.entity, fields }, ...entities], relations };
  }
  // `an app with customers (name, email) and orders (date, amount)`
  const severalLists = readList(parted.after, language);
  // `a library with books (…) and loans (…)`: the library is all of it
  const whole = head.entity && head.title !== sentenceCase(pluralIn(head.entity, language)) ? head.title : head.entity;
  if (severalLists.length > 0) return { title: lists ? head.title : whole, entities: severalLists, relations: [] };
  // `parents sign up for bringing cake: name, date, cake`: the fields are plain, what one of them is called is not
  if (parted.match.trim() !== ':' || nested.length < 2) return undefined;
  return {
    entities: [{ name: 'Entry', fields: readFields(nested) }],
    relations: [],
    assumed: [UNNAMED],
  };
}

/** `name, address, email, fee in euros` after a sentence that says whose. */
function bareFields(clause: string, { subject, known, language }: Reading): Said | undefined {
  if (/\?$/.test(clause)) return undefined;
  const parts = items(clause);
  const short = parts.every((part) => part.replace(/\(.*\)/, '').split(/\s+/).length <= 5);
  if (parts.length < 3 || !short) return undefined;
  const telling = parts.filter(
    (part) => plainNames.test(part.trim()) || inferType(part.replace(/\s*\(.*/, '')).type !== 'text',
  );
  if (telling.length * 3 < parts.length) return undefined;
  if (!subject && telling.length < 3) return undefined;
  const assumed = subject ? [] : [UNNAMED];
  const name = !subject ? 'Entry' : known.length > 0 ? subject : (readHead(subject, language).entity ?? subject);
  return {
    entities: [{ name: sentenceCase(singularIn(name, language)), fields: readFields(parts) }],
    relations: [],
    assumed,
  };
}

/** `Allotment society.` before the sentences that say what it keeps. */
function headingOf(clause: string, { first, more, language }: Reading): Clause | undefined {
  const words = clause.split(/\s+/);
  const own = clause.match(
    /^(?:i run|i own|i have|we run|we own|we have|we[’']re|we are) an? (?:small |little |local |tiny |big )?((?!team|list)[\p{L}-]+(?: [\p{L}-]+){0,2})$/iu,
  )?.[1];
  if (first && more && own && !/\b(?:and|with|of|for|to|who|that)\b/.test(own))
    return { heading: sentenceCase(own), subject: undefined };
  const business = clause.match(
    /^(?:my|our|the) ([\p{L}-]+(?: [\p{L}-]+)?) (?:sells?|offers?|makes?|repairs?|rents?|is|has)\b/iu,
  )?.[1];
  if (first && more && business && words.length <= 8) return { heading: sentenceCase(business), subject: undefined };
  if (!first || !more || words.length > 5 || /[,(:]/.test(clause) || small.test(clause)) return undefined;
  const bare = withoutLead(clause).replace(/^(?:app|application|tool|system) for (?:my|our|the|an?)?\s*/i, '');
  if (
    bare === '' ||
    isPluralIn(bare, language) ||
    (bare !== clause.trim() && !/^(?:my|our|the|an?|for)\b/i.test(clause))
  )
    return undefined;
  return { heading: sentenceCase(bare), subject: clause };
}

/** `Members of our village club pay a yearly fee`: what comes after is about members. */
const subjectOf = (clause: string, language: AppLanguage): string | undefined => {
  if (/^(?:i|we) repair\b/i.test(clause)) return 'Repair';
  const sold = clause.match(/^(?:i|we) (?:sell|collect|grow|breed|keep|rent out|make|own) ([\p{L}-]+)$/iu)?.[1];
  if (sold) return singularIn(sold, language);
  const first = clause.match(/^(?:the |our |my |all )?([\p{L}-]+)\b/iu)?.[1];
  return first && !small.test(clause) && isPluralIn(first, language) ? singularIn(first, language) : undefined;
};

const question = /^(?:and )?(?:which|when|where|who|whether|if|how many|how much|what|since when)\b/i;

/** `track my plants`, `a wine cellar`, `books (title, author)`, `plants, when I watered them`. */
function withoutFields(clause: string, language: AppLanguage): Said | undefined {
  const bare = withoutLead(clause);
  const said = bare !== clause.trim();
  const nested = bare.match(/^(.+?)\s*\(([^()]+,[^()]+)\)$/s);
  const parts = items(bare);
  const [first = '', ...others] = parts;
  const head0 = first.replace(/ (?:i|we|they|you|people)\b.*$/i, '');
  if (
    others.length > 0 &&
    head0.split(' ').length <= 3 &&
    others.some((part) => question.test(part)) &&
    isPluralIn(head0, language)
  ) {
    const head = readHead(head0, language);
    if (head.entity) {
      const named = usualFieldsOf(head.entity, language)?.[0] ?? plainFields[language]![0]!;
      return {
        title: head.title,
        entities: [{ name: head.entity, fields: readFields([named, ...others]) }],
        relations: [],
      };
    }
  }
  if (
    parts.length > 1 &&
    (said ||
      parts.every(
        (part) =>
          part.includes('(') ||
          (parts.every((one) => isPluralIn(one, language)) &&
            part.split(' ').length <= 2 &&
            parts.some((one) => isListName(one, language))) ||
          !part.includes(' '),
      ))
  ) {
    const found = readList(bare, language);
    if (found.length > 1) return { entities: found, relations: [] };
  }
  const noun = readNoun(bare, language);
  if (noun && noun.to.length > 1)
    return {
      entities: [{ name: noun.name, fields: [] }],
      relations: noun.to.map((to) => ({ from: noun.name, to, kind: 'one' })),
    };
  if (onlyRules(bare) || (nested?.[1] ?? bare).split(/\s+/).length > 5) return undefined;
  const head = readHead(nested ? nested[1]! : clause, language);
  const container =
    /(?:\b(?:list|tracker|log|diary|journal|collection|inventory|library|box|planner|catalogue|catalog|cellar|register|app|guestbook)|\p{L}(?:liste|verwaltung|kartei|verzeichnis))s?$/iu;
  const usual =
    bare.split(/\s+/).length <= 2 && head.entity !== undefined && usualFieldsOf(head.entity, language) !== undefined;
  if (!head.entity || !(said || nested || container.test(bare) || usual)) return undefined;
  return {
    title: head.title,
    entities: [{ name: head.entity, fields: nested ? readFields(items(nested[2]!)) : [] }],
    relations: [],
  };
}
