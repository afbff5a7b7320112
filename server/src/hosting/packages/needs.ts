/**
 * What an app needs beside the toolchain: the dependencies of its package.json, exact versions alone, and its package-lock.json, which lists
 * only what the toolchain does not have. Both are read as if an attacker had written them.
 */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { exactVersion, packageName } from './schema.ts';

export interface Needs {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** In the app's folder. */
export const MANIFEST_FILE = 'package.json';
export const LOCK_FILE = 'package-lock.json';

const LOCK_LIMITS = { packages: 800, bytes: 1024 * 1024, direct: 60 };

const versions = z.record(packageName, exactVersion).default({});
const needsSchema = z.object({ dependencies: versions, devDependencies: versions });

const SEGMENT = 'node_modules/(?:@[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]*';
const PLACE = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);

/** One package at one place. Whatever comes from elsewhere than the registry has `resolved` or `link`, and is refused by that. */
const entry = z
  .looseObject({
    version: z.string().max(80),
    integrity: z
      .string()
      .max(400)
      .regex(/^sha(1|256|384|512)-[A-Za-z0-9+/=]+( sha(1|256|384|512)-[A-Za-z0-9+/=]+)*$/)
      .optional(),
    inBundle: z.boolean().optional(),
    resolved: z.undefined().optional(),
    link: z.undefined().optional(),
  })
  .refine(({ integrity, inBundle }) => integrity !== undefined || inBundle === true);
export type LockEntry = z.infer<typeof entry>;

const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), z.unknown()),
});

export interface Lock {
  needs: Needs;
  /** by place, such as `node_modules/dayjs` */
  packages: Map<string, LockEntry>;
}

export const noNeeds = (needs: Needs): boolean =>
  Object.keys(needs.dependencies).length + Object.keys(needs.devDependencies).length === 0;

const broken = (what: string, cause: unknown) =>
  new AppError(
    'packages_broken',
    'conflict',
    `The app’s ${what} does not say which packages it needs in a way that is safe to follow.`,
    {
      cause,
      detail: 'Only exact versions from the registry are followed. add_dependency writes it anew.',
    },
  );

/** @param text the app's package.json; undefined where it has none */
export function readNeeds(text: string | undefined): Needs {
  if (text === undefined) return { dependencies: {}, devDependencies: {} };
  try {
    return needsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw broken('package.json', cause);
  }
}

/** The package.json with other needs; everything else in it stays. */
export function writeNeeds(text: string | undefined, needs: Needs): string {
  const rest = text === undefined ? { private: true, type: 'module' } : (JSON.parse(text) as Record<string, unknown>);
  const { dependencies: _, devDependencies: __, ...kept } = rest as Record<string, unknown>;
  const some = (map: Record<string, string>, key: string) =>
    Object.keys(map).length > 0 ? { [key]: sorted(map) } : {};
  const value = {
    ...kept,
    ...some(needs.dependencies, 'dependencies'),
    ...some(needs.devDependencies, 'devDependencies'),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @param text the app's package-lock.json; undefined where it has none, or where it needs nothing of its own */
export function readLock(text: string | undefined): Lock | undefined {
  if (text === undefined) return undefined;
  try {
    if (text.length > LOCK_LIMITS.bytes) throw new Error('too large');
    const { packages } = lockSchema.parse(JSON.parse(text));
    const { '': root, ...rest } = packages;
    return lockOf(needsSchema.parse(root), Object.entries(rest));
  } catch (cause) {
    throw broken('package-lock.json', cause);
  }
}

/** @throws whatever is not a plain list of the registry's packages */
export function lockOf(needs: Needs, entries: [string, unknown][]): Lock {
  if (entries.length > LOCK_LIMITS.packages) throw tooMany();
  const packages = new Map<string, LockEntry>();
  for (const [place, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!PLACE.test(place)) throw new Error(`"${place}" is no place for a package`);
    packages.set(place, entry.parse(value));
  }
  return { needs, packages };
}

/** The one text of a lock: the same packages make the same text. */
export function lockText({ needs, packages }: Lock): string {
  const root = { dependencies: sorted(needs.dependencies), devDependencies: sorted(needs.devDependencies) };
  const value = {
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...Object.fromEntries(packages) },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @throws AppError `too_many_packages` */
export function checkCount(needs: Needs): void {
  const count = Object.keys(needs.dependencies).length + Object.keys(needs.devDependencies).length;
  if (count > LOCK_LIMITS.direct) throw tooMany();
}

const tooMany = () =>
  new AppError(
    'too_many_packages',
    'limit',
    `An app may name ${LOCK_LIMITS.direct} packages, with ${LOCK_LIMITS.packages} in all.`,
  );

export const sorted = <T>(map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** `@scope/name` or `name` of the folder right below node_modules that a place lies in. */
export const topOf = (place: string): string => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)![1]!;
