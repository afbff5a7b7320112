/**
 * A statement of a turn, on the host: which database it goes to by the pill that was captured with the message, what the rules say, and the record of it.
 * The pill is a person's; what a model asks for can only be narrower.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataKeys } from '../accounts/data-keys.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { databasesOf } from '../databases/names.ts';
import { inTime } from '../databases/outside/in-time.ts';
import { isAway } from '../databases/outside/server.ts';
import type { Reminders } from '../databases/reminders/reminders.ts';
import { writeOf } from '../databases/reminders/write-of.ts';
import { Refusal } from '../databases/router/refusal.ts';
import type { Agreed, Outcome, Question, Router } from '../databases/router/router.ts';
import type { Rule } from '../databases/router/rules.ts';
import type { ChatData, TargetName } from '../databases/router/targets.ts';
import { type Db, many, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { HostOutcome } from './api.ts';
import { bringDraft, textFiles } from './spec-work.ts';
import { closeCall, recorded } from './sql-calls.ts';
import type { SqlOutcome } from './sql-schema.ts';
import { beginEdit, keepDraft, type WorkParts } from './turn-work.ts';
import type { Workspaces } from './workspaces.ts';

export interface SqlParts extends WorkParts {
  router: Router;
  reminders: Reminders;
  workspaces: Workspaces;
  keys: DataKeys;
}

export interface SqlInput {
  chatId: string;
  turnId: string;
  fence: number;
  sql: string;
  target?: TargetName | undefined;
  agent: string;
  askedBy: string;
  agreed?: (Agreed & { by: string }) | undefined;
}

interface Standing extends ChatData {
  appId: string;
  containerId: string;
  organisationId: string;
  frozen: boolean;
  rules: Rule[];
  pill: 'staging' | 'live';
}

/** Runs, asks or refuses one statement of a turn. @throws AppError `fenced`, `data_unavailable` */
export async function runSql(parts: SqlParts, input: SqlInput): Promise<HostOutcome> {
  const standing = await readStanding(parts.db, input);
  const target = input.target ?? standing.pill;
  const refusal = refuseTarget(standing, target) ?? (await refuseYes(parts.db, standing, input.agreed));
  if (refusal)
    return answerOf(
      { kind: 'refused', rule: refusal.rule, message: refusal.message, allowed: refusal.allowed },
      target,
    );
  const action = writeOf(input.sql)?.action ?? null;
  if (target === 'draft') await prepareDraft(parts, input, action !== null);
  const question: Question = {
    chat: { ...standing, chatId: input.chatId },
    target,
    sql: input.sql,
    rules: standing.rules,
    frozen: standing.frozen,
    agreed: input.agreed,
  };
  const { appId, containerId, organisationId, mode } = standing;
  const { sql: text, agreed, ...rest } = input;
  const call = { ...rest, sql: text, appId, containerId, organisationId, mode, target, agreedBy: agreed?.by };
  if (target === 'live') await ending.get(input.chatId);
  const outcome = await recorded(parts, call, (receipt) => parts.router.ask({ ...question, receipt }));
  // the turn does not wait for it
  if (outcome.kind === 'answer' && outcome.result.affected && mode === 'dual-repository' && target !== 'draft')
    void parts.reminders
      .look({ id: appId, slug: standing.appSlug, containerId, containerSlug: standing.containerSlug })
      .catch(() => {});
  return answerOf(outcome, target, action);
}

async function readStanding(db: Db, { chatId, turnId, fence }: SqlInput): Promise<Standing> {
  const row = await maybe(
    db,
    sql<Standing & { fence: number; working: boolean }>`
      select h.chat8, c.slug as "containerSlug", a.slug as "appSlug", a.mode, a.id as "appId", c.id as "containerId", c.organisation_id as "organisationId",
        c.frozen_at is not null as frozen, t.database as pill, h.fence, t.state = 'running' as working,
        coalesce((select json_agg(json_build_object('environment', r.environment, 'action', r.action, 'appId', r.app_id, 'table', r.table_name, 'verdict', r.verdict))
          from data_rules r where r.container_id = c.id), '[]') as rules
      from chats h join containers c on c.id = h.container_id join apps a on a.id = h.app_id join turns t on t.id = ${turnId} and t.chat_id = h.id
      where h.id = ${chatId}`,
  );
  if (!row) throw new AppError('no_app', 'conflict', 'This chat has no app yet.');
  if (fence < row.fence || !row.working)
    throw new AppError('fenced', 'conflict', 'Another worker has taken this turn over.');
  return row;
}

function refuseTarget(standing: Standing, target: TargetName): Refusal | undefined {
  if (target !== 'live') return undefined;
  if (standing.pill !== 'live')
    return new Refusal(
      'pill',
      'The database pill of this message is on staging.',
      'Only a person can switch it to live, for one message. Ask them, if live is what they mean.',
    );
  if (standing.mode === 'vibe-coded')
    return new Refusal(
      'no_live',
      'This app has no live database: its rows in use are on staging.',
      'Use target staging.',
    );
  return undefined;
}

/** A yes to rows in use counts only from somebody who manages the container. */
async function refuseYes(
  db: Db,
  { organisationId }: Standing,
  agreed: SqlInput['agreed'],
): Promise<Refusal | undefined> {
  if (!agreed) return undefined;
  const may = await maybe(
    db,
    sql`select 1 from members where organisation_id = ${organisationId} and user_id = ${agreed.by} and role <> 'member'`,
  );
  return may
    ? undefined
    : new Refusal(
        'not_permitted',
        'Only somebody who manages the container can say yes to this.',
        'Ask an owner or an admin of it.',
      );
}

/** The draft is there, and as it was before this turn's first write. */
async function prepareDraft(parts: SqlParts, { chatId, turnId }: SqlInput, writes: boolean): Promise<void> {
  await parts.workspaces.use(chatId, async ({ place, helper }) => {
    if (writes) await beginEdit(parts, place, turnId);
    await bringDraft(parts, place, await textFiles(helper));
    if (writes) await keepDraft(parts, place, turnId);
  });
}

/** What a turn under a live pill ran as is taken away when it ends. */
export async function endLiveGrant(
  parts: Pick<SqlParts, 'db' | 'router'> & { warn: (error: unknown, text: string) => void },
  chat: ChatData & { id: string },
  turnId: string,
): Promise<void> {
  const live = await maybe(parts.db, sql`select 1 from turns where id = ${turnId} and database = 'live'`);
  if (!live || chat.mode !== 'dual-repository') return;
  try {
    await parts.router.dropRoles(chat, ['live']);
  } catch (error) {
    if (!isAway(error)) throw error;
    void endLater(parts, chat, turnId).catch((error) => parts.warn(error, 'a live grant was not taken away'));
  }
}

/** By chat: a statement of a later turn waits until what the earlier one ran as is gone, so that its own does not go with it. */
const ending = new Map<string, Promise<void>>();

/** As soon as live answers again, if this process is still there; else the next start does it. */
async function endLater(
  { db, router }: Pick<SqlParts, 'db' | 'router'>,
  chat: ChatData & { id: string },
  turnId: string,
): Promise<void> {
  for (let over = false; !over; ) {
    await sleep(AGAIN_MS, undefined, { ref: false });
    const end = endOnce();
    const ended = end.then(
      () => {},
      () => {},
    );
    ending.set(chat.id, ended);
    over = await end.finally(() => {
      if (ending.get(chat.id) === ended) ending.delete(chat.id);
    });
  }

  async function endOnce(): Promise<boolean> {
    // the end of a later turn does it as well
    const later = await maybe(
      db,
      sql`select 1 from turns t join turns o on o.chat_id = t.chat_id and o.id = ${turnId} where t.id <> o.id and t.database = 'live' and t.state <> 'ended'`,
    );
    if (later) return true;
    return router.dropRoles(chat, ['live']).then(
      () => true,
      (error) => {
        if (isAway(error)) return false;
        throw error;
      },
    );
  }
}

const AGAIN_MS = 2000;

/** How long a start's question to a server that is somebody else's is waited for before it counts as away. */
const ANSWER_MS = 5000;

/**
 * After a start: what was cut off has either left its receipt or taken no effect. Live grants of turns that are over go. A live database at an address of
 * its own is waited for by nobody: what it keeps waiting is done after this has returned, as soon as it answers, and until then no statement goes there.
 * @returns what ends the waiting
 */
export async function settleSql(
  parts: Pick<SqlParts, 'db' | 'router'> & { cluster: DataCluster },
  { againMs = AGAIN_MS, answerMs = ANSWER_MS, warn = (_error: unknown) => {} } = {},
): Promise<() => void> {
  const open = await many(
    parts.db,
    sql<{
      id: string;
      target: TargetName;
      slug: string;
    }>`select s.id, s.target, c.slug from sql_calls s join containers c on c.id = s.container_id where s.state = 'open'`,
  );
  const containers = await many(parts.db, sql<{ slug: string }>`select slug from containers where state = 'ready'`);
  const calls = Map.groupBy(open, ({ target, slug }) => databasesOf(slug)[target === 'live' ? 'live' : 'staging']);
  const works = [
    ...[...calls].map(([database, ofOne]) => ({
      database,
      work: () =>
        closeCutOff(
          parts,
          database,
          ofOne.map(({ id }) => id),
          warn,
        ),
    })),
    ...containers.map(({ slug }) => {
      const { live: database } = databasesOf(slug);
      let first = true;
      const work = () => {
        const done = first ? parts.router.live.drop(database) : parts.router.live.settled(database);
        first = false;
        return done ?? Promise.resolve();
      };
      return { database, work };
    }),
  ];
  const isFar = ({ database }: { database: string }) => parts.cluster.isOutside(database);
  const end = new AbortController();
  // begun before anything is served: that something is owed there is known from here on
  const far = notAway(
    works.filter(isFar).map(({ work }) => patiently(work, answerMs)),
    warn,
  );
  const near = await notAway(
    works.filter((one) => !isFar(one)).map(({ work }) => work),
    warn,
  );
  void (async () => {
    let left = [...near, ...(await far)];
    while (left.length > 0) {
      await sleep(againMs, undefined, { signal: end.signal, ref: false });
      left = await notAway(left, warn);
    }
  })().catch((error) => end.signal.aborted || warn(error));
  return () => end.abort();
}

async function closeCutOff(
  { db, router }: Pick<SqlParts, 'db' | 'router'>,
  database: string,
  ids: string[],
  warn: (error: unknown) => void,
): Promise<void> {
  const found = await router.receipts(database, ids);
  for (const id of ids) {
    const rows = found.get(id);
    const end =
      rows === undefined ? ({ state: 'refused', rule: 'cut_off' } as const) : ({ state: 'done', rows } as const);
    await closeCall(db, id, end, 'settling').catch(warn);
  }
}

/** Waited for so long at a time; what is under way is not begun again. */
function patiently(work: () => Promise<void>, ms: number): () => Promise<void> {
  let under: Promise<void> | undefined;
  return () => {
    under ??= work().finally(() => {
      under = undefined;
    });
    const now = under;
    return inTime(ms, () => now);
  };
}

/** Does what can be done: one database that is away or fails must not keep the others from being settled. @returns what is away */
async function notAway(works: (() => Promise<void>)[], warn: (error: unknown) => void): Promise<typeof works> {
  const away = await Promise.all(
    works.map((work) =>
      work().then(
        () => false,
        (error) => {
          const away = isAway(error);
          if (!away) warn(error);
          return away;
        },
      ),
    ),
  );
  return works.filter((_, n) => away[n]);
}

/** As the gate hears it: an answer and a question are both values. */
function answerOf(outcome: Outcome, target: TargetName, action: SqlOutcome['action'] = null): HostOutcome {
  if (outcome.kind === 'refused')
    return {
      ok: false,
      code: `sql_${outcome.rule}`,
      message: outcome.message,
      ...(outcome.allowed ? { detail: { allowed: outcome.allowed } } : {}),
    };
  const value: SqlOutcome = { ...outcome, action, target };
  return { ok: true, value };
}
