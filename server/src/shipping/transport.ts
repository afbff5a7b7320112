/** Where chats' files are, asked of git: merged is what main has, deployed what the serving release has. Nothing of it is stored. */
import type { Git } from '../containers/git.ts';
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
  if (chats.length === 0) return {};
  const refs = await git.text(['for-each-ref', '--format=%(objectname) %(refname)', MAIN, 'refs/heads/chat/']);
  if (!refs.includes(` ${MAIN}\n`) && !refs.endsWith(` ${MAIN}`)) return {};
  const serving = [...new Set(chats.map((chat) => chat.serving).filter((commit) => commit !== null))].sort();
  const about = [refs, ...serving].join('\n');
  let history = histories.get(git.dir);
  if (history?.about !== about) {
    history = { about, ...(await readHistory(git, serving)) };
    histories.set(git.dir, history);
  }
  const { merged: mergedRefs, named, served } = history;
  return Object.fromEntries(
    chats.map(({ id, chat8, serving }) => {
      const merged = mergedRefs.has(chat8) && named.has(id);
      const deployed = merged && serving !== null && served.get(serving)?.has(chat8);
      return [id, deployed ? 'deployed' : merged ? 'merged' : 'open'];
    }),
  );
}

interface History {
  /** the branches that main holds, and the chats that its commits name */
  merged: Set<string>;
  named: Set<string>;
  /** the branches that each serving commit holds */
  served: Map<string, Set<string>>;
}

/** What was read of each repository, and of which refs: this is asked at every look at a chat, and they move seldom. */
const histories = new Map<string, History & { about: string }>();

async function readHistory(git: Git, serving: string[]): Promise<History> {
  // a chat whose branch stands on a commit that names it has been merged; one that never was stands on main as it found it
  const merged = await branchesIn(git, MAIN);
  const log = await git.text(['log', '--format=%(trailers:key=Vibe-Chat,valueonly,separator=%x20)', MAIN]);
  const served = new Map<string, Set<string>>();
  for (const commit of serving) served.set(commit, await branchesIn(git, commit));
  return { merged, named: new Set(log.split(/\s+/).filter(Boolean)), served };
}

async function branchesIn(git: Git, commit: string): Promise<Set<string>> {
  const text = await git.text([
    'for-each-ref',
    `--merged=${commit}`,
    '--format=%(refname:lstrip=3)',
    'refs/heads/chat/',
  ]);
  return new Set(text.split('\n').filter(Boolean));
}
