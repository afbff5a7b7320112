/**
 * Two lines of work that need different packages: package.json's dependencies are merged by name, and the lockfile is never merged as text but
 * made anew from what came of it.
 */
import {
  LOCK_FILE,
  type Lock,
  MANIFEST_FILE,
  type Needs,
  noNeeds,
  readLock,
  readNeeds,
  writeNeeds,
} from '../hosting/packages/needs.ts';

export interface Conflict {
  path: string;
  reason: string;
}

/** Works out the lockfile's text, keeping the versions of those that are known. */
export type Relock = (needs: Needs, known: (Lock | undefined)[]) => Promise<string | undefined>;

type Files = Map<string, Buffer | string>;
const KINDS = ['dependencies', 'devDependencies'] as const;

export interface MergedPackages {
  conflicts: Conflict[];
  /** puts them into the merged files; asks for a new lockfile only where neither side's fits */
  write: (files: Files, relock: Relock) => Promise<void>;
}

export function mergePackages(base: Files, ours: Files, theirs: Files): MergedPackages {
  const [b, o, t] = [base, ours, theirs].map((files) => readNeeds(files.get(MANIFEST_FILE)?.toString())) as [
    Needs,
    Needs,
    Needs,
  ];
  const conflicts: Conflict[] = [];
  const merged: Needs = { dependencies: {}, devDependencies: {} };
  const names = new Set([b, o, t].flatMap((needs) => KINDS.flatMap((kind) => Object.keys(needs[kind]))));
  for (const name of names) {
    const [was, mine, main] = [at(b, name), at(o, name), at(t, name)];
    const same = (one: Place, other: Place) => one?.kind === other?.kind && one?.version === other?.version;
    const chosen = same(mine, was) ? main : mine;
    if (!same(mine, was) && !same(main, was) && !same(mine, main))
      conflicts.push({
        path: MANIFEST_FILE,
        reason: `The package ${name}: this chat ${verb(mine)}, main ${verb(main)}.`,
      });
    if (chosen) merged[chosen.kind][name] = chosen.version;
  }
  const write = async (files: Files, relock: Relock) => {
    const manifest = files.get(MANIFEST_FILE)?.toString();
    files.delete(LOCK_FILE);
    if (noNeeds(merged)) return;
    files.set(MANIFEST_FILE, writeNeeds(manifest, merged));
    const key = needsText(merged);
    const known = [ours, theirs].map((side) => side.get(LOCK_FILE)?.toString());
    const kept = known.find((text) => text !== undefined && needsText(readLock(text)!.needs) === key);
    const lock = kept ?? (await relock(merged, known.map(readLock)));
    if (lock !== undefined) files.set(LOCK_FILE, lock);
  };
  return { conflicts, write };
}

const verb = (place: Place): string => (place ? `has ${place.version}` : 'has removed it');

type Place = { kind: (typeof KINDS)[number]; version: string } | undefined;
function at(needs: Needs, name: string): Place {
  const kind = KINDS.find((one) => Object.hasOwn(needs[one], name));
  return kind && { kind, version: needs[kind][name]! };
}

const needsText = (needs: Needs): string =>
  JSON.stringify(KINDS.map((kind) => Object.entries(needs[kind]).sort(([a], [b]) => (a < b ? -1 : 1))));

/** A package.json as it is without them: what git merges. */
export function withoutNeeds(text: string): string {
  try {
    return writeNeeds(text, { dependencies: {}, devDependencies: {} });
  } catch {
    return text;
  }
}
