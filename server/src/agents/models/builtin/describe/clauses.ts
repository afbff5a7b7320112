/** Takes a description apart into clauses, each about one list, and brings some ways of writing into one form first. */
import { nextPage } from '../commands/pages.ts';
import { choiceWords } from '../field-words.ts';
import { inferType } from '../infer-type.ts';
import { together } from '../language/language.ts';
import { splitOutside } from '../split.ts';

/** Not `with 5 stars` or `with a default`: those are rules of one field. */
export const notFields =
  '(?!\\s+(?:\\d|up to|at (?:most|least)|(?:a |the )?(?:default|range|max|min|options?|choices?|values?)))';
const several = '(?:several|many|multiple|various|different|some|lots|one or more|any number)';
const word = '[\\p{L}\\p{N}’-]+';
/** A new entity inside a sentence: `… and orders with date …`, `…, a course has a title`. */
const nextEntity = new RegExp(
  `\\s*(?:,\\s*(?:and\\s+)?|\\s+and\\s+)(?:(?:also|track|then)\\s+)*(?=(?:(?:the|an?|my|our|their|each|every)\\s+)?(?!(?:that|which|who|qui|que)\\s)${word}(?:\\s(?!(?:and|or|with|has|have|that|which|who|qui|que)\\s)${word}){0,2}\\s+(?:with${notFields}|having|ha(?:s|ve)|(?:that|which|who) ha(?:s|ve)|belongs? to)\\s)`,
  'giu',
);
/** `… and every kid is in one group` after another sentence. */
const nextSentence = new RegExp(
  `(?:,\\s*(?:and\\s+)?|\\s+and\\s+)(?=(?:each|every)\\s+${word}(?:\\s${word})?\\s+(?:is|are|can|may|must|should|belongs?|works?)\\s)`,
  'giu',
);

/** `each book has a title`, `students have name and email`: fields, unless there are several of something. */
const owns = new RegExp(
  `^(?:(each|every|an?|the|all|my|our)\\s+)?(${word}(?:\\s(?!and |with |can |may )${word}){0,2})\\s+(?:should\\s+|must\\s+)?(has|have|needs?)\\s+(?!${several}\\b|exactly |to )`,
  'iu',
);

/** Sentences and lines, each about one entity; bullets below a line belong to it. */
export function clausesOf(text: string): string[] {
  const joined = together(text)
    .replace(/\r/g, '')
    .replace(/\n\s*(?:[-*•]|\d+[.)])\s+/g, ', ')
    .replace(/:\s*,/g, ':')
    .replace(
      /[.;]\s+(?:they|it|these|those|each(?: one)?|every one)(?: each)? (?:should )?(?:ha(?:s|ve)|needs?)\s+/gi,
      ' with ',
    )
    .replace(
      /\b(start|first|opening|purchase|buying|check-in|min|minimum|loan|begin) and (?:an? )?(end|last|closing|selling|sale|check-out|max|maximum|return) (date|time|price|day)s?\b/gi,
      '$1 $3 and $2 $3',
    );
  return splitOutside(joined, /\s*(?:;|\n|[.!?](?=\s|$))\s*(?:and\s+)?/g)
    .flatMap((clause) => splitOutside(clause, nextSentence))
    .flatMap((clause) => splitOutside(clause, nextEntity))
    .flatMap((clause) => splitOutside(clause, nextPage))
    .flatMap(whoClause)
    .map(withBracketedChoices)
    .map((clause) =>
      clause.replace(owns, (whole, every: string | undefined, name: string, verb: string) => {
        const someone = /^(?:i|we|you|they|it|who|that|which)$/i.test(name) || /\b(?:i|we)\b/i.test(name);
        // `our club needs a list` speaks of the club, `each book needs a title` of books
        const wish = /^need/i.test(verb) && !/^(?:each|every)/i.test(every ?? '');
        return someone || wish ? whole : `${name} with `;
      }),
    );
}

/** `contacts (name, email) who work at a company` → two sentences. */
function whoClause(clause: string): string[] {
  const match = clause.match(
    /^((?:the |my |our )?([\p{L}-]+(?: [\p{L}-]+)?) \([^()]+\)),? (?:who|that|which) ((?:work|belong|live|are|can|have|is)\b.+)$/iu,
  );
  return match ? [match[1]!, `${match[2]} ${match[3]}`] : [clause];
}

/** `status new, paid, shipped` and `priority high/medium/low` get their choices in brackets, so that commas part only fields. */
export function withBracketedChoices(clause: string): string {
  const slashed = clause.replace(
    /(?<=^|[,:;]\s*|\b(?:with|and|an?)\s+|:\s*)((?:[\p{L}-]+ )?[\p{L}-]+) ([\p{L}-]+(?: (?!and )[\p{L}-]+){0,2}(?:\s*\/\s*[\p{L}-]+(?: (?!and\b)[\p{L}-]+){0,2}){1,9})(?=\s*(?:,|;|\.|$|\band\b))/giu,
    (whole, name: string, options: string) =>
      /^(?:yes|no|true|false)\b/i.test(options) || /\b(?:and|with|or)$/i.test(name)
        ? whole
        : `${name} (${options.replace(/\s*\/\s*/g, ', ')})`,
  );
  const at = new RegExp(
    `(?<=^|[,:]\\s*|\\b(?:with|and|an?)\\s+)((?:${word} )?(?:${[...choiceWords].join('|')}))(?:\\s+(?:is|are|either|:))?\\s+(?!like\\b|such\\b|and\\b|is\\b|are\\b|can\\b|or\\b|of\\b|to\\b|for\\b|as\\b|in\\b|from\\b|by\\b|with\\b|has\\b|have\\b|\\()([\\p{L}-][^:;().]*)$`,
    'iu',
  );
  const found = slashed.match(at);
  if (!found?.[2] || !/,|\bor\b/.test(found[2])) return slashed;
  const parts = found[2].split(/\s*,\s*(?:and |or )?|\s+(?:or|and)\s+/);
  const isField = (part: string) =>
    /^(?:an?|the|my|which|when|who|how)\s/i.test(part) ||
    (!/^(?:work )?in progress$/i.test(part) && !['text', 'boolean'].includes(inferType(part).type));
  const upTo = parts.findIndex((part) => isField(part) || part.split(' ').length > 3);
  const options = upTo < 0 ? parts : parts.slice(0, upTo);
  if (options.length < 2) return slashed;
  const rest = upTo < 0 ? [] : parts.slice(upTo);
  return [`${slashed.slice(0, found.index)}${found[1]} (${options.join(', ')})`, ...rest].join(', ');
}
