/**
 * Reads out of what a preview's server prints that something went wrong, and where: an error with its stack, or the dev server's own words
 * about a file. What is printed is the app's to decide, so it is cut to size, and told at most so often.
 */
import type { PreviewProblem } from '../../../contract/preview.ts';
import type { LogLine } from './log-buffer.ts';

const QUIET_MS = 150;
const SAME_MS = 2000;
const MOST_A_MINUTE = 6;
const MOST_LINES = 30;
const APP_FILE = /^(?!\/)(?!.*\.\.)[\w@+()[\]./ -]{1,300}$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal are what is taken out
const COLOURS = /\u001b\[[0-9;]*m/g;
const TIME = String.raw`(?:\d{1,2}:\d\d:\d\d [AP]M )?`;
const SERVER = new RegExp(
  String.raw`^${TIME}(?:\[vite\] )?(?:\(\w+\) )?(?:Internal server error|Error when evaluating SSR module [^:]+): (.+)$`,
);
const THROWN = new RegExp(String.raw`^${TIME}(?:Uncaught )?((?:[A-Z]\w*)?(?:Error|Exception)(?: \[[\w-]+\])?: .+)$`);
/** A line about a request comes after what went wrong in it. */
const REQUEST = /^\d{3} [A-Z]+ \//;

/** Lines of one preview, put together to problems. */
export class ProblemReader {
  readonly #tell: (problem: PreviewProblem) => void;
  /** when what was told, within the last minute */
  #told: { key: string; at: number }[] = [];
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (problem: PreviewProblem) => void) {
    this.#tell = tell;
  }

  read({ stream, text }: Pick<LogLine, 'stream' | 'text'>): void {
    if (stream !== 'stderr') return;
    const line = text.replace(COLOURS, '');
    const begins = SERVER.test(line) || THROWN.test(line);
    if (begins) this.flush();
    if (!begins && (this.#lines.length === 0 || REQUEST.test(line))) return this.flush();
    if (this.#lines.length < MOST_LINES) this.#lines.push(line);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), QUIET_MS);
    this.#timer.unref();
  }

  /** Tells what has been put together until now. */
  flush(): void {
    clearTimeout(this.#timer);
    const lines = this.#lines;
    this.#lines = [];
    const problem = problemOf(lines);
    if (problem && this.#isNew(problem)) this.#tell(problem);
  }

  #isNew(problem: PreviewProblem): boolean {
    const now = Date.now();
    this.#told = this.#told.filter(({ at }) => now - at < 60_000);
    const key = `${problem.message} ${problem.file}:${problem.line}`;
    const same = this.#told.some((one) => one.key === key && now - one.at < SAME_MS);
    if (same || this.#told.length >= MOST_A_MINUTE) return false;
    this.#told.push({ key, at: now });
    return true;
  }
}

function problemOf(lines: string[]): PreviewProblem | undefined {
  const first = lines[0];
  if (first === undefined) return undefined;
  const message = (SERVER.exec(first)?.[1] ?? THROWN.exec(first)?.[1] ?? first)
    .replace(/^\/w\/app\/[^\s:]+:\d+:\d+ /, '')
    .replaceAll('/w/app/', '')
    .trim()
    .slice(0, 500);
  if (!message) return undefined;
  const rest = lines.slice(1).join('\n').replaceAll('file://', '').trimEnd();
  // the dev server names the file, or a frame of the stack is in the app
  const place =
    /\/w\/app\/((?!node_modules)[^\s:?]+)(?:\?[^\s:]*)?:(\d+)(?::\d+)?/.exec(`${first}\n${rest}`) ??
    /^\s+at (?:.*\()?((?:src|\.\/src)\/[^\s:?)]+)(?:\?[^\s:]*)?:(\d+)/m.exec(rest);
  const file = place?.[1]?.replace(/^\.\//, '');
  const known = file !== undefined && APP_FILE.test(file);
  return {
    message,
    stack: rest.replaceAll('/w/app/', '').replaceAll('/w/node_modules/', '').slice(0, 2000),
    file: known ? file : null,
    line: known ? Math.max(1, Math.min(1_000_000, Number(place?.[2]))) : null,
  };
}
