/** Rules in words: required, unique, ranges, lengths, defaults, choices. Found rules are taken out of the phrase, the rest is a name. */
import type { NewField } from '../../../../../contract/spec-operations.ts';
import { choicesIn, unquoted } from './split.ts';

export type Rules = Partial<Omit<NewField, 'id' | 'name'>>;

interface Pattern {
  pattern: RegExp;
  read(match: RegExpMatchArray): Rules;
}

const number = (text: string): number => Number(text.replace(/,(?=\d{3}\b)/g, '').replace(',', '.'));
const range = (low: string, high: string): Rules => ({ min: number(low), max: number(high) });
const amount = '(-?\\d+(?:[.,]\\d+)?)';
const be = '(?:(?:must|should|has to|have to|needs? to|can|may) (?:be |not be )?|which is |that is |is |are )?';

/** In this order: the longer ways of saying something come first. */
const patterns: Pattern[] = [
  {
    pattern:
      /\b(?:(?:must|should|has to|have to) be |which is |that is |is )?(?:not required|not mandatory|optional(?:ly)?|not needed|can be (?:left )?empty|may be (?:left )?empty)\b/i,
    read: () => ({ required: false }),
  },
  {
    pattern: /\b(?:must|may|should|can)(?: ?not|n't) be (?:left )?(?:empty|blank)\b/i,
    read: () => ({ required: true }),
  },
  {
    pattern: new RegExp(`\\b${be}(?:required|mandatory|compulsory|obligatory|filled in)\\b`, 'i'),
    read: () => ({ required: true }),
  },
  { pattern: /\b(?:is |are )?(?:not unique|no longer unique)\b/i, read: () => ({ unique: false }) },
  {
    pattern: new RegExp(`\\b${be}(?:unique|different (?:in|for) (?:every|each) \\w+)\\b`, 'i'),
    read: () => ({ unique: true }),
  },
  {
    pattern: new RegExp(
      `\\b(?:up to|at most|max(?:imum)?(?: of)?|no more than|not longer than) ${amount} (?:characters|letters|signs)\\b`,
      'i',
    ),
    read: (match) => ({ maxLength: number(match[1]!) }),
  },
  {
    pattern: new RegExp(
      `\\b(?:out of|up to|of up to) ${amount}(?: stars?)?\\b|\\bwith (\\d+) stars\\b|\\b(\\d+)[ -]stars?\\b`,
      'i',
    ),
    read: (match) => ({ max: number(match[1] ?? match[2] ?? match[3]!) }),
  },
  {
    pattern: new RegExp(
      `\\b(?:(?:a number |goes |ranging |range )?(?:from|between|of) )?${amount}(?: ?(?:to|and|through) ?| ?[-–—] ?)${amount}(?: stars?)?(?![\\w-])`,
      'i',
    ),
    read: (match) => range(match[1]!, match[2]!),
  },
  {
    pattern: new RegExp(
      `\\b${be}(?:at least|min(?:imum)?(?: of)?|no less than|not less than|not below|from) ${amount}(?![\\w-])`,
      'i',
    ),
    read: (match) => ({ min: number(match[1]!) }),
  },
  {
    pattern: new RegExp(`\\b${be}(?:more than|above|over) ${amount}(?![\\w-])`, 'i'),
    read: (match) => ({ min: number(match[1]!) }),
  },
  {
    pattern: new RegExp(
      `\\b${be}(?:at most|max(?:imum)?(?: of)?|no more than|not more than|below|under) ${amount}(?![\\w-])`,
      'i',
    ),
    read: (match) => ({ max: number(match[1]!) }),
  },
  { pattern: /\b(?:not negative|never negative|positive(?: number)?)\b/i, read: () => ({ min: 0 }) },
  {
    pattern:
      /\b(?:with (?:a )?|the )?(?:default(?:s|ing)?(?: value)?(?: (?:to|of|is|being))?|by default|preset(?: to)?|starts? (?:as|with)|initially)[ :]+(["“][^"”]+["”]|[^,;()]+)$/i,
    read: (match) => ({ default: unquoted(match[1]!) }),
  },
  {
    pattern:
      /[:\s]\s*(?:(?:is|can be|may be|must be|should be|being|as|with)\s+)?(?:one of|either|any of|(?:the )?(?:options|choices|values))(?: are| being|:)?\s+(.+)$/i,
    read: (match) => ({ type: 'choice', choices: choicesIn(match[1]!) }),
  },
  {
    pattern: /\s(?:can|may|could|must|should) (?:only )?be (.+(?:,| or ).+)$/i,
    read: (match) => ({ type: 'choice', choices: choicesIn(match[1]!) }),
  },
];

/** Takes every rule that it finds out of the phrase. */
export function takeRules(phrase: string): { rest: string; rules: Rules } {
  const rules: Rules = {};
  let rest = phrase;
  for (const { pattern, read } of patterns) {
    const match = rest.match(pattern);
    if (!match) continue;
    const found = read(match);
    if (Object.keys(found).every((key) => key in rules)) continue;
    Object.assign(rules, { ...found, ...rules });
    rest = rest.replace(match[0], ' ').replace(/\s+/g, ' ').trim();
  }
  return { rest, rules };
}

/** Whether a phrase is nothing but rules: then it says something about a field, and is none. */
export const onlyRules = (phrase: string): boolean => {
  const { rest, rules } = takeRules(phrase);
  return Object.keys(rules).length > 0 && !/[\p{L}\p{N}]/u.test(rest);
};
