/** Settings: the account, the model key, the limits, who may register. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Limits, Settings } from '../../../../contract/settings.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Segments } from '../../components/segments.tsx';
import { useToast } from '../../components/toasts.tsx';
import { api, sentenceOf } from '../../lib/api.ts';
import { money } from '../../lib/text.ts';
import { readTheme, setTheme, type Theme } from '../../lib/theme.ts';
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
    <div className="h-full overflow-y-auto bg-surface">
      <div className="mx-auto grid max-w-[720px] gap-10 px-6 py-8 max-md:px-4">
        <h1 className="text-24">Settings</h1>
        <Section title="Account" text={me.owner ? 'You own this server.' : 'Your account on this server.'}>
          <p className="text-15">
            <b className="font-strong">{me.user.name}</b>
            <span className="block text-ink-2">{me.user.email}</span>
          </p>
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
        {settings.error && <Notice>{sentenceOf(settings.error)}</Notice>}
        {settings.data && (
          <>
            <ModelKey settings={settings.data} keep={keep} mayChange={mayChange} />
            <LimitsForm settings={settings.data} keep={keep} mayChange={mayChange} />
            {me.owner && <Registration settings={settings.data} keep={keep} />}
          </>
        )}
      </div>
    </div>
  );
}

/** The palette leads to a section by its name, also when the section comes a moment later. */
const Section = ({ title, text, children }: { title: string; text: ReactNode; children: ReactNode }) => (
  <section
    id={title.toLowerCase()}
    ref={(section) => {
      if (section && location.hash === `#${section.id}`) section.scrollIntoView();
    }}
    className="grid gap-4 border-t border-line pt-6"
  >
    <div>
      <h2 className="text-18">{title}</h2>
      <p className="mt-1 max-w-[60ch] text-ink-2">{text}</p>
    </div>
    {children}
  </section>
);

interface PartProps {
  settings: Settings;
  keep: (settings: Settings) => void;
  mayChange: boolean;
}

function ModelKey({ settings, keep, mayChange }: PartProps) {
  const toast = useToast();
  const key = settings.keys.find((one) => one.provider === 'anthropic');
  const [value, setValue] = useState('');
  const [base, setBase] = useState('');
  const [problem, setProblem] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    // Anthropic's keys begin so; one for another address may look like anything
    if (!base.trim() && !/^sk-ant-[\w-]{8,}$/.test(value.trim()))
      return setProblem('That is not an Anthropic key: those begin with “sk-ant-”. Nothing was stored.');
    try {
      keep(
        await api<Settings>('PUT', '/api/settings/keys/anthropic', {
          key: value.trim(),
          ...(base.trim() ? { baseUrl: base.trim() } : {}),
        }),
      );
      setValue('');
      setBase('');
      toast({ text: 'The key is stored, encrypted. New turns use Claude.' });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <Section
      title="Models"
      text="The built-in builder makes data apps by rules and needs no key. With a key from Anthropic, Claude does open-ended work through the same gates."
    >
      <ul className="rounded-3 border border-line bg-raised">
        {settings.models.map((model) => (
          <li key={model.id} className="flex items-center gap-3 border-b border-line px-3 py-2 last:border-b-0">
            <span className="min-w-0 flex-1">
              <b className="font-mid">{model.name}</b>
              <span className="block text-12 text-ink-3">{model.note}</span>
            </span>
            {model.default && (
              <span className="rounded-1 bg-good-soft px-1.5 text-12 font-mid text-good-ink">used for new turns</span>
            )}
            {!model.available && <span className="text-12 text-ink-3">needs a key</span>}
          </li>
        ))}
      </ul>
      {key && key.source !== 'none' && (
        <div className="flex flex-wrap items-center gap-3">
          <p>
            Anthropic key ending in <code className="font-strong">{key.hint}</code>
            <span className="block text-12 text-ink-3">
              {key.source === 'environment'
                ? 'From ANTHROPIC_API_KEY on the server'
                : 'Stored encrypted; it is never shown again'}
            </span>
          </p>
          {key.source === 'settings' && mayChange && (
            <Button
              onClick={() =>
                void api<Settings>('DELETE', '/api/settings/keys/anthropic').then(keep, (error) =>
                  setProblem(sentenceOf(error)),
                )
              }
            >
              Remove the key
            </Button>
          )}
        </div>
      )}
      {mayChange && (
        <form onSubmit={save} className="grid max-w-[480px] gap-3">
          <Field
            label={key?.source === 'settings' ? 'Replace the key' : 'Anthropic API key'}
            type="password"
            autoComplete="off"
            value={value}
            onChange={(event) => setValue(event.target.value)}
            placeholder="sk-ant-…"
          />
          <details>
            <summary className="cursor-pointer text-12 text-ink-2">Another address than Anthropic’s</summary>
            <Field
              label="Base address"
              type="url"
              className="mt-2"
              value={base}
              onChange={(event) => setBase(event.target.value)}
              placeholder="https://api.anthropic.com"
            />
          </details>
          {problem && <Notice>{problem}</Notice>}
          <Button type="submit" look="primary" className="justify-self-start" disabled={value.trim() === ''}>
            Store the key
          </Button>
        </form>
      )}
    </Section>
  );
}

const NAMES: Record<keyof Limits, string> = { perTurn: 'Per turn', perChat: 'Per chat', perDay: 'Per day' };

function LimitsForm({ settings, keep, mayChange }: PartProps) {
  const toast = useToast();
  const show = (micros: number | null) => (micros === null ? '' : String(micros / 1_000_000));
  const [values, setValues] = useState<Record<keyof Limits, string>>({
    perTurn: show(settings.limits.perTurn),
    perChat: show(settings.limits.perChat),
    perDay: show(settings.limits.perDay),
  });
  const [errors, setErrors] = useState<Partial<Record<keyof Limits, string>>>({});
  const [problem, setProblem] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    const limits: Limits = { perTurn: null, perChat: null, perDay: null };
    const wrong: typeof errors = {};
    for (const name of Object.keys(NAMES) as (keyof Limits)[]) {
      const text = values[name].trim().replace(',', '.');
      if (text === '') continue;
      const amount = Number(text);
      if (!Number.isFinite(amount) || amount < 0 || amount > 1_000_000)
        wrong[name] = 'Enter an amount in dollars, or leave it empty';
      else limits[name] = Math.round(amount * 1_000_000);
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
      text={`What models may cost. The most that a step can cost is set aside before it, so a limit is never passed. Empty is no limit. Today: ${money(settings.spentTodayMicros)}.`}
    >
      <form onSubmit={save} noValidate className="grid gap-3">
        <div className="grid grid-cols-3 gap-3 max-md:grid-cols-1">
          {(Object.keys(NAMES) as (keyof Limits)[]).map((name) => (
            <Field
              key={name}
              label={NAMES[name]}
              before="$"
              inputMode="decimal"
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
      title="People"
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
