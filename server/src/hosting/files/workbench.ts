/** What the file helper's tests stand on: one app's folder and a helper over it, in a real sandbox. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BubblewrapDriver } from '../drivers/bubblewrap/bubblewrap.ts';
import { FileHelper } from './file-helper.ts';

/** The platform's own modules have the same compilers as a toolchain. */
const MODULES = join(import.meta.dirname, '../../../../node_modules');

export class Workbench {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'vibe-files-'));
  readonly app = join(this.dataDir, 'app');
  readonly driver = new BubblewrapDriver({ dataDir: this.dataDir, nodePath: process.execPath });
  readonly #helpers: FileHelper[] = [];
  #count = 0;

  /** A helper over the app's folder, which is made anew with `files`. */
  async open(files: Record<string, string> = {}): Promise<FileHelper> {
    await this.closeAll();
    rmSync(this.app, { recursive: true, force: true });
    for (const [path, text] of Object.entries({ 'README.md': 'app\n', ...files })) this.put(path, text);
    return await this.reopen();
  }

  /** Another helper over the same folder. */
  async reopen(env: Record<string, string> = {}, timeoutMs = 20_000): Promise<FileHelper> {
    await this.closeAll();
    const id = `files-${process.pid}-${++this.#count}`;
    const helper = new FileHelper({ driver: this.driver, id, appDir: this.app, modulesDir: MODULES, env, timeoutMs });
    this.#helpers.push(helper);
    await helper.start();
    return helper;
  }

  put(path: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.app, path)), { recursive: true });
    writeFileSync(join(this.app, path), text);
  }

  /** Undefined when there is no such file. */
  get(path: string): string | undefined {
    return existsSync(join(this.app, path)) ? readFileSync(join(this.app, path), 'utf8') : undefined;
  }

  /** Every file with its text, what git ignores left out. */
  snapshot(): Record<string, string> {
    const paths = readdirSync(this.app, { recursive: true, encoding: 'utf8' });
    const files = paths.filter((path) => !path.startsWith('.svelte-kit') && statSync(join(this.app, path)).isFile());
    return Object.fromEntries(files.toSorted().map((path) => [path, readFileSync(join(this.app, path), 'utf8')]));
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#helpers.splice(0).map((helper) => helper.close()));
  }

  async end(): Promise<void> {
    await this.closeAll();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
