/** Reminders as people read them, and what they decide about one. */
import type { Reminder } from '../../../../contract/reminders.ts';
import { recordAct } from '../../databases/acts.ts';
import { wordsOfObject } from '../../databases/reminders/objects.ts';
import { type Db, many, maybe, sql, type Tx, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';

const MOST = 500;
/** Those that are over are shown for so long. */
const OVER_DAYS = 7;

interface Row {
  id: string;
  app: Reminder['app'];
  chat: Reminder['chat'];
  kind: Reminder['kind'];
  direction: Reminder['direction'];
  source: string;
  tool: string;
  action: string;
  tables: string[];
  objects: string[];
  state: Reminder['state'];
  since: Date;
  endedAt: Date | null;
  endedBy: string | null;
  reason: string | null;
}

/** Open ones first, the oldest on top; then what was cleared or dismissed in the last days. */
export async function listReminders(db: Db, containerId: string, chatId?: string): Promise<Reminder[]> {
  const rows = await many(
    db,
    sql<Row>`select r.id, json_build_object('id', a.id, 'slug', a.slug, 'name', a.name, 'colour', a.colour, 'icon', a.icon) as app,
        case when h.id is not null then json_build_object('id', h.id, 'title', h.title) end as chat,
        r.kind, r.direction, r.source, r.tool, r.action, r.tables, r.objects, r.state, r.since, r.ended_at as "endedAt", u.name as "endedBy", r.reason
      from reminders r join apps a on a.id = r.app_id left join chats h on h.id = r.chat_id and h.container_id = a.container_id and h.deleted_at is null and h.removed_at is null left join users u on u.id = r.ended_by
      where a.container_id = ${containerId} and a.deleted_at is null ${chatId ? sql`and r.chat_id = ${chatId}` : sql``}
        and (r.state = 'open' or r.ended_at > now() - make_interval(days => ${OVER_DAYS}))
      order by r.state = 'open' desc, case when r.state = 'open' then r.since end, r.ended_at desc limit ${MOST}`,
  );
  return rows.map((row) => ({
    id: row.id,
    app: row.app,
    chat: row.chat,
    kind: row.kind,
    direction: row.direction,
    title: titleOf(row),
    why: whyOf(row),
    tables: row.tables,
    objects: row.objects.filter((key) => !key.startsWith('grants:')).map(wordsOfObject),
    state: row.state,
    since: row.since.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endedBy: row.endedBy,
    reason: row.reason,
  }));
}

/** An open reminder about tables, with the objects that differ. */
export interface AboutTables {
  id: string;
  appId: string;
  direction: Reminder['direction'];
  tables: string[];
  objects: string[];
}

/** Those of a container that are open, the oldest first. */
export const remindersAboutTables = (db: Db, containerId: string): Promise<AboutTables[]> =>
  many(
    db,
    sql<AboutTables>`select r.id, r.app_id as "appId", r.direction, r.tables, r.objects from reminders r join apps a on a.id = r.app_id
      where a.container_id = ${containerId} and a.deleted_at is null and r.state = 'open' and r.kind <> 'data' order by r.since, r.id limit ${MOST}`,
  );

const VERBS: Record<string, string> = {
  create_table: 'Create',
  drop_table: 'Remove',
  rename_table: 'Rename',
  add_column: 'Add',
  drop_column: 'Remove',
  rename_column: 'Rename',
  insert: 'Add rows to',
  update: 'Change rows of',
  delete: 'Remove rows of',
  upsert: 'Add or change rows of',
};

function titleOf({ kind, action, tables, objects, state }: Row): string {
  const names = tables.join(', ') || 'the database';
  if (kind === 'drift' && state === 'cleared') return `A difference in ${names}`;
  if (kind === 'drift')
    return tables.length > 0 ? `${names} is not the same on both` : 'The databases are not the same';
  const columns = objects.filter((key) => key.startsWith('column:')).map((key) => key.slice('column:'.length));
  const about = /_column$/.test(action) && columns.length > 0 ? columns.join(', ') : names;
  return `${VERBS[action] ?? 'Change'} ${about}`;
}

function whyOf({ kind, direction, tool, chat }: Row): string {
  const [has, lacks] = direction === 'to_live' ? ['staging', 'live'] : ['live', 'staging'];
  if (kind === 'drift')
    return 'No chat made this difference: somebody changed a database by another road. Make both the same, or say why it is right.';
  const by = tool === 'console' ? 'in the SQL console' : chat ? 'by a chat' : 'by a chat that is gone';
  return kind === 'schema'
    ? `Done on ${has} ${by}, and not yet on ${lacks}.`
    : `These rows were changed on ${has} ${by}. Rows do not go to ${lacks} by themselves.`;
}

export interface OpenReminder {
  id: string;
  appId: string;
  kind: Reminder['kind'];
  direction: Reminder['direction'];
  source: string;
}

/** One that is open, in a container. @throws AppError `reminder_not_found`, `reminder_closed` */
export async function openReminder(db: Db, containerId: string, id: string): Promise<OpenReminder> {
  const row = await maybe(
    db,
    sql<OpenReminder & { state: string }>`select r.id, r.app_id as "appId", r.kind, r.direction, r.source, r.state
      from reminders r join apps a on a.id = r.app_id where r.id = ${id} and a.container_id = ${containerId} and a.deleted_at is null`,
  );
  if (!row) throw new AppError('reminder_not_found', 'missing', 'There is no such reminder.');
  if (row.state !== 'open') throw new AppError('reminder_closed', 'conflict', 'This reminder is not open any more.');
  return row;
}

interface Decided {
  appId: string;
  chatId: string | null;
  direction: Reminder['direction'];
  tables: string[];
}

const DECIDED = sql`r.app_id as "appId", r.chat_id as "chatId", r.direction, r.tables`;

/** What a person decided stays written down when the reminder is another one later. */
const decided = (tx: Tx, act: 'dismiss' | 'reopen', by: string, { direction, ...of }: Decided, note?: string) =>
  recordAct(tx, {
    ...{ act, by, ...of, note: note ?? null },
    environment: direction === 'to_live' ? 'live' : direction === 'to_staging' ? 'site' : null,
  });

/** Says that a change is not needed on the other database. @throws AppError `reminder_closed` */
export async function dismissReminder(db: Db, { id }: OpenReminder, by: string, reason: string): Promise<void> {
  await transaction(db, async (tx) => {
    const done = await maybe(
      tx,
      sql<Decided>`update reminders r set state = 'dismissed', ended_at = now(), ended_by = ${by}, reason = ${reason}
        where id = ${id} and state = 'open' returning ${DECIDED}`,
    );
    if (!done) throw new AppError('reminder_closed', 'conflict', 'This reminder is not open any more.');
    await decided(tx, 'dismiss', by, done, reason);
  });
}

/** Takes a dismissal back. @throws AppError `reminder_closed` */
export async function reopenReminder(db: Db, containerId: string, id: string, by: string): Promise<void> {
  await transaction(db, async (tx) => {
    const done = await maybe(
      tx,
      sql<Decided>`update reminders r set state = 'open', ended_at = null, ended_by = null, reason = null from apps a
        where r.id = ${id} and a.id = r.app_id and a.container_id = ${containerId} and r.state = 'dismissed' returning ${DECIDED}`,
    );
    if (!done) throw new AppError('reminder_closed', 'conflict', 'This reminder was not dismissed.');
    await decided(tx, 'reopen', by, done);
  });
}

/** The recorded write that a reminder about rows repeats. @throws AppError `reminder_closed` */
export async function writeToRepeat(
  db: Db,
  source: string,
): Promise<{ id: string; chatId: string | null; agent: string }> {
  const row = await maybe(
    db,
    sql<{
      id: string;
      chatId: string | null;
      agent: string;
    }>`select id, chat_id as "chatId", agent from sql_calls where id = ${source}`,
  );
  if (!row) throw new AppError('reminder_closed', 'conflict', 'What was changed is not recorded any more.');
  return row;
}
