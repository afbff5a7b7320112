/** The rules of a container's rows as people set them: which are set, what holds for a table, and who set it. */
import type { DataAct, DataRule, EffectiveRule, SetRule } from '../../../../contract/data.ts';
import { effectiveRule, PLACES, type Rule } from '../../databases/router/rules.ts';
import { type Db, many, one, run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';

const MOST_RULES = 500;
const PAGE = 50;
const ACTIONS = ['read', 'insert', 'update', 'delete'] as const;

interface KeptRule extends Rule {
  setBy: { id: string; name: string };
  setAt: Date;
  app: { id: string; name: string } | null;
}

const readRules = (db: Db, containerId: string): Promise<KeptRule[]> =>
  many(
    db,
    sql<KeptRule>`select r.environment, r.action, r.app_id as "appId", r.table_name as "table", r.verdict, r.set_at as "setAt",
        json_build_object('id', u.id, 'name', u.name) as "setBy", case when a.id is not null then json_build_object('id', a.id, 'name', a.name) end as app
      from data_rules r join users u on u.id = r.set_by left join apps a on a.id = r.app_id where r.container_id = ${containerId}
      order by lower(a.name) nulls first, r.table_name nulls first, r.environment, r.action`,
  );

export async function listRules(db: Db, containerId: string): Promise<DataRule[]> {
  const rules = await readRules(db, containerId);
  return rules.map(({ appId: _, setAt, ...rule }) => ({ ...rule, setAt: setAt.toISOString() }));
}

/** What holds for a table everywhere it may be, with its reason. */
export async function rulesFor(
  db: Db,
  containerId: string,
  app: { id: string; mode: 'vibe-coded' | 'dual-repository' },
  table: string,
): Promise<EffectiveRule[]> {
  const rules = await readRules(db, containerId);
  const environments =
    app.mode === 'vibe-coded' ? (['staging', 'draft'] as const) : (['live', 'mirror', 'site', 'draft'] as const);
  return environments.flatMap((environment) =>
    ACTIONS.map((action) => {
      const { verdict, because, rule } = effectiveRule(rules, { environment, action, appId: app.id, table });
      return {
        environment,
        place: PLACES[environment],
        action,
        verdict,
        because,
        setBy: rule?.setBy ?? null,
        setAt: rule?.setAt.toISOString() ?? null,
      };
    }),
  );
}

/** Sets one rule, or takes it away, and writes down who did. @throws AppError `app_not_found`, `too_many_rules` */
export async function setRule(db: Db, containerId: string, by: string, rule: SetRule): Promise<void> {
  const { environment, action, appId, table, verdict } = rule;
  await transaction(db, async (tx) => {
    // one at a time, so that the count holds
    await run(tx, sql`select 1 from containers where id = ${containerId} for update`);
    if (appId) {
      const { there } = await one(
        tx,
        sql<{
          there: boolean;
        }>`select exists (select 1 from apps where id = ${appId} and container_id = ${containerId} and deleted_at is null) as there`,
      );
      if (!there) throw new AppError('app_not_found', 'missing', 'There is no such app.');
    }
    if (verdict === null)
      await run(
        tx,
        sql`delete from data_rules where container_id = ${containerId} and environment = ${environment} and action = ${action}
          and app_id is not distinct from ${appId}::uuid and table_name is not distinct from ${table}::text`,
      );
    else {
      await run(
        tx,
        sql`insert into data_rules (container_id, environment, action, app_id, table_name, verdict, set_by)
          values (${containerId}, ${environment}, ${action}, ${appId}, ${table}, ${verdict}, ${by})
          on conflict (container_id, environment, action, app_id, table_name) do update set verdict = excluded.verdict, set_by = excluded.set_by, set_at = now()`,
      );
      const { count } = await one(
        tx,
        sql<{ count: number }>`select count(*)::int as count from data_rules where container_id = ${containerId}`,
      );
      if (count > MOST_RULES)
        throw new AppError('too_many_rules', 'limit', `A container has at most ${MOST_RULES} rules.`, {
          detail: 'Take one away, or set one for a whole app.',
        });
    }
    await run(
      tx,
      sql`insert into data_acts (container_id, by_user, act, environment, action, app_id, table_name, verdict)
        values (${containerId}, ${by}, 'rule', ${environment}, ${action}, ${appId}, ${table}, ${verdict})`,
    );
  });
}

/** Who set which rule and froze or lifted when, newest first. */
export async function listActs(
  db: Db,
  containerId: string,
  after: string | undefined,
): Promise<{ items: DataAct[]; next: string | null }> {
  const rows = await many(
    db,
    sql<
      Omit<DataAct, 'at'> & { at: Date }
    >`select d.id, d.at, d.act, d.environment, d.action, d.table_name as "table", d.verdict,
        json_build_object('id', u.id, 'name', u.name) as by, case when a.id is not null then json_build_object('id', a.id, 'name', a.name) end as app
      from data_acts d join users u on u.id = d.by_user left join apps a on a.id = d.app_id
      where d.container_id = ${containerId} ${after ? sql`and d.id < ${after}` : sql``} order by d.id desc limit ${PAGE + 1}`,
  );
  const items = rows.slice(0, PAGE).map((row) => ({ ...row, at: row.at.toISOString() }));
  return { items, next: rows.length > PAGE ? items.at(-1)!.id : null };
}
