/**
 * Who changed what and when, of a container: statements, acts, releases and switches between them as one list, newest first. Each source gives its next
 * page along an index of its own (by time, then id), and what is shown is the newest of these; so a page costs as much with a million statements as with
 * a hundred. Measured with a million statements of one container, nine of ten of them reads (`VIBE_MANY_CALLS=1000000`, `changes.test.ts`): 4 to 14 ms a page, with any filter.
 */
import type { RawBuilder } from 'kysely';
import type { z } from 'zod';
import {
  type ChangeKind,
  type ChangeSource,
  type changesQuery,
  type DataChange,
  KIND_OF_ACT,
} from '../../../../contract/data.ts';
import type { DataKeys } from '../../accounts/data-keys.ts';
import { type Db, many, maybe, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { openAct } from '../table-changes.ts';
import { answersTo } from './answers.ts';
import { openStatement } from './calls.ts';

const PAGE = 50;

type Query = z.output<typeof changesQuery>;
type Part = RawBuilder<unknown>;

/** Acts that are about rows or settings; all others are about tables. */
const actsOf = (kind: ChangeKind): string[] =>
  Object.entries(KIND_OF_ACT).flatMap(([act, of]) => (of === kind ? [act] : []));
const ROWS = actsOf('rows');
const SETTINGS = actsOf('settings');

/** One page. @param container whose it is; nothing of any other is ever read */
export async function listChanges(
  db: Db,
  container: { id: string },
  query: Query,
): Promise<{ items: DataChange[]; next: string | null }> {
  const pages = [...calls(container.id, query), ...acts(container.id, query), ...releases(container.id, query)];
  const rows = await many(
    db,
    shown(
      container.id,
      sql.join(
        pages.map((page) => sql`(${page})`),
        sql` union all `,
      ),
    ),
  );
  const asked = rows.filter(({ act, state, reason }) => act === 'call' && state === 'refused' && reason === 'asks');
  const answers = await answersTo(
    db,
    container.id,
    asked.map(({ id }) => id),
  );
  const items = rows.slice(0, PAGE).map(({ cursor: _, at, ...row }) => ({
    ...{ ...row, at: at.toISOString() },
    answer: answers.get(row.id) ?? null,
  }));
  return { items, next: rows.length > PAGE ? rows[PAGE - 1]!.cursor : null };
}

/** What ran, for whoever sees the list. @throws AppError `call_not_found`, `change_not_found` */
export async function openChange(
  parts: { db: Db; keys: DataKeys },
  container: { id: string; organisationId: string },
  { source, id }: { source: ChangeSource; id: string },
): Promise<string> {
  if (source === 'call') return openStatement(parts, container, id);
  if (source === 'act') return openAct(parts, container, id);
  const act = await maybe(
    parts.db,
    sql<{ id: string }>`select id from data_acts where release_id = ${id} and container_id = ${container.id}`,
  );
  if (!act) throw new AppError('change_not_found', 'missing', 'Nothing that ran is kept of this.');
  return openAct(parts, container, act.id);
}

/** What comes after the cursor in a source, whose name is part of the order. */
function after(source: ChangeSource, query: Query, at: Part, id: Part): Part[] {
  const [time, of, last] = query.after?.split('_') ?? [];
  if (!time || !of) return [];
  if (of === source) return [sql`(${at}, ${id}) < (${time}::timestamptz, ${last}::uuid)`];
  return [source < of ? sql`${at} <= ${time}::timestamptz` : sql`${at} < ${time}::timestamptz`];
}

const where = (parts: Part[]): Part => sql.join(parts, sql` and `);
const LIMIT = sql`limit ${sql.lit(PAGE + 1)}`;

function calls(containerId: string, query: Query): Part[] {
  const { appId, table, person, kind, reads } = query;
  if (kind && kind !== 'rows') return [];
  const fits = [
    sql`s.container_id = ${containerId}`,
    ...(reads ? [] : [sql`s.writes`]),
    ...(person ? [sql`s.asked_by = ${person}`] : []),
    ...(table ? [sql`s.tables @> array[${table}::text]`] : []),
    ...after('call', query, sql`s.called_at`, sql`s.id`),
  ];
  const page = (more: Part[]) =>
    sql`select 'call' as source, s.id, s.called_at as at from sql_calls s where ${where([...fits, ...more])} order by s.called_at desc, s.id desc ${LIMIT}`;
  if (!appId) return [page([])];
  // older ones name their app by the chat alone
  const older = sql`s.app_id is null and s.chat_id in (select id from chats where app_id = ${appId})`;
  return [page([sql`s.app_id = ${appId}`]), page([older])];
}

function acts(containerId: string, query: Query): Part[] {
  const { appId, table, person, kind } = query;
  const kinds =
    kind === 'rows'
      ? [sql`d.act = any (${ROWS}::text[])`]
      : kind === 'settings'
        ? [sql`d.act = any (${SETTINGS}::text[])`]
        : kind
          ? [sql`d.act <> all (${[...ROWS, ...SETTINGS]}::text[])`]
          : [];
  const fits = [
    sql`d.container_id = ${containerId}`,
    // of a release it stands with the release
    sql`d.act <> 'release'`,
    ...(appId ? [sql`d.app_id = ${appId}`] : []),
    ...(table ? [sql`d.tables @> array[${table}::text]`] : []),
    ...(person ? [sql`d.by_user = ${person}`] : []),
    ...kinds,
    ...after('act', query, sql`d.at`, sql`d.id`),
  ];
  return [
    sql`select 'act' as source, d.id, d.at from data_acts d where ${where(fits)} order by d.at desc, d.id desc ${LIMIT}`,
  ];
}

/**
 * Who a release is of. That of the staging site which an app gets with its live database, and that with which it comes back from one, are told in no chat
 * (so nobody stands beside them): whoever asked for the one or gave up the other.
 */
const releasedBy = sql`coalesce(r.created_by, (select e.by_user from data_acts e where e.container_id = (select container_id from apps where id = r.app_id) and e.at <= r.created_at
  and case when r.environment = 'staging' then e.act = 'give_live' and e.app_id = r.app_id else e.act = 'give_up' end order by e.at desc, e.id desc limit 1))`;

function releases(containerId: string, query: Query): Part[] {
  const { appId, table, person, kind } = query;
  if (kind && kind !== 'tables') return [];
  const fits = [
    sql`r.app_id = a.id`,
    ...(person ? [sql`${releasedBy} = ${person}`] : []),
    ...(table
      ? [
          sql`exists (select from data_acts d where d.release_id = r.id and d.state <> 'failed' and d.tables @> array[${table}::text])`,
        ]
      : []),
    ...after('release', query, sql`r.created_at`, sql`r.id`),
  ];
  const made = sql`select 'release' as source, r.id, r.at from apps a cross join lateral (
      select r.id, r.created_at as at from releases r where ${where(fits)} order by r.created_at desc, r.id desc ${LIMIT}) r
    where a.container_id = ${containerId} ${appId ? sql`and a.id = ${appId}` : sql``} order by r.at desc, r.id desc ${LIMIT}`;
  if (table) return [made];
  const switched = [
    sql`g.container_id = ${containerId}`,
    sql`g.tool = 'go_back' and g.decision = 'allowed'`,
    ...(person ? [sql`g.by_user = ${person}`] : []),
    ...(appId ? [sql`exists (select from releases r where r.id::text = g.call_id and r.app_id = ${appId})`] : []),
    ...after('switch', query, sql`g.at`, sql`g.id`),
  ];
  return [
    made,
    sql`select 'switch' as source, g.id, g.at from audit_log g where ${where(switched)} order by g.at desc, g.id desc ${LIMIT}`,
  ];
}

type Row = Omit<DataChange, 'at' | 'answer'> & { at: Date; cursor: string };

/** Everything about the rows of a page. A chat is named where it can be opened. */
const shown = (containerId: string, pages: Part) => sql<Row>`
  with page as materialized (select * from (${pages}) p order by at desc, source desc, id desc ${LIMIT})
  select p.source, p.id, p.at, to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || p.source || '_' || p.id as cursor,
    case p.source when 'call' then 'call' when 'switch' then 'go_back' when 'act' then d.act
      else case when r.environment = 'live' and w.dual then 'deploy' else 'merge' end end as act,
    case when p.source = 'call' or d.act = any (${ROWS}::text[]) then 'rows' when d.act = any (${SETTINGS}::text[]) then 'settings' else 'tables' end as kind,
    case when u.id is not null then json_build_object('id', u.id, 'name', u.name) end as by,
    coalesce(s.agent, d.agent) as agent,
    case when y.id is not null then json_build_object('id', y.id, 'name', y.name) end as "agreedBy",
    case when a.id is not null then json_build_object('id', a.id, 'slug', a.slug, 'name', a.name, 'colour', a.colour, 'icon', a.icon) end as app,
    case p.source when 'call' then case when s.writes and s.state <> 'refused' then coalesce(s.environment, s.target) else s.target end when 'switch' then case when a.mode = 'dual-repository' then 'live' else 'staging' end
      when 'act' then d.environment else coalesce(d.environment, case when r.environment = 'staging' then 'site' when w.dual then 'live' else 'staging' end) end as place,
    case when p.source = 'release' and d.state = 'failed' then '{}' else coalesce(s.tables, d.tables, '{}') end as tables, coalesce(s.rows, d.rows)::float8 as rows,
    s.action, coalesce(s.writes, true) as writes,
    case p.source when 'call' then s.state when 'act' then d.state when 'switch' then case g.outcome when 'done' then 'done' when 'failed' then 'failed' else 'open' end
      else case when r.state = 'failed' or (r.state = 'retired' and r.served_at is null) then 'failed' when r.state in ('serving', 'retired') then 'done' else 'open' end end as state,
    case p.source when 'call' then s.rule when 'release' then left(r.problem, 300) end as reason,
    s.replays is not null as repeats,
    case when h.id is not null then json_build_object('id', h.id, 'title', h.title) end as chat,
    case p.source when 'release' then json_build_object('number', r.number, 'from', null)
      when 'switch' then case when g.receipt ? 'to' then json_build_object('number', g.receipt -> 'to', 'from', g.receipt -> 'from')
        else json_build_object('number', t.number, 'from', null) end end as release,
    case when p.source <> 'release' or d.state <> 'failed' then d.note end as note, case when d.act in ('bring_back', 'remove_back') or (d.act <> 'rule' and cardinality(d.tables) = 0) then d.table_name end as name,
    case when d.act = 'rule' then json_build_object('action', d.action, 'table', d.table_name, 'verdict', d.verdict) end as rule,
    p.source = 'call' or d.sealed is not null as opens
  from page p
    left join sql_calls s on p.source = 'call' and s.id = p.id
    left join releases r on p.source = 'release' and r.id = p.id
    left join audit_log g on p.source = 'switch' and g.id = p.id
    left join releases t on t.id = case when p.source = 'switch' then g.call_id::uuid end
    left join data_acts d on d.id = case p.source when 'act' then p.id when 'release' then (select e.id from data_acts e where e.release_id = p.id) end
    left join lateral (select exists (select from releases e where e.app_id = r.app_id and e.environment = 'staging' and e.number < r.number) as dual) w on true
    left join chats h on h.id = coalesce(s.chat_id, d.chat_id, r.told_in) and h.container_id = ${containerId} and h.deleted_at is null and h.removed_at is null
    left join chats o on o.id = s.chat_id
    left join apps a on a.id = coalesce(s.app_id, o.app_id, d.app_id, r.app_id, t.app_id)
    left join users u on u.id = coalesce(s.asked_by, d.by_user, case when p.source = 'release' then ${releasedBy} end, g.by_user)
    left join users y on y.id = coalesce(s.agreed_by, d.agreed_by)
  order by p.at desc, p.source desc, p.id desc`;
