/** Reads one field from a phrase: `rating 1 to 5`, `status (new, paid)`, `whether I finished it`, `email (required, unique)`. */
import { type FieldType, specLimits } from '../../../../../contract/spec.ts';
import type { NewField } from '../../../../../contract/spec-operations.ts';
import { currencyIn, withoutCurrency } from './currency.ts';
import { belonging } from './describe/belonging.ts';
import { computedField } from './formula-words.ts';
import { inferType } from './infer-type.ts';
import { JOINER } from './language/language.ts';
import { onlyRules, type Rules, takeRules } from './rules.ts';
import { choicesIn, sentenceCase, splitOutside, unquoted } from './split.ts';
import { typeNamed } from './type-words.ts';
import { acronyms, daysIn } from './vocabulary.ts';

const leading =
  /^(?:(?:also|and|then|maybe|perhaps|optionally|possibly|please|exactly|one|single|an?|the|its|their|his|her|my|our|your|some|any|each|every|new|another|extra|additional|field|column|property|attribute|for|called|named)\s+)+/i;
const trailing = /\s+(?:field|column|property|attribute|as well|too|please|also|etc\.?|and so on|with(?: an?| the)?)$/i;

/** The field, or nothing when the phrase has no name in it. */
export function readField(phrase: string): NewField | undefined {
  const owner = belonging(phrase);
  if (owner) return readField(owner.field ?? owner.to);
  const optional = /^(?:and\s+)?(?:optionally|maybe|perhaps|possibly)\b/i.test(phrase.trim());
  const truth = whether(phrase);
  if (truth) return { name: truth, type: 'boolean' };
  const asked = whenOrWho(phrase) ?? howOrWhat(phrase);
  if (asked) return asked;
  const quotedName = phrase.match(
    /^(?:(?:an?|the|new|another)\s+)*(?:.*?\b(?:called|named)\s+)?["“]([^"”]+)["”](?:\s+(?:field|column))?(.*)$/s,
  );
  const bracket = readBrackets(quotedName ? `§${quotedName[2]}` : phrase);
  const { rest, rules } = takeRules(bracket.rest);
  const typed = namedType(quotedName ? rest.replace('§', '') : rest);
  const name = quotedName ? quotedName[1]! : typed.name;
  const cleaned = sentenceCase(cleanName(name.replaceAll(JOINER, ' ')));
  if (!/[\p{L}\p{N}\p{S}]/u.test(cleaned)) return undefined;
  if (/^(?:it|this|that|them|those|these|he|she|they|i|we|you|not|no|sure|if|when)\b/i.test(cleaned)) return undefined;
  const field = combine(labelOf(cleaned), { ...typed.rules, ...rules, ...bracket.rules });
  return optional ? { ...field, required: false } : field;
}

/** `whether I have finished it` → `Finished`. */
function whether(phrase: string): string | undefined {
  const match = phrase
    .trim()
    .match(
      /^(?:and\s+|also\s+)*(?:whether|if|a (?:flag|checkbox|tick ?box|box|yes\/no) (?:for|whether|if)|yes\/no:?)\s+(.+)$/i,
    );
  if (!match) return undefined;
  const state = match[1]!
    .replace(/\s*\(.*\)\s*$/, '')
    .replace(/\s+or not$/i, '')
    .replace(
      /^(?:i|we|you|it|they|he|she|someone|somebody|anyone|(?:the|a|an|this|that|each|my|our)\s+[\p{L}-]+)\s+/iu,
      '',
    )
    .replace(/^(?:(?:have|has|had|is|are|was|were|am|do|does|did|will|would|can|be|been|'ve|'s)\s+)+/i, '')
    .replace(/^(?:already|still|ever|currently|been)\s+/i, '')
    .replace(/\s+(?:it|them|this|that|him|her|already|yet)$/i, '')
    .trim();
  return state ? labelOf(sentenceCase(cleanName(state))) : undefined;
}

/** `when I last watered it` is a date, `who picked it` a name. */
function whenOrWho(phrase: string): NewField | undefined {
  const subject = '(?:i|we|it|they|he|she|you)\\s+(?:was\\s+|were\\s+|is\\s+|have\\s+|has\\s+|had\\s+)?';
  const last = phrase
    .trim()
    .match(/^when\s+(?:i|we|they|it|you)\s+(?:have |was |were )?(\w+)(?:\s+(?:it|them|him|her))?\s+last$/i);
  if (last) return { name: `Last ${last[1]!.toLowerCase()}`, type: 'date' };
  const match = phrase
    .trim()
    .match(new RegExp(`^(when|who)\\s+(?:${subject})?(.+?)(?:\\s+(?:it|them|this|that))?$`, 'i'));
  const rest = match && cleanName(match[2]!);
  if (!rest || rest.split(' ').length > 4) return undefined;
  if (match[1]!.toLowerCase() === 'who')
    return /ed$/.test(rest) ? { name: sentenceCase(`${rest} by`), type: 'text' } : undefined;
  return { name: sentenceCase(/^last\b/i.test(rest) ? rest : `${rest} on`), type: 'date' };
}

/** `how many we have`, `what I paid`, `where they stand`, `what’s wrong`: questions that a field answers. */
function howOrWhat(phrase: string): NewField | undefined {
  const bare = phrase
    .trim()
    .replace(/^(?:and|also)\s+/i, '')
    .replace(/[.?!]+$/, '');
  if (/^how (?:many|much)(?: (?:of them )?(?:(?:i|we|they|there) (?:\w+ ?){1,2}|left|in stock))?$/i.test(bare))
    return { name: 'Quantity', type: 'integer' };
  const which = bare.match(/^which ([\p{L}-]+(?: [\p{L}-]+)?) (?:it|they|he|she|we|i|you)\b.*$/iu);
  if (which) return { name: labelOf(sentenceCase(which[1]!)), ...inferType(which[1]!) };
  const many = bare.match(/^how many ([\p{L} -]{2,30}?)(?: (?:i|we|they|there|it|are|is) .*)?$/iu);
  if (many) return { name: labelOf(sentenceCase(many[1]!)), type: 'integer' };
  if (/^how (?:long)(?: .*)?$/i.test(bare)) return { name: 'Duration', type: 'duration' };
  if (/^(?:what|how much)(?: \w+){0,3} (?:paid|cost|costs|spent)(?: for (?:it|them))?$/i.test(bare))
    return { name: /spent|costs?$/i.test(bare) ? 'Cost' : 'Price paid', type: 'money' };
  if (/^where (?:is|are|do|does|i|we|it|they|the)\b.{0,40}$/i.test(bare) || /^where$/i.test(bare))
    return { name: 'Place', type: 'text' };
  const wrong = bare.match(/^what(?:’s|'s| is| was| are) ([\p{L} -]{2,30})$/iu);
  if (wrong)
    return {
      name: /^wrong|broken|the problem$/i.test(wrong[1]!) ? 'Problem' : labelOf(sentenceCase(cleanName(wrong[1]!))),
      type: /wrong|problem|broken|done/i.test(wrong[1]!) ? 'longtext' : 'text',
    };
  if (/^who$/i.test(bare)) return { name: 'Who', type: 'text' };
  const won = bare.match(/^who (won|lost|paid|led|wrote it|made it)$/i);
  if (won)
    return {
      name: { won: 'Winner', lost: 'Loser', paid: 'Paid by', led: 'Led by', 'wrote it': 'Author', 'made it': 'Maker' }[
        won[1]!.toLowerCase()
      ]!,
      type: 'text',
    };
  return undefined;
}

/** What stands in parentheses: rules and types, choices, or a part of the name such as `(EUR)`. */
function readBrackets(phrase: string): { rest: string; rules: Rules } {
  const match = phrase.match(/^(.*?)\s*[([]([^()[\]]*)[)\]]\s*(.*)$/s);
  if (!match) return { rest: phrase, rules: {} };
  const [, before, bracketed = '', after] = match;
  const inside = bracketed.replace(/^type:?\s+/i, '');
  const rest = `${before} ${after}`.trim();
  const parts = splitOutside(inside, /\s*[,;]\s*/g);
  const known = parts.map(readHint);
  if (parts.length > 0 && known.every(Boolean)) return { rest, rules: Object.assign({}, ...known) as Rules };
  const firstType = parts[0] && typeNamed(parts[0].replace(/:.*$/, ''));
  if (firstType === 'choice') {
    const labels = choicesIn(inside.replace(/^[^:,]*[:,]\s*/, ''));
    return { rest, rules: { type: 'choice', choices: labels } };
  }
  const days = daysIn(inside);
  if (days) return { rest, rules: { type: 'choice', choices: days } };
  const choices = choicesIn(
    inside.replace(/^(?:one of|either|e\.g\.|for example|like|such as|options:?|choices:?)\s*/i, ''),
  );
  if (choices.length > 1) return { rest, rules: { type: 'choice', choices: choices.slice(0, specLimits.choices) } };
  return { rest: `${before} (${inside.trim()}) ${after}`.trim(), rules: {} };
}

function readHint(part: string): Rules | undefined {
  const type = typeNamed(part);
  if (type) return { type };
  const { rest, rules } = takeRules(part);
  if (Object.keys(rules).length === 0) return undefined;
  if (!rest) return rules;
  const rated = typeNamed(rest);
  return rated ? { type: rated, ...rules } : undefined;
}

/** `price as a number`, `date of birth`, `a checkbox for done`: a type beside the name. */
function namedType(phrase: string): { name: string; rules: Rules } {
  const trimmed = phrase.trim();
  const after = trimmed.match(/^(.+?)\s*(?:[:,]|\s(?:as|which is|that is|is|of type|being))\s+(.+)$/i);
  const afterType = after && typeNamed(after[2]!);
  if (afterType) return { name: after[1]!, rules: { type: afterType } };
  const before = trimmed.match(/^(.+?)\s+(?:for|called|named|with)\s+(.+)$/i);
  const beforeType = before && typeNamed(before[1]!);
  if (beforeType) return { name: before[2]!, rules: { type: beforeType } };
  const words = trimmed.split(/\s+/);
  for (const count of [3, 2, 1]) {
    const tail = words
      .slice(-count)
      .join(' ')
      .replace(/\s+(?:field|column)s?$/i, '');
    const type = words.length > count ? typeNamed(tail) : undefined;
    // `phone number` and `due date` are names; `paid yes/no` and `notes long text` end in a type
    if (
      type &&
      !/(?:^|\s)(?:in|per|of|an?|the)$/i.test(words.slice(0, -count).join(' ')) &&
      /^(?:yes|no|true|check|tick|bool|long|multi|several|text ?area|rich|free|paragraph|whole|integer|int$|decimal|numeric|float|currency|drop|select|enum|pick|multiple|short|plain|string|single|one line)/i.test(
        tail,
      )
    )
      return { name: words.slice(0, -count).join(' '), rules: { type } };
  }
  return { name: trimmed, rules: {} };
}

/** Puts together what was said and what the name suggests. Numbers from 1 to at most 10 on a rating make stars. */
function combine(given: string, rules: Rules): NewField {
  const inferred = inferType(given);
  const ranged = rules.min !== undefined || rules.max !== undefined;
  let type = rules.type ?? inferred.type;
  const stars =
    (rules.min ?? 1) === 1 &&
    Number.isInteger(rules.max ?? 5) &&
    (rules.max ?? 5) >= 2 &&
    (rules.max ?? 5) <= specLimits.rating;
  const rated = inferred.type === 'rating' || /\b(?:score|grade|rank|liking|enjoyment)$/i.test(given);
  if (!rules.type && ranged && rated) type = stars ? 'rating' : 'integer';
  else if (!rules.type && ranged && !numeric.includes(type) && type !== 'rating') type = 'integer';
  if (type === 'integer' && [rules.min, rules.max].some((bound) => bound && !Number.isInteger(bound))) type = 'number';
  const currency = type === 'money' ? (rules.currency ?? currencyIn(given)) : undefined;
  const name = currency
    ? withoutCurrency(given)
    : type === 'duration'
      ? given.replace(/ in (?:minutes|mins?|Minuten)$/i, '')
      : given;
  const { min, max, choices, type: _, ...others } = rules;
  if (type === 'rating') return { name, type, ...(max && { max }), ...others };
  if (type === 'choice') return { name, type, choices: choices ?? inferred.choices ?? null, ...others };
  return {
    name,
    type,
    ...(numeric.includes(type) && { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }),
    ...(currency && { currency }),
    ...others,
  };
}

const numeric: FieldType[] = ['number', 'integer', 'money', 'percent', 'duration'];

export function cleanName(name: string): string {
  let cleaned = unquoted(name.replace(/[.:;,!]+$/, '').trim());
  for (let before = ''; before !== cleaned; ) {
    before = cleaned;
    cleaned = cleaned.replace(leading, '').replace(trailing, '').trim();
  }
  return cleaned;
}

const labelOf = (name: string): string =>
  name
    .split(' ')
    .map((word) => (acronyms.has(word.toLowerCase()) ? word.toUpperCase() : word))
    .join(' ')
    .slice(0, specLimits.label);

/** Fields from a list of phrases. A phrase that only says a rule belongs to the field before it. */
export function readFields(phrases: string[]): NewField[] {
  const fields: NewField[] = [];
  const sums: [string, string][] = [];
  for (const phrase of phrases) {
    const sum = phrase.match(/^([^=]{1,60}?)\s*=\s*([^=]{3,200})$/);
    if (sum) {
      sums.push([labelOf(sentenceCase(cleanName(sum[1]!))), sum[2]!]);
      continue;
    }
    const last = fields.at(-1);
    if (last && onlyRules(phrase)) Object.assign(last, takeRules(phrase).rules);
    else {
      const field = readField(phrase);
      if (field && !fields.some((other) => other.name.toLowerCase() === field.name.toLowerCase())) fields.push(field);
    }
  }
  for (const [name, sum] of sums) fields.push(computedField(name, sum, fields));
  return fields;
}
