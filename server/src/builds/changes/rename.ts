/** Renames that never lose a row and never collide, also when two things swap their names. */

export interface Rename {
  from: string;
  to: string;
}

/**
 * Puts renames into an order in which each new name is free, with a stop at a third name where names go in a circle.
 * @param taken all names in use before, renamed things included
 */
export function orderRenames(wanted: readonly Rename[], taken: Iterable<string>): Rename[] {
  const inUse = new Set(taken);
  const ordered: Rename[] = [];
  let waiting = wanted.filter(({ from, to }) => from !== to);
  const make = (rename: Rename) => {
    ordered.push(rename);
    inUse.delete(rename.from);
    inUse.add(rename.to);
  };
  while (waiting.length > 0) {
    const next = waiting.find(({ to }) => !inUse.has(to));
    if (next) {
      make(next);
      waiting = waiting.filter((rename) => rename !== next);
    } else {
      const [first, ...others] = waiting;
      let count = 1;
      while (inUse.has(`moved_${count}`)) count++;
      make({ from: first!.from, to: `moved_${count}` });
      waiting = [...others, { from: `moved_${count}`, to: first!.to }];
    }
  }
  return ordered;
}
