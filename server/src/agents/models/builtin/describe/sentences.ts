/** Sentences about a list beside its fields: what it has several of, the states that it can be in, examples of its choices. */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import { readFields } from '../field-phrase.ts';
import { choiceWords } from '../field-words.ts';
import { singularIn } from '../language/number.ts';
import { choicesIn, items, sentenceCase } from '../split.ts';
import type { Said } from './draft.ts';
import { looksLikeFields, several, thing } from './lists.ts';
import type { Reading } from './read-clause.ts';

/** `each order has several lines with a product and a quantity`, `customers have cars (make, model)`, `for each car we note jobs: …` */
export function childOf(clause: string, isThing: (words: string) => boolean): Said | undefined {
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

/** `plots are either free, rented or on the waiting list` */
export function stateOf(clause: string, isKnown: (name: string) => boolean, language: AppLanguage): Said | undefined {
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
export function examplesOf(clause: string, { language, subject: last, known }: Reading): Said | undefined {
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
