/** All rules that are set, and what holds for any table. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DataApp, DataRule } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { dataKeys, listRules, setRule } from './api.ts';
import { Mark, TableRules } from './table-rules.tsx';
import { ACTIONS, ENVIRONMENTS, moment } from './words.ts';

const SELECT = 'h-8 rounded-2 border border-line-3 bg-raised px-1.5 max-md:h-11 max-md:text-[16px]';

export function RulesView({
  apps,
  manages,
  people,
}: {
  apps: DataApp[];
  manages: boolean;
  /** of the container, whoever looks first */
  people: { id: string; name: string }[];
}) {
  const client = useQueryClient();
  const rules = useQuery({ queryKey: dataKeys.rules, queryFn: listRules });
  const [appId, setAppId] = useState(apps.find(({ tables }) => tables.length > 0)?.app.id ?? apps[0]?.app.id ?? '');
  const [table, setTable] = useState('');
  const [problem, setProblem] = useState('');
  const app = apps.find((one) => one.app.id === appId);
  const names = [...new Set(app?.tables.map(({ name }) => name))];
  const shown = names.includes(table) ? table : names[0];
  const remove = async (rule: DataRule) => {
    if (rule.environment === 'mirror') return;
    setProblem('');
    const { environment, action } = rule;
    await setRule({ environment, action, appId: rule.app?.id ?? null, table: rule.table, verdict: null }).catch(
      (error) => setProblem(sentenceOf(error)),
    );
    await client.invalidateQueries({ queryKey: dataKeys.rules });
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,420px)] gap-8 max-lg:grid-cols-[minmax(0,1fr)]">
      <section aria-labelledby="what-holds" className="grid content-start grid-cols-[minmax(0,1fr)] gap-3">
        <h2 id="what-holds" className="text-15">
          What holds for a table
        </h2>
        {app && shown ? (
          <>
            <div className="flex flex-wrap gap-2">
              <select
                aria-label="App"
                className={SELECT}
                value={appId}
                onChange={(event) => setAppId(event.target.value)}
              >
                {apps
                  .filter(({ tables }) => tables.length > 0)
                  .map((one) => (
                    <option key={one.app.id} value={one.app.id}>
                      {one.app.name}
                    </option>
                  ))}
              </select>
              <select
                aria-label="Table"
                className={SELECT}
                value={shown}
                onChange={(event) => setTable(event.target.value)}
              >
                {names.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </div>
            <TableRules appId={app.app.id} appName={app.app.name} table={shown} manages={manages} people={people} />
          </>
        ) : (
          <p className="text-ink-2">
            There is no table yet. Until a rule is set, drafts are free, and changing rows in use asks first.
          </p>
        )}
      </section>
      <div className="grid content-start grid-cols-[minmax(0,1fr)] gap-3">
        <section aria-labelledby="set-rules">
          <h2 id="set-rules" className="pb-2 text-15">
            Rules that are set
          </h2>
          {problem && <Notice>{problem}</Notice>}
          {rules.data?.length === 0 && (
            <p className="text-ink-2">None. Drafts are free, and changing rows in use asks first.</p>
          )}
          <ul>
            {rules.data?.map((rule) => (
              <li
                key={`${rule.environment} ${rule.action} ${rule.app?.id} ${rule.table}`}
                className="flex flex-wrap items-center gap-x-2 gap-y-1 border-t border-line py-2"
              >
                <Mark verdict={rule.verdict} />
                <span className="min-w-0 flex-1 basis-48">
                  {ACTIONS[rule.action]}: {scopeOf(rule)}
                  <span className="block text-12 text-ink-3">
                    {ENVIRONMENTS[rule.environment]}. {rule.setBy.name}, {moment(rule.setAt)}
                  </span>
                </span>
                {manages && (
                  <Button look="bare" onClick={() => void remove(rule)}>
                    Take away
                    <span className="sr">
                      {' '}
                      the rule: {ACTIONS[rule.action]}, {scopeOf(rule)}
                    </span>
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
        <Link
          to="/data"
          search={{ view: 'calls', kind: 'settings' }}
          className="justify-self-start underline decoration-line-3 underline-offset-2"
        >
          Who set what and when
        </Link>
      </div>
    </div>
  );
}

const scopeOf = ({ app, table }: Pick<DataRule, 'app' | 'table'>): string =>
  app && table ? `${table} of ${app.name}` : table ? `${table} of every app` : app ? `all of ${app.name}` : 'every app';
