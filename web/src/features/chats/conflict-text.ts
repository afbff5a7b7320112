/** Reads a file that holds both versions, as git marks them (merge.conflictStyle=diff3), and writes it as somebody decided. */

export interface Place {
  kind: 'conflict';
  /** this chat’s lines */
  ours: string;
  /** what both began from; undefined where the marks do not say */
  base: string | undefined;
  /** main’s lines */
  theirs: string;
}
export type Part = { kind: 'same'; text: string } | Place;

/** The parts in order. Every line keeps its end. What only looks like a mark stays text. */
export function readParts(text: string): Part[] {
  const parts: Part[] = [];
  const lines = text.split(/(?<=\n)/);
  let same = '';
  for (let at = 0; at < lines.length; at++) {
    const end = lines[at]!.startsWith('<<<<<<< ') ? closeOf(lines, at) : undefined;
    if (end === undefined) {
      same += lines[at];
      continue;
    }
    if (same) parts.push({ kind: 'same', text: same });
    same = '';
    const within = lines.slice(at + 1, end.close);
    const [base, middle] = [end.base && end.base - at - 1, end.middle - at - 1];
    parts.push({
      kind: 'conflict',
      ours: within.slice(0, base ?? middle).join(''),
      base: base === undefined ? undefined : within.slice(base + 1, middle).join(''),
      theirs: within.slice(middle + 1).join(''),
    });
    at = end.close;
  }
  if (same) parts.push({ kind: 'same', text: same });
  return parts;
}

function closeOf(lines: string[], open: number): { base?: number; middle: number; close: number } | undefined {
  let base: number | undefined;
  let middle: number | undefined;
  for (let at = open + 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('<<<<<<< ')) return undefined;
    if (line.startsWith('||||||| ') && middle === undefined) base ??= at;
    else if (/^={7}\r?\n?$/.test(line)) middle ??= at;
    else if (line.startsWith('>>>>>>> '))
      return middle === undefined ? undefined : { ...(base === undefined ? {} : { base }), middle, close: at };
  }
  return undefined;
}

export const placesOf = (parts: Part[]): Place[] => parts.filter((part) => part.kind === 'conflict');

/** The file with each place as decided, in order. */
export function writeParts(parts: Part[], decided: string[]): string {
  let place = 0;
  return parts.map((part) => (part.kind === 'same' ? part.text : (decided[place++] ?? ''))).join('');
}
