/** The releases of an app as its people use it (not of its staging site), newest first, and which of them could serve again on today's tables. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseEntry, ReleasePage } from '../../../contract/releases.ts';
import type { ChangeFile } from '../builds/changes/change-file.ts';
import { MAIN } from '../containers/repository.ts';
import { appliedChanges, type Change } from '../databases/changes.ts';
import { many, sql } from '../db/database.ts';
import { changesAt } from './app-changes.ts';
import { type AppPlace, appPlace } from './app-places.ts';
import { KEEP_RELEASES } from './old-releases.ts';
import type { ReleaseParts } from './release.ts';
import { isHarmless, obstacles, refusal } from './survives.ts';

const PAGE = 20;

interface Row {
  id: string;
  number: number;
  commit: string;
  state: ReleaseEntry['state'];
  problem: string | null;
  by: string | null;
  created_at: Date;
  served_at: Date | null;
  /** how many that do not serve are newer: the last ones are kept */
  newer: number;
}

/** @param before a release's number: those that are older than it */
export async function listReleases(
  parts: ReleaseParts,
  { appId, before }: { appId: string; before?: number | undefined },
): Promise<ReleasePage> {
  const place = await appPlace(parts.db, parts.dataDir, appId);
  const rows = await many(
    parts.db,
    sql<Row>`select * from (
      select r.id, r.number, r.commit, r.state, r.problem, u.name as by, r.created_at, r.served_at,
        (count(*) filter (where r.state in ('retired', 'failed')) over (order by r.number desc rows between unbounded preceding and current row))::int - 1 as newer
      from releases r left join users u on u.id = r.created_by where r.app_id = ${appId} and r.environment = 'live') all_of_them
      where ${before ?? null}::int is null or number < ${before ?? null} order by number desc limit ${PAGE + 1}`,
  );
  const page = rows.slice(0, PAGE);
  const merges = await mergesOf(place, page);
  const chats = await many(
    parts.db,
    sql<{
      id: string;
    }>`select id from chats where container_id = ${place.containerId} and deleted_at is null
      and id::text = any(${[...merges.values()].map(({ chatId }) => chatId)}::text[])`,
  );
  const there = new Set(chats.map(({ id }) => id));
  const tables = new Tables(parts, place);
  const items = [];
  for (const row of page) {
    const { title, chatId } = merges.get(row.commit) ?? { title: '', chatId: '' };
    const why = await whyNot(place, row, tables);
    items.push({
      id: row.id,
      number: row.number,
      commit: row.commit,
      state: row.state,
      problem: row.problem,
      title,
      chatId: there.has(chatId) ? chatId : null,
      by: row.by,
      createdAt: row.created_at.toISOString(),
      servedAt: row.served_at?.toISOString() ?? null,
      canServe: row.state === 'retired' && why === null,
      why,
    });
  }
  return { items, next: rows.length > PAGE ? page.at(-1)!.number : null };
}

/** Why a release cannot serve again; null also where there is no question. */
async function whyNot(place: AppPlace, row: Row, tables: Tables): Promise<string | null> {
  if (row.state !== 'retired') return null;
  if (!row.served_at) return 'It never served.';
  if (row.newer >= KEEP_RELEASES || !existsSync(join(place.releasesFolder, row.id, 'release.json')))
    return `Only the last ${KEEP_RELEASES} are kept.`;
  const found = await tables.obstaclesFor(row.commit);
  return found.length > 0 ? refusal(row.number, found) : null;
}

/** What the app's tables went through, read once for all releases. */
class Tables {
  readonly #parts: ReleaseParts;
  readonly #place: AppPlace;
  #known: Promise<{ applied: Change[]; main: ChangeFile[] }> | undefined;

  constructor(parts: ReleaseParts, place: AppPlace) {
    this.#parts = parts;
    this.#place = place;
  }

  /** What a release of this commit would stumble over. */
  async obstaclesFor(commit: string): Promise<string[]> {
    const { git, slug, database, schema, containerSlug } = this.#place;
    this.#known ??= Promise.all([
      this.#parts.cluster.asOwner(database, containerSlug, schema, appliedChanges),
      changesAt(git, MAIN, slug),
    ]).then(([applied, main]) => ({ applied, main }));
    const { applied, main } = await this.#known;
    const own = new Set((await changesAt(git, commit, slug)).map(({ id }) => id));
    const there = new Set(applied.map(({ id }) => id));
    const since = main.filter(({ id }) => there.has(id) && !own.has(id));
    const elsewhere = applied.filter(({ id }) => !own.has(id) && !main.some((change) => change.id === id));
    const odd = [...own].some((id) => !there.has(id)) || !elsewhere.every(isHarmless);
    return [...obstacles(since), ...(odd ? ['they were changed in another way'] : [])];
  }
}

/** The chat and its title of each merge, from the commits themselves. */
async function mergesOf({ git }: AppPlace, rows: Row[]): Promise<Map<string, { title: string; chatId: string }>> {
  if (rows.length === 0) return new Map();
  const format = '%H%x1f%s%x1f%(trailers:key=Vibe-Chat,valueonly,separator=%x20)%x1e';
  const text = await git.text(['log', '--no-walk=unsorted', `--format=${format}`, ...rows.map(({ commit }) => commit)]);
  return new Map(
    text
      .split('\x1e')
      .map((entry) => entry.trim().split('\x1f'))
      .filter(([commit]) => commit)
      .map(([commit, title = '', chatId = '']) => [commit!, { title, chatId: chatId.trim() }]),
  );
}
