/**
 * People describe apps in four languages. What a sentence is built of (with, each, belongs to, add … to) is put into English words, so
 * that one set of rules reads it; what things are called stays as it was written and becomes the labels.
 */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import { outside } from '../split.ts';
import { french } from './french.ts';
import { german } from './german.ts';
import { spanish } from './spanish.ts';

export interface Language {
  /** words that hardly any other language has */
  marks: string;
  /** whole sentences, first match wins: a pattern without anchors and what it becomes */
  sentences: [string, string][];
  /** pieces, in this order */
  pieces: [string, string][];
}

const languages: Record<Exclude<AppLanguage, 'en'>, Language> = { de: german, fr: french, es: spanish };
const englishMarks =
  'the and with for each has have of to is are my our every which that who i we they it want need add remove make';

const marks = new Map<AppLanguage, Set<string>>([
  ['en', new Set(englishMarks.split(' '))],
  ...Object.entries(languages).map(([code, one]): [AppLanguage, Set<string>] => [
    code as AppLanguage,
    new Set(one.marks.split(' ')),
  ]),
]);

/** The language of a text. @param before what it is taken for when nothing in it tells */
export function languageOf(text: string, before: AppLanguage = 'en'): AppLanguage {
  const words = text.toLowerCase().match(/[\p{L}’']+/gu) ?? [];
  let best: { code: AppLanguage; hits: number } = { code: before, hits: 0 };
  for (const [code, known] of marks) {
    const hits = words.filter((word) => known.has(word)).length;
    if (hits > best.hits || (hits === best.hits && hits > 0 && code === before)) best = { code, hits };
  }
  return best.code;
}

const edge = (pattern: string) => `(?<![\\p{L}\\p{N}\\u2060])(?:${pattern})(?![\\p{L}\\p{N}\\u2060])`;

const compiled = new Map(
  Object.entries(languages).map(([code, { sentences, pieces }]) => [
    code,
    {
      sentences: sentences.map(([from, to]) => [new RegExp(`^(?:${from})[.!?]*$`, 'iu'), to] as const),
      pieces: pieces.map(([from, to]) => [new RegExp(edge(from), 'giu'), to] as const),
    },
  ]),
);

/** The text with English words between its names. Quoted parts stay as they are. */
export function inEnglishWords(text: string, language: AppLanguage): string {
  const rules = compiled.get(language);
  if (!rules) return text;
  const parts = together(text).split(/(?<=[.!?;\n])\s+(?=\S)/);
  return parts
    .map((part) => {
      const trimmed = part.trim();
      const whole = rules.sentences.find(([from]) => from.test(trimmed));
      const said = whole ? trimmed.replace(whole[0], whole[1]) : trimmed;
      return rules.pieces.reduce((rest, [from, to]) => replaceOutside(rest, from, to), said);
    })
    .join('\n');
}

/** Replaces where the pattern matches outside of quotation marks. */
function replaceOutside(text: string, pattern: RegExp, to: string): string {
  if (!/["“]/.test(text)) return text.replace(pattern, to);
  const quoted = /(["“][^"”]*["”])/;
  return text
    .split(quoted)
    .map((part) => (quoted.test(part) ? part : part.replace(pattern, to)))
    .join('');
}

/** Names of two words that belong together, kept from being parted at their `and`. */
export const together = (text: string): string =>
  outside(text).includes(' ')
    ? text.replace(
        /\b(date and time|datum und (?:uhrzeit|zeit)|tag und uhrzeit|date et heure|jour et heure|fecha y hora|d[ií]a y hora|terms and conditions|drag and drop)\b/giu,
        (name) => name.replaceAll(' ', JOINER),
      )
    : text;
/** Stands for a space inside of a name while a text is taken apart; nobody's message has it. */
export const JOINER = '\u2060';
