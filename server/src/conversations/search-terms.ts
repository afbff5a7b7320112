/** What is looked for, and how a text that has it is shown: all words must be there, in any order; words in quotes in that order. */

export type Terms = RegExp[];
const MOST_TERMS = 8;
const AROUND = 60;

/** `red "due date"` looks for both, whatever their case. */
export function termsOf(query: string): Terms {
  const found = [...query.matchAll(/"([^"]+)"|(\S+)/g)].map(([, quoted, word]) => (quoted ?? word ?? '').trim());
  return found
    .filter((term) => term !== '' && term !== '"')
    .slice(0, MOST_TERMS)
    .map((term) => new RegExp(term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+'), 'giu'));
}

/** The surroundings of the first place that fits, with every word marked; undefined when a word is missing. */
export function snippetOf(text: string, terms: Terms): { text: string; hit: boolean }[] | undefined {
  let first = Number.POSITIVE_INFINITY;
  for (const term of terms) {
    const at = text.search(term);
    if (at < 0) return undefined;
    first = Math.min(first, at);
  }
  const from = wordBegin(text, Math.max(0, first - AROUND));
  const to = Math.min(text.length, first + 3 * AROUND);
  const piece = text.slice(from, to).replace(/\s+/g, ' ');
  const marked: boolean[] = new Array(piece.length).fill(false);
  for (const term of terms)
    for (const match of piece.matchAll(term)) marked.fill(true, match.index, match.index + match[0].length);
  const runs: { text: string; hit: boolean }[] = [];
  for (let i = 0; i < piece.length; i++) {
    const last = runs.at(-1);
    if (last && last.hit === marked[i]) last.text += piece[i];
    else runs.push({ text: piece[i]!, hit: marked[i]! });
  }
  if (from > 0) runs.unshift({ text: '…', hit: false });
  if (to < text.length) runs.push({ text: '…', hit: false });
  return runs;
}

/** The begin of the word at a place, so that nothing is shown from its middle. */
function wordBegin(text: string, at: number): number {
  if (at === 0) return 0;
  const gap = text.slice(at, at + 20).search(/\s/);
  return gap < 0 ? at : at + gap + 1;
}
