/** Where a chat's things are: its container's repository, its worktree, its draft. Read from the platform database, cached by nobody. */
import { join } from 'node:path';
import type { Git } from '../containers/git.ts';
import { repositoryOf } from '../containers/repository.ts';
import type { Worktree } from '../containers/worktrees.ts';
import type { DraftPlace } from '../databases/drafts.ts';
import { appSchema, databasesOf, draftSchema, siteSchema } from '../databases/names.ts';
import { type Db, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';

export interface ChatRecord {
  id: string;
  chat8: string;
  title: string;
  containerId: string;
  containerSlug: string;
  organisationId: string;
  appId: string | null;
  appSlug: string | null;
  appName: string | null;
  mode: 'vibe-coded' | 'dual-repository';
  baseCommit: string | null;
  headCommit: string | null;
  fence: number;
  working: boolean;
  person: { name: string; email: string };
}

export interface ChatPlace extends ChatRecord {
  appId: string;
  appSlug: string;
  appName: string;
  git: Git;
  worktree: Worktree;
  draft: DraftPlace;
}

/** @throws AppError `chat_not_found` */
export async function readChatRecord(db: Db, chatId: string): Promise<ChatRecord> {
  const row = await maybe(
    db,
    sql<
      Omit<ChatRecord, 'person'> & { personName: string; personEmail: string }
    >`select h.id, h.chat8, h.title, h.container_id as "containerId", c.slug as "containerSlug", c.organisation_id as "organisationId",
        a.id as "appId", a.slug as "appSlug", a.name as "appName", coalesce(a.mode, 'vibe-coded') as mode, h.base_commit as "baseCommit", h.head_commit as "headCommit", h.fence,
        exists (select 1 from turns t where t.chat_id = h.id and t.state in ('running', 'waiting')) as working, u.name as "personName", u.email as "personEmail"
      from chats h join containers c on c.id = h.container_id join users u on u.id = h.created_by left join apps a on a.id = h.app_id where h.id = ${chatId}`,
  );
  if (!row) throw new AppError('chat_not_found', 'missing', 'There is no such chat.');
  const { personName, personEmail, ...record } = row;
  return { ...record, person: { name: personName, email: personEmail } };
}

/** The places of a chat that has an app. @throws AppError `no_app` */
export function placeOf(record: ChatRecord, dataDir: string): ChatPlace {
  const { appId, appSlug, appName } = record;
  if (!appId || !appSlug || !appName) throw new AppError('no_app', 'conflict', 'This chat has no app yet.');
  const git = repositoryOf(dataDir, record.containerId);
  return {
    ...record,
    appId,
    appSlug,
    appName,
    git,
    worktree: { git, folder: join(dataDir, 'worktrees', record.id), slug: appSlug, chat8: record.chat8 },
    draft: {
      database: databasesOf(record.containerSlug).staging,
      containerSlug: record.containerSlug,
      schema: draftSchema(appSlug, record.chat8),
      // where a merge goes first
      source: record.mode === 'dual-repository' ? siteSchema(appSlug) : appSchema(appSlug),
    },
  };
}
