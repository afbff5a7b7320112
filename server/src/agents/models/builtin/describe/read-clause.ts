/** What one clause of a description says: a list with fields, a relation, a state, only a heading, or nothing that is known. */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import type { NewField } from '../../../../../../contract/spec-operations.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { asksForPage } from '../commands/pages.ts';
import { readFields } from '../field-phrase.ts';
import { choiceWords } from '../field-words.ts';
import { inferType } from '../infer-type.ts';
import { isPluralIn, pluralIn, singularIn } from '../language/number.ts';
import { onlyRules } from '../rules.ts';
import { choicesIn, cut, items, sentenceCase } from '../split.ts';
import { plainFields, usualFieldsOf } from '../usual-fields.ts';
import { containers, wholeLists } from '../vocabulary.ts';
import { notFields } from './clauses.ts';
import type { DraftEntity, DraftRelation, Said } from './draft.ts';
import { readEvent } from './events.ts';
import { readHead, withoutLead } from './head.ts';
import { readRelation } from './relations.ts';

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
const several =
  '(?:several|many|multiple|various|different|some|lots of|one or more|one or several|any number of|a few)';
const thing = "([\\p{L}’'-]+(?: (?!and |with |has |have |is |are )[\\p{L}’'-]+){0,2})";

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

/** `each order has several lines with a product and a quantity`, `customers have cars (make, model)`, `for each car we note jobs: …` */
function childOf(clause: string, isThing: (words: string) => boolean): Said | undefined {
  const match =
    clause.match(
      new RegExp(
        `^(?:(?:each|every|an?|the|all)\\s+)*${thing} (?:can |may )?(?:has|have|with|contains?|consists? of)\\s+${several} ${thing}(?:\\s*(?:with|having|:|\\(|each with)\\s*(.+?)\\)?)$`,
        'iu',
      ),
    ) ??
    clause.match(
      new RegExp(
        `^(?:(?:each|every|an?|the|all)\\s+)*${thing} (?:has|have|with|own|bring)\\s+${thing}\\s*\\(([^()]+,[^()]+)\\)$`,
        'iu',
      ),
    ) ??
    clause.match(
      new RegExp(
        `^(?:for|of|per) (?:each|every|an?) ${thing},? (?:(?:we|i)\\s+(?:also\\s+)?(?:note|record|keep|track|write down|log|store|have|need|want)|there are)\\s+(?:the\\s+|several\\s+)?${thing}\\s*(?::|with|\\()\\s*(.+?)\\)?$`,
        'iu',
      ),
    );
  if (!match) return undefined;
  const [, owner = '', child = '', rest = ''] = match;
  const parts = items(rest);
  const bracketed = /\)$/.test(clause) && !/\bwith\b|:/.test(clause.slice(0, clause.indexOf('(')));
  if (!isThing(owner) || choiceWords.has(child.toLowerCase()) || (bracketed && !looksLikeFields(parts)))
    return undefined;
  const line = /^(?:lines?|items?|positions?)$/i.test(child);
  const ownerName = sentenceCase(owner);
  const name = line ? `${ownerName} ${child.toLowerCase()}` : child;
  return {
    entities: [{ name: sentenceCase(name).replace(/s$/, ''), fields: readFields(parts) }],
    relations: [{ from: name.replace(/s$/, ''), to: owner, kind: 'one', ...(line && { part: true }) }],
  };
}

const plainNames =
  /^(?:name|title|make|model|colour|color|author|artist|address|city|street|type|brand|species|breed|first name|last name|surname|subject|room|class|number|licence plate|opponent)$/i;
const looksLikeFields = (parts: string[]): boolean =>
  parts.filter((part) => plainNames.test(part.trim()) || inferType(part).type !== 'text').length * 3 >= parts.length;

/** `plots are either free, rented or on the waiting list` */
function stateOf(clause: string, isKnown: (name: string) => boolean, language: AppLanguage): Said | undefined {
  const match = clause.match(
    new RegExp(
      `^(?:(?:each|every|an?|the|all)\\s+)*${thing} (?:is|are|can be|may be) (?:either |always )?(.+(?:,| or ).+)$`,
      'iu',
    ),
  );
  if (!match || !isKnown(match[1]!)) return undefined;
  const choices = choicesIn(match[2]!);
  if (choices.length < 2 || choices.some((choice) => choice.split(' ').length > 4)) return undefined;
  const name = { en: 'Status', de: 'Status', fr: 'Statut', es: 'Estado' }[language];
  return {
    entities: [{ name: singularIn(match[1]!, language), fields: [{ name, type: 'choice', choices }] }],
    relations: [],
  };
}

/** `tags like vegan, quick, dessert` */
function examplesOf(clause: string, { language, subject: last, known }: Reading): Said | undefined {
  const match = clause.match(
    /^(?:the |and )?([\p{L}-]+(?: [\p{L}-]+)?) (?:like|such as|for example|e\.g\.|are for example) ([^:]+,.+)$/iu,
  );
  // labels are put on what the text is about as a whole
  const subject = /^(?:the |and )?(?:tag|label|categor)/i.test(clause) ? (known[0] ?? last) : last;
  const bracketed = clause.match(/^(?:the |and )?([\p{L}-]+) \(([^()]+,[^()]+)\)$/u);
  if (bracketed && subject && choiceWords.has(bracketed[1]!.toLowerCase()))
    return { entities: [{ name: subject, fields: readFields([clause]) }], relations: [] };
  if (!match || !subject) return undefined;
  const name = sentenceCase(singularIn(match[1]!, language));
  if (!choiceWords.has(name.toLowerCase()) && !choiceWords.has(match[1]!.toLowerCase()))
    return { entities: [{ name, fields: [] }], relations: [] };
  return {
    entities: [{ name: subject, fields: [{ name, type: 'choice', choices: choicesIn(match[2]!) }] }],
    relations: [],
  };
}

/** `loans of books to pupils`, `results per student`: what it is of are other lists. */
export function readNoun(phrase: string, language: AppLanguage): { name: string; to: string[] } | undefined {
  const match = withoutLead(phrase).match(
    /^([\p{L}-]+) (?:of|per|by|for|from|to|von|des|de) (?:each |every |the |an? )?([\p{L}-]+)(?: (?:to|by|for|from|per|with|an|à|a) (?:the |an? )?([\p{L}-]+))?$/iu,
  );
  if (!match) return undefined;
  const [, name = '', first = '', second] = match;
  const ends = [first, second].filter((one): one is string => one !== undefined);
  const per = / (?:per|for each|for every|by) /i.test(phrase);
  if (
    containers.has(name.toLowerCase()) ||
    !isPluralIn(name, language) ||
    !(per || ends.every((one) => isPluralIn(one, language)))
  )
    return undefined;
  return { name: sentenceCase(singularIn(name, language)), to: ends };
}

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

/** Fields, and the lists that hide among them: `several lines`, `cars (make, model)`. */
function fieldsOrLists(owner: string, parts: string[], language: AppLanguage): { fields: NewField[] } & Said {
  const entities: DraftEntity[] = [];
  const relations: DraftRelation[] = [];
  const plain = parts.filter((part) => {
    const list = part.match(/^(?:and )?(?:an? |the )?list of (?:the |all )?([\p{L}-]+)(?: (?:who|that|which) .*)?$/iu);
    if (list && isPluralIn(list[1]!, language)) {
      relations.push({ from: owner, to: list[1]!, kind: 'many' });
      return false;
    }
    const many = part.match(new RegExp(`^(?:and )?${several} ${thing}$`, 'iu'));
    if (many && isPluralIn(many[1]!, language)) {
      relations.push({ from: many[1]!, to: owner, kind: 'one' });
      return false;
    }
    const nested = part.match(/^(?:the |their |its )?([\p{L}-]+(?: [\p{L}-]+)?) \(([^()]+,[^()]+)\)$/u);
    if (!nested || !isPluralIn(nested[1]!, language) || choiceWords.has(nested[1]!.toLowerCase())) return true;
    const within = items(nested[2]!);
    if (!looksLikeFields(within)) return true;
    entities.push({ name: sentenceCase(singularIn(nested[1]!, language)), fields: readFields(within) });
    return false;
  });
  return { fields: readFields(plain), entities, relations };
}

/** `clients`, but not `notes`. */
const isListName = (item: string, language: AppLanguage): boolean =>
  isPluralIn(item, language) && inferType(item).type === 'text';

/** `customers (name, email) and orders (date)`, or plain `books and authors`. */
function readList(text: string, language: AppLanguage): DraftEntity[] {
  const parts = items(text);
  const nested = parts.map((part) => part.match(/^(.+?)\s*\(([^()]*)\)$/s));
  const plural = (part: string) => isPluralIn(part.replace(/\s*\(.*\)$/s, '').trim(), language);
  if (!parts.every(plural)) return [];
  return parts.flatMap((part, index) => {
    const [, name = part, fields = ''] = nested[index] ?? [];
    const entity = readHead(name, language).entity;
    return entity ? [{ name: entity, fields: readFields(items(fields)) }] : [];
  });
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
