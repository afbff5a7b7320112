import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChooseOptions, chooseDriver, reapAll } from './choose.ts';

/** Programs are left out by a PATH that has all but them. */
function pathWithout(folder: string, ...left: string[]): string {
  const shadow = join(folder, 'bin');
  mkdirSync(shadow);
  const wanted = [
    'sh',
    'env',
    'ldd',
    'unshare',
    'setpriv',
    'prlimit',
    'mount',
    'mkdir',
    'chown',
    'perl',
    'bwrap',
    'bash',
    'tar',
  ];
  for (const name of wanted.filter((one) => !left.includes(one)))
    symlinkSync(join('/usr/bin', name), join(shadow, name));
  return shadow;
}

describe('the driver that is chosen', () => {
  let folder: string;
  let options: ChooseOptions;
  const path = process.env.PATH;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vibe-choose-'));
    options = { dataDir: folder, nodePath: process.execPath, dockerHost: 'unix:///no/such.sock' };
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is bubblewrap where it holds, and the one that is asked for', async () => {
    expect((await chooseDriver(options)).name).toBe('bubblewrap');
    const driver = await chooseDriver({ ...options, forced: 'unshare' });
    expect(driver.name).toBe('unshare');
    expect(await reapAll(driver, options)).toBe(0);
  });

  it('is unshare where there is no bubblewrap', async () => {
    process.env.PATH = pathWithout(folder, 'bwrap');
    expect((await chooseDriver(options)).name).toBe('unshare');
  });

  it('is none where none holds: each reason is told, and the one command that mends it', async () => {
    process.env.PATH = pathWithout(folder, 'bwrap', 'perl');
    await expect(chooseDriver(options)).rejects.toMatchObject({
      code: 'no_sandbox',
      message: expect.stringMatching(
        /bubblewrap is not installed.*Perl is not installed.*does not answer at \/no\/such\.sock/,
      ),
      detail: 'apt-get install bubblewrap',
    });
  });

  it('is never another than the one that a setting names', async () => {
    await expect(chooseDriver({ ...options, forced: 'docker' })).rejects.toMatchObject({
      message: expect.stringContaining('VIBE_SANDBOX allows only docker'),
      detail: expect.stringContaining('DOCKER_HOST'),
    });
  });
});
