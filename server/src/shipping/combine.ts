/**
 * Brings two lines of work on one app together. Base, ours and theirs are each lifted to what the compiler makes of the merged spec, so
 * that only edits made by hand or by a model can conflict; then git merges them. Specs merge by id; changes are never merged, but planned
 * anew where both sides have some.
 */
import { type Spec, specSchema } from '../../../contract/spec.ts';
import { serialiseChange } from '../builds/changes/change-file.ts';
import { planChanges } from '../builds/changes/plan.ts';
import { compile } from '../builds/compiler/compile.ts';
import { mergeGenerated, mergeSpecs } from '../builds/lift.ts';
import type { Git } from '../containers/git.ts';
import { commitTree, type Files, readFiles, writeFiles } from '../containers/trees.ts';
import { AppError } from '../errors.ts';
import { generatedAt, generatedFiles, storeGenerated } from '../hosting/generated.ts';
import { LOCK_FILE, MANIFEST_FILE } from '../hosting/packages/needs.ts';
import { changesIn } from './app-changes.ts';
import { type Conflict, mergePackages, type Relock, withoutNeeds } from './merge-packages.ts';

export interface Combined {
  /** the merged tree of the app's folder; with conflict markers in the files that conflict */
  tree: string;
  conflicts: Conflict[];
  /** what the compiler made of the merged spec, when both sides had changed it */
  generated: string | undefined;
}

const AUTHOR = { name: 'Vibe', email: 'vibe@localhost' };

interface Side {
  commit: string;
  tree: string | undefined;
  files: Map<string, Buffer>;
}

async function readSide(git: Git, commit: string, slug: string): Promise<Side> {
  const tree = await git.resolve(`${commit}:apps/${slug}`);
  return { commit, tree, files: tree ? await readFiles(git, tree) : new Map() };
}

function specOf(side: Side): Spec | undefined {
  const text = side.files.get('spec.json');
  if (!text) return undefined;
  const parsed = specSchema.safeParse(JSON.parse(text.toString()));
  if (!parsed.success) throw new AppError('spec_broken', 'conflict', 'The app’s spec.json is not a valid spec.');
  return parsed.data;
}

/**
 * @param ours the commit whose side wins where a spec conflicts (the chat)
 * @param relock makes the lockfile of packages that came together; throws AppError where they do not fit
 */
export async function combine(
  git: Git,
  slug: string,
  { base, ours, theirs }: { base: string; ours: string; theirs: string },
  relock: Relock,
): Promise<Combined> {
  const [b, o, t] = [
    await readSide(git, base, slug),
    await readSide(git, ours, slug),
    await readSide(git, theirs, slug),
  ];
  if (t.tree === b.tree || t.tree === o.tree)
    return { tree: o.tree ?? (await writeFiles(git, new Map())), conflicts: [], generated: undefined };
  if (o.tree === b.tree)
    return { tree: t.tree ?? (await writeFiles(git, new Map())), conflicts: [], generated: undefined };
  const specs = [specOf(b), specOf(o), specOf(t)] as const;
  const conflicts: Conflict[] = [];
  let sides = [b.files, o.files, t.files].map(asText);
  let generated: string | undefined;
  let spec: Spec | undefined;
  if (specs[0] && specs[1] && specs[2]) {
    const merged = mergeSpecs(specs[0], specs[1], specs[2]);
    spec = merged.spec;
    for (const reason of merged.conflicts)
      conflicts.push({
        path: 'spec.json',
        reason: String(typeof reason === 'string' ? reason : JSON.stringify(reason)),
      });
    const wanted = compile(spec, { slug });
    generated = await storeGenerated({ git }, wanted);
    sides = await Promise.all(
      [b, o, t].map(async (side, i) => {
        const from = await generatedFiles({ git }, await generatedAt({ git, appSlug: slug }, side.commit));
        return mergeGenerated({ base: from, ours: sides[i]!, theirs: wanted }).files;
      }),
    );
  }
  const packages = mergePackages(b.files, o.files, t.files);
  conflicts.push(...packages.conflicts);
  for (const files of sides) {
    for (const path of [...files.keys()])
      if (path === 'spec.json' || path.startsWith('changes/') || path === LOCK_FILE) files.delete(path);
    const manifest = files.get(MANIFEST_FILE);
    if (manifest !== undefined) files.set(MANIFEST_FILE, withoutNeeds(manifest));
  }
  const [baseTree, ourTree, theirTree] = await Promise.all(
    sides.map((files, i) => writeFiles(git, withBinaries(files, [b, o, t][i]!.files))),
  );
  const root = await commitTree(git, baseTree!, [], 'base', AUTHOR);
  const [left, right] = [
    await commitTree(git, ourTree!, [root], 'ours', AUTHOR),
    await commitTree(git, theirTree!, [root], 'theirs', AUTHOR),
  ];
  const { code, stdout } = await git.run(
    // with what there was before between the two: whoever puts them together sees what each side wanted
    [
      '-c',
      'merge.conflictStyle=diff3',
      'merge-tree',
      '--write-tree',
      '--name-only',
      '--no-messages',
      '-z',
      left,
      right,
    ],
    { accept: [1] },
  );
  const [tree, ...paths] = stdout.toString().split('\0').filter(Boolean) as [string, ...string[]];
  if (code === 1)
    for (const path of new Set(paths))
      conflicts.push({ path, reason: 'Both this chat and main have changed the same lines.' });
  const files: Map<string, Buffer | string> = await readFiles(git, tree);
  for (const [path, content] of combineChanges(o.files, t.files, specs[2], spec)) files.set(path, content);
  const text = spec ? `${JSON.stringify(spec, null, 2)}\n` : (o.files.get('spec.json') ?? t.files.get('spec.json'));
  if (text) files.set('spec.json', text);
  await packages.write(files, relock);
  return { tree: await writeFiles(git, files), conflicts, generated };
}

/**
 * Changes are a union as long as theirs has none that ours has not seen. Else ours were planned on tables that are no longer like that:
 * they have not run outside of a draft, so they are planned anew, from what theirs has to the merged spec.
 */
function combineChanges(
  ours: Files,
  theirs: Files,
  theirSpec: Spec | undefined,
  merged: Spec | undefined,
): Map<string, Buffer | string> {
  const [mine, main] = [ours, theirs].map(
    (files) => new Map([...files].filter(([path]) => path.startsWith('changes/'))),
  ) as [Files, Files];
  const unseen = [...main.keys()].some((path) => !mine.has(path));
  const own = [...mine.keys()].some((path) => !main.has(path));
  if (!unseen || !own || !theirSpec || !merged) return new Map([...main, ...mine]);
  const planned = planChanges(theirSpec, merged, changesIn(main));
  return new Map<string, Buffer | string>([
    ...main,
    ...planned.map((change) => [change.path, serialiseChange(change)] as const),
  ]);
}

const isText = (content: Buffer): boolean => !content.includes(0);
const asText = (files: Map<string, Buffer>): Map<string, string> =>
  new Map(
    [...files].filter(([, content]) => isText(content)).map(([path, content]) => [path, content.toString('utf8')]),
  );

function withBinaries(texts: Map<string, string>, all: Map<string, Buffer>): Map<string, Buffer | string> {
  const files = new Map<string, Buffer | string>(texts);
  for (const [path, content] of all) if (!isText(content)) files.set(path, content);
  return files;
}
