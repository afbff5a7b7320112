/** What the platform keeps of each mirror, so that screens and people can read it. */
import type { Mirror } from '../../../../contract/mirrors.ts';
import { type Db, many, maybe, quick, run, sql } from '../../db/database.ts';
import { printable } from '../outside/server.ts';

export type MirrorState = Mirror['state'];

export interface MirrorApp {
  id: string;
  slug: string;
  containerId: string;
  containerSlug: string;
}

/** Apps that have a live database of their own, removed ones left out. */
export const mirroredApps = (db: Db): Promise<MirrorApp[]> =>
  many(
    db,
    sql<MirrorApp>`select a.id, a.slug, a.container_id as "containerId", c.slug as "containerSlug"
      from apps a join containers c on c.id = a.container_id where a.mode = 'dual-repository' and a.removed_at is null order by a.id`,
  );

export interface MirrorNews {
  state: MirrorState;
  words: string;
  lagMs: number;
  lagBytes: number;
  percent: number | null;
}

const MOST_WORDS = 2000;

/** Writes how a mirror is. @returns whether its state or words are others than before */
export async function recordMirror(db: Db, appId: string, news: MirrorNews): Promise<boolean> {
  // names and reasons in them may be a server's that is somebody else's
  const words = printable(news.words).slice(0, MOST_WORDS);
  const [lagMs, lagBytes] = [Math.round(news.lagMs), Math.round(news.lagBytes)];
  // a power cut loses at most a look, and the next one is a second away
  const row = await maybe(
    quick(db),
    sql<{ changed: boolean }>`
      with before as (select state, words from mirrors where app_id = ${appId})
      insert into mirrors (app_id, state, words, lag_ms, lag_bytes, percent)
      values (${appId}, ${news.state}, ${words}, ${lagMs}, ${lagBytes}, ${news.percent})
      on conflict (app_id) do update set state = excluded.state, words = excluded.words, lag_ms = excluded.lag_ms, lag_bytes = excluded.lag_bytes,
        percent = excluded.percent, looked_at = now(), since = case when mirrors.state = excluded.state then mirrors.since else now() end
      returning not exists (select from before where state = ${news.state} and words = ${words}) as changed`,
  );
  return row?.changed ?? true;
}

/** Undefined for an app that has no mirror. */
export async function readMirror(db: Db, appId: string): Promise<Mirror | undefined> {
  const row = await maybe(
    db,
    sql<{
      state: MirrorState;
      words: string;
      lag_ms: number;
      lag_bytes: number;
      percent: number | null;
      since: Date;
      looked_at: Date;
      site_filled_at: Date | null;
    }>`select state, words, lag_ms, lag_bytes, percent, since, looked_at, site_filled_at from mirrors where app_id = ${appId}`,
  );
  return (
    row && {
      state: row.state,
      words: row.words,
      lagMs: row.lag_ms,
      lagBytes: row.lag_bytes,
      percent: row.percent,
      since: row.since.toISOString(),
      lookedAt: row.looked_at.toISOString(),
      siteFilledAt: row.site_filled_at?.toISOString() ?? null,
    }
  );
}

export const markSiteFilled = (db: Db, appId: string): Promise<number> =>
  run(db, sql`update mirrors set site_filled_at = now() where app_id = ${appId}`);
export const forgetMirror = (db: Db, appId: string): Promise<number> =>
  run(db, sql`delete from mirrors where app_id = ${appId}`);
