/** What must be true of a Vibe that has come to rest, however it was killed before: looked up in its database, its git, its processes. */
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAIN, repositoryOf } from '../../server/src/containers/repository.ts';
import { chatRef } from '../../server/src/containers/worktrees.ts';
import { type Db, many, sql } from '../../server/src/db/database.ts';
import { commandLine, readProcesses } from '../../server/src/hosting/drivers/linux/processes.ts';
import { folderName, Records } from '../../server/src/hosting/drivers/linux/record.ts';
import type { Vibe } from './vibe.ts';

interface ChatRow {
  id: string;
  chat8: string;
  container_id: string;
  slug: string | null;
  app_id: string | null;
  head_commit: string | null;
  last_seq: number;
}

/** Nothing runs and nothing waits any more. */
export async function atRest(db: Db): Promise<boolean> {
  const [row] = await many(
    db,
    sql<{ busy: boolean }>`select exists (select 1 from turns where state in ('queued', 'running'))
      or exists (select 1 from releases where state in ('queued', 'building', 'starting'))
      or exists (select 1 from graphile_worker._private_jobs where attempts < max_attempts) as busy`,
  );
  return row?.busy === false;
}

/** @returns what is not as it must be, in words */
export async function violations(vibe: Vibe, db: Db): Promise<string[]> {
  return [...(await logs(db)), ...(await leftovers(db)), ...(await git(vibe, db)), ...sandboxes(vibe)];
}

async function logs(db: Db): Promise<string[]> {
  const gaps = await many(
    db,
    sql<{
      id: string;
    }>`select h.id from chats h where h.last_seq <> (select count(*) from chat_events e where e.chat_id = h.id)
      or h.last_seq <> coalesce((select max(seq) from chat_events e where e.chat_id = h.id), 0)`,
  );
  const turns = await many(
    db,
    sql<{ id: string; asked: number; ended: number; started: number }>`select t.id,
        count(*) filter (where e.type = 'message.user')::int as asked, count(*) filter (where e.type = 'turn.ended')::int as ended,
        count(*) filter (where e.type = 'turn.started')::int as started
      from turns t left join chat_events e on e.turn_id = t.id group by t.id`,
  );
  const deployed = await many(
    db,
    sql<{
      app_id: string;
    }>`select app_id from releases where state = 'serving' group by app_id, environment having count(*) > 1`,
  );
  return [
    ...gaps.map(({ id }) => `the log of chat ${id} has a gap`),
    ...turns
      .filter(({ asked, ended, started }) => asked !== 1 || ended !== 1 || started > 1)
      .map((turn) => `turn ${turn.id}: asked ${turn.asked}, started ${turn.started}, ended ${turn.ended} times`),
    ...deployed.map(({ app_id }) => `app ${app_id} has two serving releases`),
  ];
}

async function leftovers(db: Db): Promise<string[]> {
  const [row] = await many(
    db,
    sql<Record<string, number>>`select
      (select count(*)::int from audit_log where completed_at is null) as "intents without an end",
      (select count(*)::int from usage_ledger where state = 'reserved') as "reservations that were not settled",
      (select count(*)::int from streaming_texts) as "texts that are still streamed",
      (select count(*)::int from graphile_worker._private_jobs where attempts >= max_attempts) as "jobs that were given up",
      (select count(*)::int from graphile_worker._private_jobs where locked_at is not null) as "jobs that are locked"`,
  );
  const twice = await many(
    db,
    sql<{
      tool: string;
    }>`select tool from audit_log where tool in ('change_spec', 'modify_code_files_vibe') and decision = 'allowed'
      group by turn_id, call_id, tool having count(*) > 1`,
  );
  return [
    ...Object.entries(row!)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`),
    ...twice.map(({ tool }) => `one call of ${tool} was begun twice`),
  ];
}

async function git(vibe: Vibe, db: Db): Promise<string[]> {
  const wrong: string[] = [];
  const chats = await many(
    db,
    sql<ChatRow>`select h.id, h.chat8, h.container_id, a.slug, h.app_id, h.head_commit, h.last_seq from chats h left join apps a on a.id = h.app_id`,
  );
  for (const chat of chats.filter(({ app_id }) => app_id !== null)) {
    const repository = repositoryOf(vibe.dataDir, chat.container_id);
    const head = await repository.resolve(chatRef(chat.chat8));
    if (head !== chat.head_commit) wrong.push(`chat ${chat.id}: branch at ${head}, acknowledged ${chat.head_commit}`);
    const [last] = await many(
      db,
      sql<{
        commit_after: string;
      }>`select commit_after from turns where chat_id = ${chat.id} and commit_after is not null and undone_at is null order by number desc limit 1`,
    );
    const isLater = async () =>
      (await repository.text(['log', '--format=%(trailers:key=Vibe-Chat,valueonly)', `${head}`, '-1'])).includes(
        chat.id,
      );
    if (last && head !== last.commit_after && !(await isLater()))
      wrong.push(`chat ${chat.id}: HEAD is ${head}, the last turn left ${last.commit_after}`);
    const app = join(vibe.dataDir, 'worktrees', chat.id, 'app');
    if (existsSync(app)) {
      const indexFile = join(tmpdir(), `vibe-invariant-${chat.chat8}.index`);
      const options = { workTree: app, indexFile };
      const except = ['.svelte-kit', 'node_modules', 'build'].map((name) => `:(exclude)${name}`);
      await repository.run(['add', '--all', '--force', '--', '.', ...except], options);
      const tree = await repository.text(['write-tree'], options);
      await rm(indexFile, { force: true });
      if (tree !== (await repository.resolve(`${head}:apps/${chat.slug}`)))
        wrong.push(`chat ${chat.id}: its files are not those of its branch`);
    }
  }
  const folder = join(vibe.dataDir, 'worktrees');
  const known = new Set(chats.map(({ id }) => id));
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (!known.has(name)) wrong.push(`the worktree ${name} belongs to nobody`);
  return [...wrong, ...(await mains(vibe, db))];
}

/** What main has of each app is released: its newest merge has a release, and that serves. */
async function mains(vibe: Vibe, db: Db): Promise<string[]> {
  const wrong: string[] = [];
  const apps = await many(
    db,
    sql<{
      id: string;
      slug: string;
      container_id: string;
    }>`select id, slug, container_id from apps where deleted_at is null`,
  );
  for (const app of apps) {
    const repository = repositoryOf(vibe.dataDir, app.container_id);
    const merged = await repository.text(['log', '--format=%H', MAIN, '--', `apps/${app.slug}`]);
    const releases = await many(
      db,
      sql<{
        commit: string;
        state: string;
        problem: string | null;
      }>`select commit, state, problem from releases where app_id = ${app.id} order by number desc`,
    );
    const onMain = merged.split('\n').filter(Boolean);
    for (const commit of onMain)
      if (!releases.some((release) => release.commit === commit)) wrong.push(`${commit} is on main without a release`);
    const newest = releases.find(({ commit }) => commit === onMain[0]);
    if (newest && newest.state !== 'serving') wrong.push(`main of ${app.slug} is ${newest.state}: ${newest.problem}`);
  }
  return wrong;
}

/** Every sandbox of this data folder has a host that lives. */
function sandboxes(vibe: Vibe): string[] {
  const records = new Records(join(vibe.dataDir, 'sandboxes', 'records'));
  const markers = records.all().map(({ marker }) => marker);
  const lost = records.orphans().map(({ id }) => `sandbox ${id} has lost its host`);
  const mark = folderName(vibe.dataDir);
  const strays = readProcesses()
    .map(({ pid }) => commandLine(pid))
    .filter(
      (words) => words.some((word) => word.startsWith(`${mark}`)) && !markers.some((marker) => words.includes(marker)),
    );
  return [...lost, ...strays.map((words) => `a process of a sandbox that is over: ${words.slice(0, 4).join(' ')}`)];
}
