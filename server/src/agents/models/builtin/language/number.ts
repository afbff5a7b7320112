/** One or several, in four languages: the names of lists need both, and the spec's own plural is English. */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import { pluralOf as englishPlural, singularOf as englishSingular } from '../../../../builds/spec/plural.ts';
import { nouns } from './nouns.ts';

type Change = (word: string) => string | undefined;

/** By the end of a word; the first that fits. */
const ends =
  (...rules: [RegExp, string][]): Change =>
  (word) => {
    const rule = rules.find(([end]) => end.test(word));
    return rule && word.replace(rule[0], rule[1]);
  };

const toOne: Record<Exclude<AppLanguage, 'en'>, Change> = {
  de: ends(
    [/(ung|heit|keit|schaft|ion|tät)en$/, '$1'],
    [/innen$/, 'in'],
    [/(t?i[kv]|eur|ant|ent|ist)en$/, '$1'],
    [/([ao])s$/, '$1'],
    [/nen$/, 'n'],
    [/([^aeiou]e)n$/, '$1'],
  ),
  fr: ends([/(eau|eu|ou)x$/, '$1'], [/aux$/, 'al'], [/([^s])s$/, '$1']),
  es: ends([/iones$/, 'ión'], [/ces$/, 'z'], [/([lrnds])es$/, '$1'], [/([aeoiu])s$/, '$1'], [/s$/, '']),
};
const toMany: Record<Exclude<AppLanguage, 'en'>, Change> = {
  de: ends(
    [/(ung|heit|keit|schaft|ion|tät)$/, '$1en'],
    [/in$/, 'innen'],
    [/(er|el|chen|lein|en)$/, '$1'],
    [/e$/, 'en'],
    [/([aoiuy])$/, '$1s'],
    [/$/, 'e'],
  ),
  fr: ends([/(s|x|z)$/, '$1'], [/(eau|eu)$/, '$1x'], [/al$/, 'aux'], [/$/, 's']),
  es: ends([/ión$/, 'iones'], [/z$/, 'ces'], [/([aeiouáéó])$/, '$1s'], [/s$/, 's'], [/$/, 'es']),
};

/** French and Spanish put what a thing is first (`carnet de notes`); English and German last. */
function onWord(label: string, language: AppLanguage, change: Change): string {
  const first = language === 'fr' || language === 'es';
  const words = label.split(' ');
  const upTo = first
    ? words.findIndex((word, at) => at > 0 && /^(?:d|de|del|des|du|d’|à|para|pour|con|avec)$/i.test(word))
    : -1;
  const chosen = words.map((_, at) => (first ? (upTo < 0 ? true : at < upTo) : at === words.length - 1));
  return words
    .map((word, at) => (chosen[at] ? sameCase(word, change(word.toLowerCase()) ?? word.toLowerCase()) : word))
    .join(' ');
}

const sameCase = (before: string, after: string): string =>
  before[0] !== before[0]?.toLowerCase() ? after[0]!.toUpperCase() + after.slice(1) : after;

/** From the list of known nouns, whole or as the end of a German compound. */
function known(word: string, language: Exclude<AppLanguage, 'en'>, many: boolean): string | undefined {
  const pairs = many ? nouns[language].many : nouns[language].one;
  const whole = pairs.get(word);
  if (whole || language !== 'de') return whole;
  // `mit Schülern`, `von Büchern`: several, in the dative
  const dative = many || !/[elr]n$/.test(word) ? undefined : nouns.de.one.get(word.slice(0, -1));
  if (dative) return dative;
  for (let at = 2; at <= word.length - 4; at++) {
    const end = pairs.get(word.slice(at));
    if (end) return word.slice(0, at) + end;
  }
  return undefined;
}

/** `Kunden` → `Kunde`; what is one already comes back as it is. */
export function singularIn(label: string, language: AppLanguage): string {
  if (language === 'en') return englishSingular(label);
  return onWord(
    label,
    language,
    (word) => known(word, language, false) ?? (isOne(word, language) ? word : toOne[language](word)),
  );
}

/** `Kunde` → `Kunden`. */
export function pluralIn(label: string, language: AppLanguage): string {
  if (language === 'en') return englishPlural(label);
  return onWord(label, language, (word) => known(word, language, true) ?? toMany[language](word));
}

/** The last part of a German compound that is known as one. */
const isOne = (word: string, language: Exclude<AppLanguage, 'en'>): boolean =>
  known(word, language, true) !== undefined;

export const isPluralIn = (label: string, language: AppLanguage): boolean => singularIn(label, language) !== label;
