/** Reads a description of what to keep track of: one or several lists with their fields, and how they are related. */
import { type AppLanguage, specLimits } from '../../../../../../contract/spec.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { asksForPage, PRONOUN } from '../commands/pages.ts';
import { isPluralIn, pluralIn, singularIn } from '../language/number.ts';
import { cut, outside, sentenceCase } from '../split.ts';
import { clausesOf } from './clauses.ts';
import { complete } from './complete.ts';
import type { DraftEntity, DraftRelation, Said } from './draft.ts';
import { takeTitle } from './head.ts';
import { readClause } from './read-clause.ts';
import { usualRelations } from './relations.ts';
import { settleReferences } from './settle.ts';

export interface Description {
  title: string | undefined;
  entities: DraftEntity[];
  /** between lists that are among the entities */
  relations: DraftRelation[];
  /** what was not said and is taken for granted, as sentences */
  assumed: string[];
  /** the parts that say nothing that is known, as they were written */
  unread: string[];
}

/**
 * The description in a text, or nothing when there is none in it.
 * @param there lists that the app has already: nothing is made up for them
 */
export function readDescription(
  text: string,
  language: AppLanguage = 'en',
  there: readonly string[] = [],
): Description | undefined {
  const { title: given, rest } = withoutPreface(takeTitle(withoutIntroduction(text)), language);
  const found: DraftEntity[] = [];
  const relations: DraftRelation[] = [];
  const titles: (string | undefined)[] = [];
  const assumed: string[] = [];
  const unread: string[] = [];
  let subject: string | undefined;
  let heading: string | undefined;
  const same = (a: string, b: string) => comparable(singularIn(a, language)) === comparable(singularIn(b, language));
  const clauses = clausesOf(rest);
  for (const [index, clause] of clauses.entries()) {
    const reading = {
      language,
      subject,
      known: found.map((entity) => entity.name),
      first: index === 0,
      more: clauses.length > 1,
    };
    const said = readClause(clause, reading);
    if ('heading' in said) {
      heading ??= said.heading;
      subject ??= said.subject;
    } else if ('nothing' in said) {
      subject = said.subject ?? subject;
      if (!said.small) unread.push(asksForPage(clause) ? naming(clause, subject) : clause);
    } else {
      take(said);
    }
  }
  function naming(clause: string, of: string | undefined): string {
    return of === undefined ? clause : clause.replace(PRONOUN, pluralIn(of, language));
  }
  function take(said: Said): void {
    if (said.entities.length > 0) titles.push(said.title);
    assumed.push(...(said.assumed ?? []));
    relations.push(...said.relations);
    for (const entity of said.entities) {
      // `a list of members. Each member has a name and an e-mail`: the second says more of the first
      const known = found.find((other) => same(other.name, entity.name));
      const fields = entity.fields.filter((field) => !known?.fields.some((other) => same(other.name, field.name)));
      if (known) known.fields.push(...fields);
      else found.push({ ...entity, fields: [...entity.fields] });
      subject = entity.name;
    }
  }
  if (found.length === 0 && relations.length === 0) return undefined;
  const before = found.length;
  settleReferences(found, relations, language);
  const usual = usualRelations(
    found.map((entity) => entity.name),
    relations,
    same,
  );
  for (const { from, to } of usual)
    assumed.push(
      `${sentenceCase(pluralIn(from, language))} belong to ${language === 'de' ? pluralIn(to, language) : pluralIn(to, language).toLowerCase()}, so each has one.`,
    );
  relations.push(...usual);
  const pointers = (name: string) => relations.filter((one) => one.kind === 'one' && same(one.from, name)).length;
  const entities = asMentioned(found, relations, rest, language).map((entity) =>
    there.some((name) => same(name, entity.name)) ? entity : complete(entity, language, assumed, pointers(entity.name)),
  );
  if (entities.some((entity) => entity.fields.some((field) => field.type === 'money' && !field.currency)))
    assumed.push('Amounts of money are in euros: say for example “price in dollars” for another currency.');
  const parts = new Set(relations.filter((one) => one.part).map((one) => one.from));
  const main = entities.filter((entity) => !parts.has(entity.name));
  const names = main
    .slice(0, Math.min(Math.max(before, 1), 3))
    .map((entity) => sentenceCase(pluralIn(entity.name, language)));
  const and = { en: 'and', de: 'und', fr: 'et', es: 'y' }[language];
  const joined =
    names.length === 1
      ? names[0]!
      : names
          .map((name, at) => (at > 0 && language !== 'de' ? name.toLowerCase() : name))
          .join(', ')
          .replace(/, ([^,]*)$/, ` ${and} $1`);
  const title = given ?? heading ?? (titles.length === 1 ? titles[0] : undefined) ?? joined;
  return { title: title.slice(0, specLimits.title), entities, relations, assumed, unread };
}

/** `I am a teacher and want to track homework: …`, `I have a shop, so I need to manage my suppliers`: who somebody is comes first. */
const withoutIntroduction = (text: string): string =>
  text.replace(
    /^\s*(?:i|we)\s*(?:['’]m|['’]re|am|are|run|have|own|manage|work|teach|lead)\b[^.:;\n]{0,80}?(?:,|\.|\band\b|\bso\b)\s*(?:(?:and|so|i|we)\s+)*(?:['’]d like|would like|want|need|have|wish)\s+(?:to\s+)?(?:have\s+)?/i,
    '',
  );

/** `a tool for our book club: members with name, books with title`: what comes before the colon is only a title. */
function withoutPreface(
  { title, rest }: { title: string | undefined; rest: string },
  language: AppLanguage,
): { title: string | undefined; rest: string } {
  const parted = cut(rest, /\s?:\s+|\s[-–—]\s+/);
  if (!parted) return { title, rest };
  const preface = parted.before.match(
    /\b(?:app|application|tool|system|website|place|something|database)\b(?:\s+for\s+(?:my|our|the|a|an)?\s*(.+))?$/i,
  );
  const withFields = [...outside(parted.after).matchAll(/\s(?:with|having|that ha(?:s|ve))\s/g)].length;
  const listsWithin = /^(?:the |my |our )?[\p{L}-]+(?: [\p{L}-]+)? (?:with|having|\()/iu.test(parted.after);
  if (preface && (withFields > 0 || listsWithin))
    return { title: title ?? (preface[1] && sentenceCase(preface[1])), rest: parted.after };
  // `for my bakery: products with name and price`: whose it is, then a list with its fields
  const place = parted.before.match(
    /^(?:(?:for|my|our|the)\s+|(?:i|we)\s+(?:run|have|own)\s+|an?\s+)*(\S.{0,40})$/i,
  )?.[1];
  const [first = ''] = parted.after.split(/\s(?:with|having|that ha(?:s|ve))\s|\s\(/);
  const bare = first.trim().replace(/^(?:the|my|our)\s+/i, '');
  const startsWithList = listsWithin && /^[\p{L} -]{2,40}$/u.test(bare) && isPluralIn(bare, language);
  if (
    !place ||
    !startsWithList ||
    (isPluralIn(place, language) && !/^for\b/i.test(parted.before)) ||
    /\s(?:with|and)\s/i.test(place)
  )
    return { title, rest };
  return { title: title ?? sentenceCase(place), rest: parted.after };
}

/** In the order in which the text names them; what is a part of something else comes after it. */
function asMentioned(
  entities: DraftEntity[],
  relations: DraftRelation[],
  text: string,
  language: AppLanguage,
): DraftEntity[] {
  const lower = text.toLowerCase();
  const at = ({ name }: DraftEntity): number => {
    const one = lower.indexOf(name.toLowerCase());
    const found = one >= 0 ? one : lower.indexOf(pluralIn(name, language).toLowerCase());
    const whole = relations.find((one) => one.part && one.from === name)?.to;
    if (whole) return lower.indexOf(whole.toLowerCase()) + 0.5;
    return found < 0 ? entities.findIndex((one) => one.name === name) * 0.001 + lower.length : found;
  };
  return entities.toSorted((a, b) => at(a) - at(b));
}
