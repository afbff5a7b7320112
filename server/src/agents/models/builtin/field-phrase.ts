/** Reads one field from a phrase: `rating 1 to 5`, `status (new, paid)`, `whether I finished it`, `email (required, unique)`. */
import { specLimits } from '../../../../../contract/spec.ts';
import type { NewField } from '../../../../../contract/spec-operations.ts';
import { inferType } from './infer-type.ts';
import { onlyRules, type Rules, takeRules } from './rules.ts';
import { choicesIn, sentenceCase, splitOutside, unquoted } from './split.ts';
import { typeNamed } from './type-words.ts';
import { acronyms } from './vocabulary.ts';

const leading =
  /^(?:(?:also|and|then|maybe|perhaps|optionally|possibly|please|an?|the|its|their|his|her|my|our|your|some|any|each|every|new|another|extra|additional|field|column|property|attribute|for|called|named)\s+)+/i;
const trailing = /\s+(?:field|column|property|attribute|as well|too|please|also|etc\.?|and so on)$/i;

/** The field, or nothing when the phrase has no name in it. */
export function readField(phrase: string): NewField | undefined {
  const optional = /^(?:and\s+)?(?:optionally|maybe|perhaps|possibly)\b/i.test(phrase.trim());
  const truth = whether(phrase);
  if (truth) return { name: truth, type: 'boolean' };
  const asked = whenOrWho(phrase);
  if (asked) return asked;
  const quotedName = phrase.match(
    /^(?:(?:an?|the|new|another)\s+)*(?:.*?\b(?:called|named)\s+)?["“]([^"”]+)["”](?:\s+(?:field|column))?(.*)$/s,
  );
  const bracket = readBrackets(quotedName ? `§${quotedName[2]}` : phrase);
  const { rest, rules } = takeRules(bracket.rest);
  const typed = namedType(quotedName ? rest.replace('§', '') : rest);
  const name = quotedName ? quotedName[1]! : typed.name;
  const cleaned = sentenceCase(cleanName(name));
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
  const match = phrase
    .trim()
    .match(new RegExp(`^(when|who)\\s+(?:${subject})?(.+?)(?:\\s+(?:it|them|this|that))?$`, 'i'));
  const rest = match && cleanName(match[2]!);
  if (!rest || rest.split(' ').length > 4) return undefined;
  if (match[1]!.toLowerCase() === 'who')
    return /ed$/.test(rest) ? { name: sentenceCase(`${rest} by`), type: 'text' } : undefined;
  return { name: sentenceCase(/^last\b/i.test(rest) ? rest : `${rest} on`), type: 'date' };
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
      !/\s(?:in|per|of)$/i.test(words.slice(0, -count).join(' ')) &&
      !/^(?:number|date|day|amount|price|notes|count|rating|stars?|text|words?|options?|choices?)$/i.test(tail)
    )
      return { name: words.slice(0, -count).join(' '), rules: { type } };
  }
  return { name: trimmed, rules: {} };
}

/** Puts together what was said and what the name suggests. Numbers from 1 to at most 10 on a rating make stars. */
function combine(name: string, rules: Rules): NewField {
  const inferred = inferType(name);
  const ranged = rules.min !== undefined || rules.max !== undefined;
  let type = rules.type ?? inferred.type;
  const stars =
    (rules.min ?? 1) === 1 &&
    Number.isInteger(rules.max ?? 5) &&
    (rules.max ?? 5) >= 2 &&
    (rules.max ?? 5) <= specLimits.rating;
  const rated = inferred.type === 'rating' || /\b(?:score|grade|rank|liking|enjoyment)$/i.test(name);
  if (!rules.type && ranged && rated) type = stars ? 'rating' : 'integer';
  else if (!rules.type && ranged && type !== 'number' && type !== 'rating') type = 'integer';
  if (type === 'integer' && [rules.min, rules.max].some((bound) => bound && !Number.isInteger(bound))) type = 'number';
  const { min, max, choices, type: _, ...others } = rules;
  if (type === 'rating') return { name, type, ...(max && { max }), ...others };
  if (type === 'choice') return { name, type, choices: choices ?? inferred.choices ?? null, ...others };
  const numeric = type === 'number' || type === 'integer';
  return {
    name,
    type,
    ...(numeric && { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }),
    ...others,
  };
}

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
  for (const phrase of phrases) {
    const last = fields.at(-1);
    if (last && onlyRules(phrase)) Object.assign(last, takeRules(phrase).rules);
    else {
      const field = readField(phrase);
      if (field && !fields.some((other) => other.name.toLowerCase() === field.name.toLowerCase())) fields.push(field);
    }
  }
  return fields;
}
