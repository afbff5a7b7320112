/**
 * Refuses code that does not parse, with the place, before it is written. The compilers are the app's own (from its
 * toolchain), loaded at first use or in the background after a first look, so that looking at files answers at once.
 */
import { Refused } from './refuse.ts';

interface Place {
  line?: number;
  column?: number;
}
interface SvelteCompiler {
  compile(source: string, options: { generate: false; filename: string }): unknown;
  compileModule(source: string, options: { generate: false; filename: string }): unknown;
}
interface OxcError {
  severity: string;
  message: string;
  labels: { start: number }[];
}
interface Oxc {
  parseSync(filename: string, source: string): { errors: OxcError[] };
}
interface PostCss {
  parse(source: string, options: { from: string }): unknown;
}

export class SyntaxChecker {
  // Plain names: they are resolved inside the sandbox, from the toolchain that is mounted there.
  readonly #load = {
    svelte: once(() => import('svelte/compiler') as Promise<unknown> as Promise<SvelteCompiler>),
    oxc: once(() => import('oxc-parser') as Promise<unknown> as Promise<Oxc>),
    postcss: once(() => import('postcss') as Promise<unknown> as Promise<{ default: PostCss }>),
  };

  /** Loads all compilers, about 0.2 s of work. */
  async warm(): Promise<void> {
    await Promise.all(Object.values(this.#load).map((load) => load()));
  }

  /** Throws Refused `syntax` when `source` does not parse as what the name of `path` says. Other kinds pass. */
  async check(path: string, source: string): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const kind = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
    const text = source.startsWith('\ufeff') ? source.slice(1) : source;
    if (kind === 'svelte') return this.#svelte(path, text);
    if (/^[cm]?[jt]sx?$/.test(kind)) {
      await this.#script(path, text);
      if (name.endsWith('.svelte.js')) await this.#svelteModule(path, text);
    }
    if (kind === 'json' || kind === 'webmanifest') json(path, text);
    if (kind === 'css' || kind === 'pcss') await this.#css(path, text);
    if (path === 'src/app.html') appHtml(path, text);
  }

  async #svelte(path: string, source: string): Promise<void> {
    const { compile } = await this.#load.svelte();
    attempt(path, () => compile(source, { generate: false, filename: path }));
  }

  async #svelteModule(path: string, source: string): Promise<void> {
    const { compileModule } = await this.#load.svelte();
    attempt(path, () => compileModule(source, { generate: false, filename: path }));
  }

  async #script(path: string, source: string): Promise<void> {
    const { parseSync } = await this.#load.oxc();
    const [error] = parseSync(path, source).errors.filter((one) => one.severity === 'Error');
    if (error) throw refusal(path, error.message, placeOf(source, error.labels[0]?.start));
  }

  async #css(path: string, source: string): Promise<void> {
    const { default: postcss } = await this.#load.postcss();
    try {
      postcss.parse(source, { from: path });
    } catch (error) {
      const { reason, line, column } = error as { reason?: string } & Place;
      throw refusal(path, reason ?? String(error), { line, column });
    }
  }
}

function attempt(path: string, compile: () => unknown): void {
  try {
    compile();
  } catch (error) {
    const { message, start } = error as { message: string; start?: { line: number; column: number } };
    const [first = message] = message.split('\n');
    throw refusal(path, first, start ? { line: start.line, column: start.column + 1 } : {});
  }
}

function json(path: string, source: string): void {
  try {
    JSON.parse(source);
  } catch (error) {
    const { message } = error as Error;
    const at = /at position (\d+)/.exec(message)?.[1];
    const place = /line (\d+) column (\d+)/.exec(message);
    const where = place
      ? { line: Number(place[1]), column: Number(place[2]) }
      : placeOf(source, at ? Number(at) : source.length);
    throw refusal(path, message, where);
  }
}

function appHtml(path: string, source: string): void {
  for (const needed of ['%sveltekit.head%', '%sveltekit.body%']) {
    if (!source.includes(needed)) throw refusal(path, `The page frame needs ${needed}.`, {});
  }
}

function placeOf(source: string, offset: number | undefined): Place {
  if (offset === undefined) return {};
  const before = source.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function refusal(path: string, message: string, place: Place): Refused {
  return new Refused('syntax', message, { path, line: place.line, column: place.column });
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
