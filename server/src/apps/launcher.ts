/** Apps as the launcher shows them; what a person may not see does not exist for them. */

import type { RawBuilder } from 'kysely';
import type { App } from '../../../contract/apps.ts';
import type { Access } from '../accounts/access-set.ts';
import { type Db, many, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { addressOf, siteAddressOf } from '../hosting/gateway/addresses.ts';

export interface AppRow {
  id: string;
  container_id: string;
  container_slug: string;
  slug: string;
  name: string;
  type: App['type'];
  mode: App['mode'];
  icon: string;
  colour: App['colour'];
  description: string;
  created_at: Date;
  deleted_at: Date | null;
  last_opened_at: Date | null;
  /** the newest release, whatever its state */
  release_id: string | null;
  release_number: number | null;
  release_commit: string | null;
  release_state: NonNullable<App['release']>['state'] | null;
  release_problem: string | null;
  serving: boolean;
  /** the number of the release that serves: after somebody went back it is not the newest */
  serves: number | null;
  /** the newest release of the staging site, of an app that has one */
  site: NonNullable<App['site']>['release'] | null;
  open_chats: number;
}

const select = (where: RawBuilder<unknown>) => sql<AppRow>`
  select a.id, a.container_id, c.slug as container_slug, a.slug, a.name, a.type, a.mode, a.icon, a.colour, a.description, a.created_at, a.last_opened_at, a.deleted_at,
    r.id as release_id, r.number as release_number, r.commit as release_commit, r.state as release_state, r.problem as release_problem,
    exists (select 1 from releases s where s.app_id = a.id and s.environment = 'live' and s.state = 'serving') as serving,
    (select s.number from releases s where s.app_id = a.id and s.environment = 'live' and s.state = 'serving') as serves,
    (select json_build_object('id', s.id, 'number', s.number, 'commit', s.commit, 'state', s.state, 'problem', s.problem)
      from releases s where s.app_id = a.id and s.environment = 'staging' order by s.number desc limit 1) as site,
    (select count(*)::int from chats h where h.app_id = a.id and h.archived_at is null and h.deleted_at is null and h.status <> 'approved') as open_chats
  from apps a join containers c on c.id = a.container_id
  left join lateral (select * from releases where app_id = a.id and environment = 'live' order by number desc limit 1) r on true
  ${where}`;

/** Apps of a container: recently opened ones first, then by name; or those that were deleted and can come back. */
export function listApps(db: Db, containerId: string, deleted = false): Promise<AppRow[]> {
  const which = deleted ? sql`a.deleted_at is not null and a.removed_at is null` : sql`a.deleted_at is null`;
  return many(
    db,
    select(
      sql`where a.container_id = ${containerId} and ${which} order by a.last_opened_at desc nulls last, lower(a.name)`,
    ),
  );
}

/** @throws AppError `app_not_found` */
export async function findApp(db: Db, access: Access, appId: string): Promise<AppRow> {
  const row = await maybe(db, select(sql`where a.id = ${appId} and a.deleted_at is null`));
  if (!row || !access.containers.some(({ id }) => id === row.container_id))
    throw new AppError('app_not_found', 'missing', 'There is no such app.');
  return row;
}

export function showApp(row: AppRow, baseUrl: string, state: App['state'] | undefined): App {
  const release =
    row.release_id === null
      ? null
      : {
          id: row.release_id,
          number: row.release_number!,
          commit: row.release_commit!,
          state: row.release_state!,
          problem: row.release_problem,
        };
  return {
    id: row.id,
    containerId: row.container_id,
    slug: row.slug,
    name: row.name,
    type: row.type,
    icon: row.icon,
    colour: row.colour,
    description: row.description,
    url: addressOf(baseUrl, row.container_slug, row.slug),
    mode: row.mode,
    site:
      row.mode === 'dual-repository'
        ? { url: siteAddressOf(baseUrl, row.container_slug, row.slug), release: row.site }
        : null,
    state: row.serving ? (state ?? 'asleep') : 'none',
    release,
    serves: row.serves,
    openChats: row.open_chats,
    lastOpenedAt: row.last_opened_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
  };
}
