/** The rules of a container's rows as people set them: which are set, what holds for a table, and who set it. */

import type { DataRule, EffectiveRule, SetRule } from '../../../../contract/data.ts';
import { recordAct } from '../../databases/acts.ts';
import { effectiveRule, PLACES, type Rule } from '../../databases/router/rules.ts';
import { type Db, many, maybe, one, run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';

const MOST_RULES = 500;
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

/** What holds for a table and a person everywhere it may be, with its reason. @throws AppError `person_not_found` */
export async function rulesFor(
  db: Db,
  containerId: string,
  app: { id: string; mode: 'vibe-coded' | 'dual-repository' },
  table: string,
  person: string,
): Promise<EffectiveRule[]> {
  const [rules, standing] = await Promise.all([
    readRules(db, containerId),
    maybe(
      db,
      sql<{ manages: boolean; frozen: boolean }>`select m.role <> 'member' as manages, c.frozen_at is not null as frozen
        from containers c join members m on m.organisation_id = c.organisation_id where c.id = ${containerId} and m.user_id = ${person}`,
    ),
  ]);
  if (!standing) throw new AppError('person_not_found', 'missing', 'There is nobody like that in this container.');
  const environments =
    app.mode === 'vibe-coded' ? (['staging', 'draft'] as const) : (['live', 'mirror', 'site', 'draft'] as const);
  return environments.flatMap((environment) =>
    ACTIONS.map((action) => {
      const what = { environment, action, appId: app.id, table };
      const { verdict, because, rule } = effectiveRule(rules, what, ON_PAGE);
      const place = ON_PAGE[environment];
      if (standing.frozen && action !== 'read') return { environment, place, action, ...FROZEN };
      return {
        environment,
        place,
        action,
        verdict,
        because,
        setBy: rule?.setBy ?? null,
        setAt: rule?.setAt.toISOString() ?? null,
        mayAgree: standing.manages,
      };
    }),
  );
}

/** As the page names them, where there is no chat that a draft would be of. */
const ON_PAGE = { ...PLACES, draft: 'drafts of chats' };

const FROZEN = {
  verdict: 'deny',
  because: 'The container is frozen: nobody writes until it is lifted.',
  setBy: null,
  setAt: null,
  mayAgree: false,
} as const;

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
    await recordAct(tx, {
      ...{ act: 'rule', containerId, appId, by, environment, action, verdict, name: table },
      tables: table === null ? [] : [table],
    });
  });
}
