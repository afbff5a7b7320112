/** Reading and writing git trees as maps of files, without a work tree. Paths are relative to the folder that is read or written. */
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { Git } from './git.ts';

export type Files = Map<string, Buffer>;

/** All regular files of a tree-ish such as `<commit>:apps/shop`; an empty map where it does not exist. Links are left out. */
export async function readFiles(git: Git, treeish: string, under: string[] = []): Promise<Files> {
  const listing = await git.run(['ls-tree', '-r', '-z', '--full-tree', treeish, ...under], { accept: [128] });
  if (listing.code !== 0) {
    if (await git.resolve(treeish)) throw new AppError('git_failed', 'bug', `git ls-tree failed for ${treeish}.`);
    return new Map();
  }
  const entries = listing.stdout
    .toString()
    .split('\0')
    .filter(Boolean)
    .map((line) => /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(line))
    .filter((match) => match !== null && match[1] !== '120000')
    .map((match) => ({ oid: match![2]!, path: match![3]! }));
  if (entries.length === 0) return new Map();
  const blobs = await git.run(['cat-file', '--batch'], { input: entries.map((entry) => `${entry.oid}\n`).join('') });
  const files: Files = new Map();
  let at = 0;
  for (const { path } of entries) {
    const end = blobs.stdout.indexOf(10, at);
    const size = Number(blobs.stdout.subarray(at, end).toString().split(' ')[2]);
    files.set(path, Buffer.from(blobs.stdout.subarray(end + 1, end + 1 + size)));
    at = end + 1 + size + 1;
  }
  return files;
}

/** Writes a tree with exactly these files. @returns its object id */
export async function writeFiles(git: Git, files: Map<string, Buffer | string>): Promise<string> {
  const scratch = join(tmpdir(), `vibe-git-${randomUUID()}`);
  const [marksFile, indexFile] = [`${scratch}.marks`, `${scratch}.index`];
  try {
    const paths = [...files.keys()];
    const stream = paths.flatMap((path, i) => {
      const data = Buffer.from(files.get(path)!);
      return [Buffer.from(`blob\nmark :${i + 1}\ndata ${data.length}\n`), data, Buffer.from('\n')];
    });
    await git.run(['fast-import', '--quiet', '--done', `--export-marks=${marksFile}`], {
      input: Buffer.concat([...stream, Buffer.from('done\n')]),
    });
    const oids = new Map(
      (await readFile(marksFile, 'utf8'))
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice(1).split(' ') as [string, string]),
    );
    const info = paths.map((path, i) => `100644 ${oids.get(String(i + 1))}\t${path}\0`).join('');
    await git.run(['update-index', '-z', '--index-info'], { indexFile, input: info });
    return await git.text(['write-tree'], { indexFile });
  } finally {
    await Promise.all([rm(marksFile, { force: true }), rm(indexFile, { force: true })]);
  }
}

/**
 * The tree of `parent` with the folder at `path` replaced (or removed).
 * @param parent a commit or tree; undefined for an empty one
 * @param path segments such as ['apps', 'shop']
 */
export async function graft(
  git: Git,
  parent: string | undefined,
  path: string[],
  tree: string | undefined,
): Promise<string> {
  const [name, ...rest] = path;
  if (name === undefined) return tree ?? (await git.text(['mktree'], { input: '' }));
  const entries = parent ? (await git.text(['ls-tree', '-z', parent])).split('\0').filter(Boolean) : [];
  const mine = entries.find((entry) => entry.slice(entry.indexOf('\t') + 1) === name);
  const below = mine && / tree /.test(mine.slice(0, 12)) ? mine.split(/[ \t]/)[2] : undefined;
  const child = rest.length === 0 ? tree : await graft(git, below, rest, tree);
  const kept = entries.filter((entry) => entry !== mine);
  const next = child ? [...kept, `040000 tree ${child}\t${name}`] : kept;
  return git.text(['mktree', '-z'], { input: next.map((entry) => `${entry}\0`).join('') });
}

export interface Author {
  name: string;
  email: string;
}

/** Makes a commit object; no ref moves. */
export async function commitTree(
  git: Git,
  tree: string,
  parents: string[],
  message: string,
  author: Author,
): Promise<string> {
  if (message.includes('\0')) throw new AppError('bad_message', 'invalid', 'A commit message may not contain NUL.');
  const clean = (text: string) => text.replace(/[<>\n\0]/g, '').trim() || 'Vibe';
  const env = {
    GIT_AUTHOR_NAME: clean(author.name),
    GIT_AUTHOR_EMAIL: clean(author.email),
    GIT_COMMITTER_NAME: 'Vibe',
    GIT_COMMITTER_EMAIL: 'vibe@localhost',
  };
  return git.text(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'], {
    input: message,
    env,
  });
}
