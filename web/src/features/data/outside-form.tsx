/** The address of a PostgreSQL of one's own, and how to come in. */
import { useId } from 'react';
import type { OutsideInput } from '../../../../contract/outside.ts';
import { Field } from '../../components/field.tsx';

export type Draft = Omit<OutsideInput, 'port' | 'ca'> & { port: string; ca: string };
export const EMPTY: Draft = {
  host: '',
  port: '5432',
  database: 'postgres',
  user: 'postgres',
  password: '',
  tls: true,
  ca: '',
};

export const inputOf = ({ port, ca, ...rest }: Draft): OutsideInput => ({
  ...rest,
  host: rest.host.trim(),
  port: Number(port),
  ca: ca.trim() || null,
});
/** Everything that is needed is there. */
export const isWhole = ({ host, port, database, user, password }: Draft): boolean =>
  Boolean(host.trim() && /^\d{1,5}$/.test(port) && database && user && password);

interface Props {
  draft: Draft;
  /** where it is stays as it is: only how one comes in changes */
  fixed?: boolean;
  /** a certificate is asked for */
  certificate?: boolean;
  onChange: (draft: Draft) => void;
}

export function OutsideForm({ draft, fixed = false, certificate = false, onChange }: Props) {
  const id = useId();
  const text = (name: 'host' | 'port' | 'database' | 'user') => ({
    value: draft[name],
    disabled: fixed,
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => onChange({ ...draft, [name]: event.target.value }),
  });
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-[minmax(0,1fr)_88px] gap-2">
        <Field label="Host" placeholder="db.example.com" {...text('host')} />
        <Field label="Port" inputMode="numeric" {...text('port')} />
      </div>
      <div className="grid grid-cols-2 gap-2 max-md:grid-cols-1">
        <Field label="Database" {...text('database')} />
        <Field label="User" {...text('user')} />
      </div>
      <Field
        label="Password"
        type="password"
        autoComplete="off"
        value={draft.password}
        help="It is encrypted here, and never shown again."
        onChange={(event) => onChange({ ...draft, password: event.target.value })}
      />
      <label className="flex items-center gap-2 text-13">
        <input
          type="checkbox"
          checked={draft.tls}
          onChange={(event) => onChange({ ...draft, tls: event.target.checked })}
          className="size-4 accent-[var(--accent)]"
        />
        Encrypted, and the server proves who it is
      </label>
      {draft.tls && (
        <details open={certificate} className="grid gap-1 text-13">
          <summary className="cursor-pointer text-ink-2">It has a certificate of its own maker</summary>
          <label htmlFor={`${id}-ca`} className="mt-2 block text-12 font-mid text-ink-2">
            The maker’s certificate
          </label>
          <textarea
            id={`${id}-ca`}
            rows={4}
            value={draft.ca}
            spellCheck={false}
            placeholder="-----BEGIN CERTIFICATE-----"
            onChange={(event) => onChange({ ...draft, ca: event.target.value })}
            className="w-full rounded-2 border border-line-3 bg-raised p-2 font-mono text-12 max-md:text-[16px]"
          />
          <p className="text-12 text-ink-3">With Supabase it is under Database Settings, SSL Configuration.</p>
        </details>
      )}
    </div>
  );
}
