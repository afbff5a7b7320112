/** Which sandbox driver runs on this machine: the first in order whose self-test holds, or the one that a setting names. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.ts';
import type { SandboxDriver, SelfTest } from '../driver.ts';
import { BubblewrapDriver } from './bubblewrap/bubblewrap.ts';
import { DockerDriver, type DockerOptions } from './docker/docker.ts';
import { UnshareDriver } from './unshare/unshare.ts';

export type DriverName = 'bubblewrap' | 'unshare' | 'docker';

/** Least overhead first. */
export const DRIVER_ORDER: readonly DriverName[] = ['bubblewrap', 'unshare', 'docker'];

export interface ChooseOptions extends DockerOptions {
  /** Only this one, whatever else would hold. */
  forced?: DriverName | undefined;
}

export type Tried = { name: DriverName } & (
  | { ok: true; driver: SandboxDriver; test: SelfTest }
  | { ok: false; reason: string; fix?: string }
);

const MAKERS: Record<DriverName, new (options: DockerOptions) => SandboxDriver> = {
  bubblewrap: BubblewrapDriver,
  unshare: UnshareDriver,
  docker: DockerDriver,
};

/** Runs the self-test of one driver. Never rejects. */
export async function tryDriver(name: DriverName, options: ChooseOptions): Promise<Tried> {
  try {
    const driver = new MAKERS[name](options);
    const test = await driver.selfTest();
    if (test.ok) return { name, ok: true, driver, test };
    return { name, ok: false, reason: test.reason ?? 'It does not start.', ...(test.fix && { fix: test.fix }) };
  } catch (error) {
    return { name, ok: false, reason: messageOf(error) };
  }
}

/** @returns the driver to use. Rejects with `no_sandbox`, which says for each why not, and the one command that mends it */
export async function chooseDriver(options: ChooseOptions): Promise<SandboxDriver> {
  const failed: Extract<Tried, { ok: false }>[] = [];
  for (const name of options.forced ? [options.forced] : DRIVER_ORDER) {
    const tried = await tryDriver(name, options);
    if (tried.ok) return tried.driver;
    failed.push(tried);
  }
  const reasons = failed.map(({ name, reason }) => `${name}: ${reason}`).join(' ');
  const fix = failed.find((one) => one.fix)?.fix;
  const forced = options.forced ? ` VIBE_SANDBOX allows only ${options.forced}.` : '';
  throw new AppError('no_sandbox', 'unavailable', `Apps cannot be isolated on this machine.${forced} ${reasons}`, {
    ...(fix && { detail: fix }),
  });
}

/** Ends what a killed earlier host left behind, whichever driver it had. */
export async function reapAll(chosen: SandboxDriver, options: ChooseOptions): Promise<number> {
  const ended = await chosen.reap();
  // bubblewrap and unshare share their records.
  if (chosen.name === 'docker') return ended + (await new UnshareDriver(options).reap());
  const notes = join(options.dataDir, 'sandboxes', 'passwd');
  const hadContainers = existsSync(notes) && readdirSync(notes).length > 0;
  return ended + (hadContainers ? await new DockerDriver(options).reap().catch(() => 0) : 0);
}
