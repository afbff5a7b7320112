/** Fields in a list, and lists that hide among them: `several lines`, `cars (make, model)`, `customers (name, email) and orders`. */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import type { NewField } from '../../../../../../contract/spec-operations.ts';
import { readFields } from '../field-phrase.ts';
import { choiceWords } from '../field-words.ts';
import { inferType } from '../infer-type.ts';
import { isPluralIn, singularIn } from '../language/number.ts';
import { items, sentenceCase } from '../split.ts';
import { containers } from '../vocabulary.ts';
import { belonging } from './belonging.ts';
import type { DraftEntity, DraftRelation, Said } from './draft.ts';
import { readHead, withoutLead } from './head.ts';

/** Words that say that there are several, as a pattern. */
export const several =
  '(?:several|many|multiple|various|different|some|lots of|one or more|one or several|any number of|a few)';
/** One to three words that name something, as a pattern. */
export const thing = "([\\p{L}’'-]+(?: (?!and |with |has |have |is |are )[\\p{L}’'-]+){0,2})";

export const plainNames =
  /^(?:name|title|make|model|colour|color|author|artist|address|city|street|type|brand|species|breed|first name|last name|surname|subject|room|class|number|licence plate|opponent)$/i;
export const looksLikeFields = (parts: string[]): boolean =>
  parts.filter((part) => plainNames.test(part.trim()) || inferType(part).type !== 'text').length * 3 >= parts.length;

/** Fields, and the lists that hide among them: `several lines`, `cars (make, model)`. */
export function fieldsOrLists(owner: string, parts: string[], language: AppLanguage): { fields: NewField[] } & Said {
  const entities: DraftEntity[] = [];
  const relations: DraftRelation[] = [];
  const own = parts.flatMap((part) => {
    const found = belonging(part);
    if (!found) return [part];
    relations.push({ from: owner, to: found.to, kind: 'one' });
    return found.field ? [found.field] : [];
  });
  const plain = own.filter((part) => {
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
export const isListName = (item: string, language: AppLanguage): boolean =>
  isPluralIn(item, language) && inferType(item).type === 'text';

/** `customers (name, email) and orders (date)`, or plain `books and authors`. */
export function readList(text: string, language: AppLanguage): DraftEntity[] {
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
