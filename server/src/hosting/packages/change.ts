/** What a chat does to its app's packages: say what there is to know of one, then change package.json and lockfile as one edit of the turn. */
import { AppError } from '../../errors.ts';
import type { HostOutcome } from '../api.ts';
import { textFiles } from '../spec-work.ts';
import type { Toolchain } from '../toolchain.ts';
import { beginEdit, saveEdit, type WorkParts } from '../turn-work.ts';
import { unwrap, type Workspace } from '../workspaces.ts';
import { lookUp } from './facts.ts';
import { toolchainVersions } from './install.ts';
import type { Layers } from './layers.ts';
import { LOCK_FILE, MANIFEST_FILE, type Needs, readLock, readNeeds, writeNeeds } from './needs.ts';
import type { Registry } from './registry.ts';
import type { PackageChange } from './schema.ts';

export interface PackageParts extends WorkParts {
  toolchain: () => Promise<Toolchain>;
  layers: Layers;
  registry: () => Promise<Registry>;
}

/** Facts of a package that is to be added; a refusal where there is nothing to add. */
export async function lookUpPackage(
  parts: PackageParts,
  { helper }: Workspace,
  wanted: { name: string; version?: string | undefined },
): Promise<HostOutcome> {
  const common = (await toolchainVersions(await parts.toolchain())).get(wanted.name);
  if (common)
    return {
      ok: false,
      code: 'already_there',
      message: `${wanted.name} ${common} is there already: every app has it. Import it.`,
    };
  const facts = await lookUp(await parts.registry(), wanted.name, wanted.version);
  const { dependencies, devDependencies } = readNeeds((await textFiles(helper)).get(MANIFEST_FILE));
  const now = { ...devDependencies, ...dependencies }[wanted.name];
  if (now === facts.version)
    return { ok: false, code: 'already_there', message: `The app has ${wanted.name} ${now} already. Import it.` };
  if (now) facts.facts.unshift({ label: 'Instead of', value: `${now}, which the app has now` });
  return { ok: true, value: facts };
}

/** Adds or removes a package, as one edit of the turn. Repeating it changes nothing. */
export async function changePackages(
  parts: PackageParts,
  { place, helper }: Workspace,
  turnId: string,
  change: PackageChange,
): Promise<HostOutcome> {
  const before = await beginEdit(parts, place, turnId);
  const tree = await textFiles(helper);
  const had = readNeeds(tree.get(MANIFEST_FILE));
  const needs = changed(had, change);
  if (change.kind === 'remove' && JSON.stringify(needs) === JSON.stringify(had))
    return { ok: false, code: 'not_there', message: `The app does not have ${change.name}.` };
  // a lockfile that cannot be followed is made anew
  const known = ((): ReturnType<typeof readLock> => {
    try {
      return readLock(tree.get(LOCK_FILE));
    } catch {
      return undefined;
    }
  })();
  const lock = await parts.layers.relock(await parts.toolchain(), needs, [known]);
  if (change.kind === 'add') checkPromise(lock, change);
  const write: Record<string, string> = { [MANIFEST_FILE]: writeNeeds(tree.get(MANIFEST_FILE), needs) };
  if (lock !== undefined) write[LOCK_FILE] = lock;
  unwrap(await helper.writeTree({ write, remove: lock === undefined && tree.has(LOCK_FILE) ? [LOCK_FILE] : [] }));
  // what a person reads first
  const files = (await saveEdit(place, before)).sort(
    (a, b) => Number(a.path === LOCK_FILE) - Number(b.path === LOCK_FILE),
  );
  const count = readLock(lock)?.packages.size ?? 0;
  return {
    ok: true,
    value: { packages: { ...needs.dependencies, ...needs.devDependencies }, installed: count },
    files,
  };
}

function changed(had: Needs, change: PackageChange): Needs {
  const without = (map: Record<string, string>) =>
    Object.fromEntries(Object.entries(map).filter(([name]) => name !== change.name));
  const needs = { dependencies: without(had.dependencies), devDependencies: without(had.devDependencies) };
  if (change.kind === 'add') needs[change.dev ? 'devDependencies' : 'dependencies'][change.name] = change.version;
  return needs;
}

/** The very thing that a person said yes to, though the registry may say something else by now. */
function checkPromise(text: string | undefined, change: Extract<PackageChange, { kind: 'add' }>): void {
  const found = readLock(text)?.packages.get(`node_modules/${change.name}`);
  // one that the toolchain has underneath is not in the lockfile, and is what it always was
  if (!found) return;
  const agreed = change.integrity.split(' ');
  if (
    !String(found.integrity)
      .split(' ')
      .some((one) => agreed.includes(one))
  )
    throw new AppError(
      'package_differs',
      'conflict',
      `The registry now gives something else as ${change.name} ${change.version} than what was agreed to. Nothing was added.`,
    );
}
