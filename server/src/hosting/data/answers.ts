/**
 * What was said to statements that asked before they ran. A question of a chat is a row of its own; a yes to it is the gate's second intent for the same call,
 * whatever the words of the answer were. The console keeps no questions: there a yes is the same statement, run with it soon after, and a no is a row.
 */
import type { DataChange } from '../../../../contract/data.ts';
import { type Db, many, sql } from '../../db/database.ts';

/** For so long the console's question is open. */
const OPEN_MINUTES = 15;

type Answer = NonNullable<DataChange['answer']>;

/** @param ids of statements of this container that asked */
export async function answersTo(db: Db, containerId: string, ids: readonly string[]): Promise<Map<string, Answer>> {
  if (ids.length === 0) return new Map();
  const rows = await many(
    db,
    sql<Answer & { id: string }>`
      with asked as materialized (select * from sql_calls where id = any (${ids}::uuid[]) and container_id = ${containerId}),
      questioned as materialized (
        select distinct on (s.id) s.id, q.turn_id, q.call_id, q.answered_at, q.answered_by from asked s
          join questions q on q.turn_id = s.turn_id and q.created_at >= s.called_at
          -- of a statement that was cut off before it could ask, the next one's question is none
          where not exists (select from sql_calls o where o.chat_id = s.chat_id and o.turn_id = s.turn_id and o.called_at > s.called_at and o.called_at <= q.created_at)
          order by s.id, q.created_at),
      said as (
        select s.id, case when q.answered_at is null then case when t.state = 'ended' then 'none' else 'waits' end
            when exists (select from audit_log g where g.turn_id = q.turn_id and g.call_id = q.call_id and g.at > q.answered_at) then 'yes'
            when t.state = 'ended' then 'no' else 'answered' end as said, q.answered_by as by
          from asked s join turns t on t.id = s.turn_id left join questioned q on q.id = s.id
        union all
        select s.id, case when d.call_id is not null then 'no' when y.agreed_by is not null then 'yes' when y.id is null and s.called_at > now() - make_interval(mins => ${OPEN_MINUTES}) then 'waits' else 'none' end, coalesce(d.declined_by, y.agreed_by)
          from asked s left join sql_declines d on d.call_id = s.id left join lateral (
            select y.id, y.agreed_by from sql_calls y where y.container_id = s.container_id and y.asked_by = s.asked_by and y.app_id = s.app_id and y.target = s.target
              and y.called_at > s.called_at and y.called_at < s.called_at + make_interval(mins => ${OPEN_MINUTES})
              and y.agent = s.agent and y.action is not distinct from s.action and y.fingerprint = s.fingerprint
            order by y.called_at limit 1) y on true
          where s.turn_id is null)
      select said.id, said.said, case when u.id is not null then json_build_object('id', u.id, 'name', u.name) end as by
        from said left join users u on u.id = said.by`,
  );
  return new Map(rows.map(({ id, said, by }) => [id, { said, by }]));
}
