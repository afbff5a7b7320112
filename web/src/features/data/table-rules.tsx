/** What may be done with a table’s rows, everywhere that it is, and why; whoever manages the container sets it here. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { EffectiveRule, Verdict } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { Segments } from '../../components/segments.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { dataKeys, listRules, readEffective, setRule } from './api.ts';
import { ACTIONS, ENVIRONMENTS, moment, VERDICTS } from './words.ts';

type Scope = 'table' | 'app' | 'all';

export function TableRules({
  appId,
  appName,
  table,
  manages,
  people,
}: {
  appId: string;
  appName: string;
  table: string;
  manages: boolean;
  /** of the container, whoever looks first */
  people: { id: string; name: string }[];
}) {
  const client = useQueryClient();
  const [scope, setScope] = useState<Scope>('table');
  const [problem, setProblem] = useState('');
  const [person, setPerson] = useState<string>();
  const effective = useQuery({
    queryKey: [...dataKeys.rules, 'effective', appId, table, person],
    queryFn: () => readEffective(appId, table, person),
    placeholderData: (before) => before,
  });
  const rules = useQuery({ queryKey: dataKeys.rules, queryFn: listRules });
  const of = { appId: scope === 'all' ? null : appId, table: scope === 'table' ? table : null };
  const kept = (rule: EffectiveRule) =>
    rules.data?.find(
      (one) =>
        one.environment === rule.environment &&
        one.action === rule.action &&
        (one.app?.id ?? null) === of.appId &&
        one.table === of.table,
    )?.verdict;
  const change = async ({ environment, action }: EffectiveRule, verdict: Verdict | null) => {
    if (environment === 'mirror') return;
    setProblem('');
    await setRule({ environment, action, ...of, verdict }).catch((error) => setProblem(sentenceOf(error)));
    await client.invalidateQueries({ queryKey: dataKeys.rules });
  };
  if (effective.error) return <Notice>{sentenceOf(effective.error)}</Notice>;
  const other = people.slice(1).find(({ id }) => id === person)?.name ?? '';
  const groups = Map.groupBy(effective.data ?? [], ({ environment }) => environment);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p className="text-ink-2">
        Rules hold for assistants and for the console alike. The narrowest one that is set counts.
      </p>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 text-ink-2">
        {people.length > 1 && (
          <span className="flex flex-wrap items-center gap-2">
            <span aria-hidden="true">What holds for</span>
            <select
              aria-label="What holds for"
              value={person ?? people[0]!.id}
              onChange={(event) => setPerson(event.target.value)}
              className="h-7 rounded-2 border border-line-3 bg-raised px-1.5 text-12 text-ink max-md:h-11 max-md:text-[16px]"
            >
              {people.map(({ id, name }, at) => (
                <option key={id} value={id}>
                  {at === 0 ? `${name} (you)` : name}
                </option>
              ))}
            </select>
          </span>
        )}
        {manages && (
          <span className="flex flex-wrap items-center gap-2">
            <span aria-hidden="true">Set a rule for</span>
            <Segments
              name="What a rule is set for"
              value={scope}
              onChange={setScope}
              options={[
                { value: 'table', label: 'This table' },
                { value: 'app', label: appName },
                { value: 'all', label: 'Every app' },
              ]}
            />
          </span>
        )}
      </div>
      {problem && <Notice>{problem}</Notice>}
      {[...groups].map(([environment, list]) => (
        <section key={environment} aria-label={ENVIRONMENTS[environment]}>
          <h3 className={cx('pb-1 text-12 tracking-normal', environment === 'live' ? 'text-live-ink' : 'text-ink-3')}>
            {ENVIRONMENTS[environment]}
          </h3>
          <ul className={cx('rounded-2 border', environment === 'live' ? 'border-live' : 'border-line')}>
            {list.map((rule) => (
              <li
                key={rule.action}
                className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3 py-1.5 first:border-t-0 max-md:py-2"
              >
                <span className="w-16 font-mid">{ACTIONS[rule.action]}</span>
                <span className="w-20">
                  <Mark verdict={rule.verdict} />
                </span>
                <span className="min-w-0 flex-1 basis-56 text-12 text-ink-3 max-md:order-last max-md:basis-full">
                  {rule.because}
                  {rule.setBy && ` ${rule.setBy.name}, ${moment(rule.setAt!)}.`}
                  {rule.verdict === 'ask' && ` ${whoAgrees(rule.mayAgree, other)}`}
                </span>
                {manages && environment !== 'mirror' && (
                  <select
                    aria-label={`${ACTIONS[rule.action]}, ${ENVIRONMENTS[environment]}: rule for ${scope === 'table' ? table : scope === 'app' ? appName : 'every app'}`}
                    value={kept(rule) ?? ''}
                    onChange={(event) => void change(rule, (event.target.value || null) as Verdict | null)}
                    className="h-7 rounded-2 border border-line-3 bg-raised px-1.5 text-12 max-md:ml-auto max-md:h-11 max-md:text-[16px]"
                  >
                    <option value="">No rule set</option>
                    <option value="allow">Allow</option>
                    <option value="ask">Ask first</option>
                    <option value="deny">Deny</option>
                  </select>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** @param other whom it is about; empty for whoever looks */
function whoAgrees(may: boolean, other: string): string {
  if (other) return may ? `${other} may say yes.` : `${other} cannot say yes: an owner or admin can.`;
  return may ? 'You may say yes.' : 'You cannot say yes: an owner or admin can.';
}

/** A shape each, so that it is not the colour alone. */
export const Mark = ({ verdict }: { verdict: Verdict }) => (
  <span
    className={cx(
      'inline-flex items-center rounded-1 px-1.5 text-12 font-mid whitespace-nowrap',
      verdict === 'allow' && 'bg-good-soft text-good-ink',
      verdict === 'ask' && 'bg-accent-soft text-accent-ink',
      verdict === 'deny' && 'bg-bad-soft text-bad-ink',
    )}
  >
    {VERDICTS[verdict]}
  </span>
);
