/** Settings: the account, models, the limits, who may register. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Limits, Settings } from '../../../../contract/settings.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { Segments } from '../../components/segments.tsx';
import { useToast } from '../../components/toasts.tsx';
import { ModelsSettings } from '../../features/models/models-settings.tsx';
import { PeopleSettings } from '../../features/people/people-settings.tsx';
import { api, sentenceOf } from '../../lib/api.ts';
import { money } from '../../lib/text.ts';
import { readTheme, setTheme, type Theme } from '../../lib/theme.ts';
import { OwnName, OwnPassword } from '../account-settings.tsx';
import { ContainerSettings } from '../container-settings.tsx';
import { useMe, useSession } from '../session.tsx';

export function SettingsPage() {
  const me = useMe();
  const { leave } = useSession();
  const client = useQueryClient();
  const [theme, choose] = useState<Theme>(readTheme);
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: () => api<Settings>('GET', '/api/settings'),
    enabled: me.containers.length > 0,
  });
  const keep = (next: Settings) => client.setQueryData(['settings'], next);
  const mayChange = me.containers[0]?.role !== 'member';
  return (
    <div className="relative h-full overflow-y-auto bg-surface">
      <div className="mx-auto grid max-w-[720px] grid-cols-[minmax(0,1fr)] gap-10 px-6 py-8 max-md:px-4">
        <h1 className="text-24">Settings</h1>
        <Section title="Account" text={me.owner ? 'You own this server.' : 'Your account on this server.'}>
          <OwnName me={me} />
          <OwnPassword />
          <div className="flex flex-wrap items-center gap-3">
            <Segments
              name="Theme"
              value={theme}
              onChange={(next) => {
                setTheme(next);
                choose(next);
              }}
              options={[
                { value: 'system', label: 'As the system' },
                { value: 'light', label: 'Light' },
                { value: 'dark', label: 'Dark' },
              ]}
            />
            <Button onClick={() => void leave()}>Sign out</Button>
          </div>
        </Section>
        {me.containers[0] && <ContainerSettings key={me.containers[0].id} container={me.containers[0]} />}
        {me.containers[0] && <PeopleSettings me={me} container={me.containers[0]} />}
        {settings.error && <Notice>{sentenceOf(settings.error)}</Notice>}
        {settings.data && (
          <>
            <ModelsSettings mayChange={mayChange} owner={me.owner} />
            <LimitsForm settings={settings.data} keep={keep} mayChange={mayChange} />
            {me.owner && <Registration settings={settings.data} keep={keep} />}
          </>
        )}
      </div>
    </div>
  );
}

interface PartProps {
  settings: Settings;
  keep: (settings: Settings) => void;
  mayChange: boolean;
}

type LimitName = keyof Limits;
const LIMITS: { name: LimitName; label: string; unit: 'dollars' | 'tokens' }[] = [
  { name: 'perTurn', label: 'Per turn', unit: 'dollars' },
  { name: 'perChat', label: 'Per chat', unit: 'dollars' },
  { name: 'perDay', label: 'Per day', unit: 'dollars' },
  { name: 'tokensPerTurn', label: 'Tokens per turn', unit: 'tokens' },
  { name: 'tokensPerChat', label: 'Tokens per chat', unit: 'tokens' },
  { name: 'tokensPerDay', label: 'Tokens per day', unit: 'tokens' },
];

function LimitsForm({ settings, keep, mayChange }: PartProps) {
  const toast = useToast();
  const [values, setValues] = useState(
    () =>
      Object.fromEntries(
        LIMITS.map(({ name, unit }) => {
          const limit = settings.limits[name];
          return [name, limit === null ? '' : String(unit === 'dollars' ? limit / 1_000_000 : limit)];
        }),
      ) as Record<LimitName, string>,
  );
  const [errors, setErrors] = useState<Partial<Record<LimitName, string>>>({});
  const [problem, setProblem] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    const limits = { ...settings.limits };
    const wrong: typeof errors = {};
    for (const { name, unit } of LIMITS) {
      const text = unit === 'dollars' ? values[name].trim().replace(',', '.') : values[name].replace(/[\s,._]/g, '');
      limits[name] = null;
      if (text === '') continue;
      const amount = Number(text);
      if (unit === 'dollars') {
        if (!Number.isFinite(amount) || amount < 0 || amount > 1_000_000)
          wrong[name] = 'Enter an amount in dollars, or leave it empty';
        else limits[name] = Math.round(amount * 1_000_000);
      } else if (!Number.isInteger(amount) || amount < 0 || amount > 1_000_000_000_000)
        wrong[name] = 'Enter a number of tokens, or leave it empty';
      else limits[name] = amount;
    }
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    try {
      keep(await api<Settings>('PATCH', '/api/settings', { limits }));
      toast({ text: 'The limits hold from the next step on.' });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <Section
      title="Limits"
      text={`What models may take. The most that a step can cost is set aside before it, so a limit is never passed. Empty is no limit. Today: ${money(settings.spentTodayMicros)}.`}
    >
      <form onSubmit={save} noValidate className="grid gap-3">
        <div className="grid grid-cols-3 gap-3 max-md:grid-cols-1">
          {LIMITS.map(({ name, label, unit }) => (
            <Field
              key={name}
              label={label}
              {...(unit === 'dollars' ? { before: '$' } : {})}
              inputMode={unit === 'dollars' ? 'decimal' : 'numeric'}
              disabled={!mayChange}
              value={values[name]}
              error={errors[name]}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            />
          ))}
        </div>
        {problem && <Notice>{problem}</Notice>}
        {mayChange && (
          <Button type="submit" className="justify-self-start">
            Keep these limits
          </Button>
        )}
      </form>
    </Section>
  );
}

function Registration({ settings, keep }: Omit<PartProps, 'mayChange'>) {
  const [problem, setProblem] = useState('');
  return (
    <Section
      title="Server"
      text="While registration is open, anybody who reaches this server may make an account. An account alone sees nothing until somebody shares something with it."
    >
      <label className="flex min-h-9 items-center gap-2.5 text-15">
        <input
          type="checkbox"
          checked={settings.registrationOpen}
          onChange={(event) =>
            void api<Settings>('PATCH', '/api/settings', { registrationOpen: event.target.checked }).then(
              keep,
              (error) => setProblem(sentenceOf(error)),
            )
          }
          className="h-4 w-4 accent-(--ink)"
        />
        Registration is open
      </label>
      {problem && <Notice>{problem}</Notice>}
    </Section>
  );
}
