/** Where chats' files are, asked of git: merged is what main has, deployed what the serving release has. Nothing of it is stored. */
import { MAIN, repositoryOf } from '../containers/repository.ts';
import { type Db, many, sql } from '../db/database.ts';

type Transport = 'open' | 'merged' | 'deployed';

/** Transport state of each of a container's chats that has a branch. */
export async function transportsOf(db: Db, dataDir: string, containerId: string): Promise<Record<string, Transport>> {
  const git = repositoryOf(dataDir, containerId);
  const chats = await many(
    db,
    sql<{
      id: string;
      chat8: string;
      serving: string | null;
    }>`select h.id, h.chat8, (select r.commit from releases r where r.app_id = h.app_id and r.environment = 'live' and r.state = 'serving') as serving
      from chats h where h.container_id = ${containerId} and h.app_id is not null`,
  );
  if (chats.length === 0 || !(await git.resolve(MAIN))) return {};
  // a chat whose branch stands on a commit that names it has been merged; one that never was stands on main as it found it
  const mergedRefs = await branchesIn(git, MAIN);
  const named = new Set(
    (await git.text(['log', '--format=%(trailers:key=Vibe-Chat,valueonly,separator=%x20)', MAIN]))
      .split(/\s+/)
      .filter(Boolean),
  );
  const served = new Map<string, Set<string>>();
  for (const commit of new Set(chats.map((chat) => chat.serving).filter((commit) => commit !== null)))
    served.set(commit, await branchesIn(git, commit));
  return Object.fromEntries(
    chats.map(({ id, chat8, serving }) => {
      const merged = mergedRefs.has(chat8) && named.has(id);
      const deployed = merged && serving !== null && served.get(serving)?.has(chat8);
      return [id, deployed ? 'deployed' : merged ? 'merged' : 'open'];
    }),
  );
}

async function branchesIn(git: ReturnType<typeof repositoryOf>, commit: string): Promise<Set<string>> {
  const text = await git.text([
    'for-each-ref',
    `--merged=${commit}`,
    '--format=%(refname:lstrip=3)',
    'refs/heads/chat/',
  ]);
  return new Set(text.split('\n').filter(Boolean));
}
