/**
 * All or nothing on disk, even when killed at any instant. New contents are written beside the app's files first; then ONE
 * rename of the journal decides; then files are moved into place. A journal that is found at start is carried out to its end:
 * every step may be done twice. (Where it works, .svelte-kit, git and the dev server do not look.)
 */
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { checkPath } from '../paths.ts';
import type { Folder } from './folder.ts';

export interface FileWrite {
  path: string;
  /** Null removes the file. */
  bytes: Buffer | null;
}

interface Step {
  path: string;
  /** Name of the staged file; null removes. */
  staged: string | null;
}

const PLACE = ['.svelte-kit', 'vibe-journal'];
const DECIDED = 'decided.json';

export class Journal {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Finishes what a killed helper had decided, and forgets what it had not. Returns whether there was anything to finish. */
  recover(): boolean {
    if (!this.#folder.look(PLACE)) return false;
    const steps = this.#readDecision();
    if (steps) this.#carryOut(steps);
    this.#clear();
    return steps !== undefined;
  }

  /** Writes them all, or throws and leaves every file as it was. `pause` is for tests that kill in between. */
  commit(writes: FileWrite[], pause: (point: string) => void = () => undefined): void {
    if (writes.length === 0) return;
    this.#clear();
    let steps: Step[];
    try {
      steps = writes.map((write, index): Step => {
        const parts = write.path.split('/');
        if (write.bytes === null) return { path: write.path, staged: null };
        // Folders are made before the decision: an empty one changes nothing, a full disk shows itself now.
        this.#folder.within(parts, () => undefined, { make: true });
        this.#create([...PLACE, String(index)], write.bytes);
        return { path: write.path, staged: String(index) };
      });
      this.#create([...PLACE, 'draft.json'], Buffer.from(JSON.stringify(steps)));
    } catch (error) {
      this.#clear();
      throw error;
    }
    pause('staged');
    this.#folder.within([...PLACE, '.'], (pinned) => renameSync(`${pinned}/draft.json`, `${pinned}/${DECIDED}`));
    pause('decided');
    this.#carryOut(steps, pause);
    this.#clear();
  }

  /** Undefined when there is none, or when it holds what this class never writes: then somebody else made it. */
  #readDecision(): Step[] | undefined {
    if (!this.#folder.look([...PLACE, DECIDED])?.isFile()) return undefined;
    const text = this.#folder.withFile([...PLACE, DECIDED], (descriptor) => readFileSync(descriptor, 'utf8'));
    const steps = parse(text);
    const sane = ({ path, staged }: Step) =>
      checkPath(path, 'platform').ok && (staged === null || /^\d+$/.test(staged));
    return steps?.every(sane) ? steps : undefined;
  }

  #carryOut(decided: Step[], pause: (point: string) => void = () => undefined): void {
    // Removals first: a name that changes in case alone may be the same file to a case-blind disk.
    const steps = decided.toSorted((a, b) => Number(a.staged !== null) - Number(b.staged !== null));
    for (const step of steps) {
      const parts = step.path.split('/');
      if (step.staged === null) this.#remove(parts);
      else this.#place([...PLACE, step.staged], parts);
      pause('step');
    }
  }

  #create(parts: string[], bytes: Buffer): void {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#folder.within(
      parts,
      (pinned) => {
        const descriptor = openSync(pinned, flags, 0o644);
        try {
          writeFileSync(descriptor, bytes);
        } finally {
          closeSync(descriptor);
        }
      },
      { make: true },
    );
  }

  #place(from: string[], to: string[]): void {
    if (!this.#folder.look(from)) return;
    this.#folder.within(from, (source) =>
      this.#folder.within(to, (target) => renameSync(source, target), { make: true }),
    );
  }

  #remove(parts: string[]): void {
    if (!this.#folder.look(parts)) return;
    this.#folder.within(parts, (pinned) => rmSync(pinned, { force: true }));
    for (let length = parts.length - 1; length > 0; length--) {
      try {
        this.#folder.within(parts.slice(0, length), (pinned) => rmdirSync(pinned));
      } catch {
        return; // Not empty.
      }
    }
  }

  #clear(): void {
    this.#folder.within(
      PLACE,
      (pinned) => {
        const found = lstatSync(pinned, { throwIfNoEntry: false });
        // The decision goes first: without it the rest is only litter.
        if (found?.isDirectory()) rmSync(`${pinned}/${DECIDED}`, { force: true });
        if (found) rmSync(pinned, { recursive: true, force: true });
        if (!existsSync(pinned)) mkdirSync(pinned, { mode: 0o755 });
      },
      { make: true },
    );
  }
}

function parse(text: string): Step[] | undefined {
  try {
    return JSON.parse(text) as Step[];
  } catch {
    return undefined;
  }
}
