/** What a person's statement on the Data page stands on: the app and its places, the container's rules, whether it is frozen, who they are. */
import { createHash } from 'node:crypto';
import type { Rule } from '../../databases/router/rules.ts';
import type { ChatData } from '../../databases/router/targets.ts';
import { type Db, maybe, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';

export interface DataStanding extends ChatData {
  /** what a yes is for: of this person and app alone */
  chatId: string;
  appId: string;
  containerId: string;
  organisationId: string;
  frozen: boolean;
  rules: Rule[];
  /** manages the container */
  manages: boolean;
}

type Row = Omit<DataStanding, 'chat8' | 'chatId'>;

/**
 * @param purpose the console's roles are gone after a statement to live, those of browsing stay
 * @throws AppError `app_not_found`, also for whoever is not in the container any more
 */
export async function readStanding(
  db: Db,
  { containerId, appId, by }: { containerId: string; appId: string; by: string },
  purpose: 'console' | 'browse',
): Promise<DataStanding> {
  const row = await maybe(
    db,
    sql<Row>`select c.slug as "containerSlug", a.slug as "appSlug", a.mode, a.id as "appId", c.id as "containerId", c.organisation_id as "organisationId",
        c.frozen_at is not null as frozen, m.role <> 'member' as manages,
        coalesce((select json_agg(json_build_object('environment', r.environment, 'action', r.action, 'appId', r.app_id, 'table', r.table_name, 'verdict', r.verdict) order by r.id)
          from data_rules r where r.container_id = c.id), '[]') as rules
      from apps a join containers c on c.id = a.container_id join members m on m.organisation_id = c.organisation_id and m.user_id = ${by}
      where a.id = ${appId} and c.id = ${containerId} and a.deleted_at is null`,
  );
  if (!row) throw new AppError('app_not_found', 'missing', 'There is no such app.');
  return { ...row, chatId: `${purpose} ${by} ${appId}`, chat8: keyOf(purpose, by, appId) };
}

/** Names a person's roles, beside those of chats: chats are named in hexadecimal digits, and these begin with another letter. */
function keyOf(purpose: 'console' | 'browse', by: string, appId: string): string {
  const digest = createHash('sha256').update(`${by} ${appId}`).digest();
  const tail = digest.readBigUInt64BE().toString(36).padStart(13, '0').slice(-7);
  return `${purpose === 'console' ? 'u' : 'v'}${tail}`;
}
