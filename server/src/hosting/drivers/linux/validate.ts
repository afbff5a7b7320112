/** Refuses a sandbox spec that could not hold, before anything is made for it. A refusal here is the platform's own mistake. */
import { lstatSync, type Stats } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';
import { AppError } from '../../../errors.ts';
import type { SandboxMount, SandboxSpec } from '../../driver.ts';

/** Where the driver puts things of its own. */
const TAKEN = ['/', '/proc', '/dev', '/etc', '/run/sbx', '/opt/node/bin/node'];

/** @param ownUser whether the sandbox runs as another user than we, so that read-only sources must be world-readable */
export function validateSpec(spec: SandboxSpec, ownUser: boolean): void {
  if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(spec.id)) throw refusal(`"${spec.id}" is no id for a sandbox`);
  if (spec.command.length === 0) throw refusal('there is no command');
  for (const [name, value] of Object.entries(spec.env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0'))
      throw refusal(`the variable ${name} is malformed`);
  }
  for (const word of [spec.workdir, ...spec.command]) if (word.includes('\0')) throw refusal('a word holds a NUL');
  for (const target of [...spec.mounts, ...spec.tmpfs].map((one) => one.target)) {
    if (!isPlainPath(target) || TAKEN.includes(target)) throw refusal(`nothing can be mounted at ${target}`);
  }
  for (const mount of spec.mounts) validateSource(mount, ownUser);
}

function validateSource(mount: SandboxMount, ownUser: boolean): void {
  if (!isPlainPath(mount.source)) throw refusal(`${mount.source} is no absolute path`);
  let status: Stats;
  try {
    status = lstatSync(mount.source);
  } catch (cause) {
    throw refusal(`${mount.source} is not there`, cause);
  }
  if (status.isSymbolicLink()) throw refusal(`${mount.source} is a link`);
  if (!status.isDirectory() && !status.isFile()) throw refusal(`${mount.source} is neither a file nor a folder`);
  const needed = status.isDirectory() ? 0o005 : 0o004;
  if (ownUser && mount.mode === 'ro' && (status.mode & needed) !== needed) {
    throw refusal(`${mount.source} is not readable by the sandbox's user`);
  }
}

function isPlainPath(path: string): boolean {
  return (
    isAbsolute(path) && normalize(path) === path && !path.includes('\0') && !(path.length > 1 && path.endsWith('/'))
  );
}

function refusal(why: string, cause?: unknown): AppError {
  return new AppError('sandbox_spec_refused', 'bug', `The sandbox cannot start: ${why}.`, { cause });
}
