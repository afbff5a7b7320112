/** Finds what somebody may have meant: edit distance with swapped neighbours (optimal string alignment), over names in small letters. */

export function distance(a: string, b: string): number {
  let above: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const single = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      next.push(swapped ? Math.min(single, above[j - 2]! + 1) : single);
    }
    [above, row] = [row, next];
  }
  return row[b.length]!;
}

/** The names that are near to `wanted`, nearest first. A name that contains it, or is contained, is near too. */
export function nearest(wanted: string, names: string[], most = 4): string[] {
  const lower = wanted.toLowerCase().slice(0, 60);
  const scored = names.map((name) => {
    const other = name.toLowerCase();
    const inside = lower.length >= 3 && (other.includes(lower) || (lower.includes(other) && other.length >= 3));
    return { name, score: inside ? 1 : distance(lower, other) };
  });
  return scored
    .filter(({ name, score }) => score <= Math.max(1, Math.floor(Math.min(lower.length, name.length) / 3)))
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ name }) => name);
}

/** All of the names, nearest first, whatever their accents. */
export function byNearness(wanted: string, names: string[]): string[] {
  const bare = (text: string) => text.toLowerCase().slice(0, 60).normalize('NFD').replace(/\p{M}/gu, '');
  const scored = names.map((name) => ({ name, score: distance(bare(wanted), bare(name)) }));
  return scored.sort((a, b) => a.score - b.score).map(({ name }) => name);
}
