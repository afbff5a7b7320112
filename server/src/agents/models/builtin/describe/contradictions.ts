/** Finds wishes that cannot both be true, to ask which one counts: `phone but no phone number`, `email is optional and required`. */
import type { Question } from '../outcome.ts';
import { sentenceCase } from '../split.ts';

const excluded =
  /(?:,?\s+but|,|\s+and)\s+(?:no|not|without(?: an?| the)?|never(?: an?)?)\s+([\p{L} -]{2,40}?)(?:\s+please)?(?=[.,;!?]|$)/giu;
const key = (name: string) =>
  name
    .toLowerCase()
    .replace(/\b(?:numbers?|address(?:es)?|fields?|the|an?)\b/g, '')
    .replace(/[^\p{L}]/gu, '')
    .replace(/s$/, '');

export interface Contradiction {
  ask: Question;
  /** the text as it is meant once that option was chosen */
  meant: Record<string, string>;
}

/** The first contradiction in a description. @param text in English words */
export function contradictionIn(text: string): Contradiction | undefined {
  for (const match of text.matchAll(excluded)) {
    const name = match[1]!.trim();
    const before = text.slice(0, match.index);
    const words = before.match(/[\p{L}-]+/gu) ?? [];
    const wanted = words.find((word) => key(word) === key(name) && key(name) !== '');
    if (!wanted) continue;
    const [keep, leave] = [`With ${wanted}`, `Without ${wanted}`];
    const kept = text.replace(match[0], '');
    const left = kept.replace(new RegExp(`(?:,|\\s+and|(?<=with))\\s+${wanted}(?![\\p{L}])`, 'iu'), '');
    return {
      ask: {
        question: `You name ${wanted}, and say that there should be no ${name}. Which one is it?`,
        options: [{ label: keep }, { label: leave }],
        allowText: false,
      },
      meant: { [keep.toLowerCase()]: kept, [leave.toLowerCase()]: left },
    };
  }
  const both = text.match(
    /\b([\p{L}-]+(?: [\p{L}-]+)?) (?:is|are|should be|must be) (?:both )?(?:(optional) (?:and|but)(?: also)? (?:required|mandatory)|(required|mandatory) (?:and|but)(?: also)? optional)\b/iu,
  );
  if (!both) return undefined;
  const name = both[1]!.replace(/^(?:the|an?|and|but) /i, '');
  return {
    ask: {
      question: `Should ${name} be required or optional? It cannot be both.`,
      options: [
        { label: 'Required', detail: `${sentenceCase(name)} must be filled in` },
        { label: 'Optional', detail: `${sentenceCase(name)} may stay empty` },
      ],
      allowText: false,
    },
    meant: {
      required: text.replace(both[0], `${name} is required`),
      optional: text.replace(both[0], `${name} is optional`),
    },
  };
}
