/** A new chat's worktree in a repository of 2,000 files, beside `git worktree add`. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Git } from '../../server/src/containers/git.ts';
import { createRepository, MAIN } from '../../server/src/containers/repository.ts';
import { commitTree, graft, writeFiles } from '../../server/src/containers/trees.ts';
import { chatRef, openWorktree } from '../../server/src/containers/worktrees.ts';
import { median, type Row, timed } from '../support/row.ts';

const ROUNDS = 12;

export async function newChat(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'vibe-bench-git-'));
  const git = new Git(join(folder, 'repository.git'));
  const author = { name: 'Bench', email: 'bench@localhost' };
  try {
    await createRepository(git, 'Bench', author);
    const main = (await git.resolve(MAIN))!;
    const app = (n: number) =>
      new Map(
        Array.from(
          { length: 66 },
          (_, i) => [`src/routes/r${i}/+page.svelte`, `<h1>${n} ${i}</h1>\n`.repeat(30)] as const,
        ),
      );
    let tree = await git.text(['rev-parse', `${main}^{tree}`]);
    for (let n = 0; n < 30; n++) tree = await graft(git, tree, ['apps', `app${n}`], await writeFiles(git, app(n)));
    const commit = await commitTree(git, tree, [main], 'Many files\n', author);
    await git.moveRef(MAIN, commit, main);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const chat8 = `bench${String(round).padStart(3, '0')}`;
      const worktree = { git, folder: join(folder, `ours${round}`), slug: 'app3', chat8 };
      ours.push(
        await timed(async () => {
          await git.moveRef(chatRef(chat8), commit, undefined);
          await openWorktree(worktree, commit);
        }),
      );
      bare.push(
        await timed(async () => {
          execFileSync(
            'git',
            ['--git-dir', git.dir, 'worktree', 'add', '-q', '-b', `bare${round}`, join(folder, `bare${round}`), commit],
            { stdio: 'ignore' },
          );
        }),
      );
    }
    const [a, b] = [median(ours), median(bare)];
    return {
      path: 'new chat ready for its first edit, 2,000 files',
      beside: 'git worktree add',
      ours: a,
      bare: b,
      unit: 'ms',
      result: a / b,
      kind: 'ratio',
      limit: 0.6,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
