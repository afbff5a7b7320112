/** First account, sign-in, registration: one screen that knows which of them is due. */
import { useQuery } from '@tanstack/react-query';
import { Navigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import type { Installation, SignedIn } from '../../../../contract/accounts.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Mark } from '../../components/mark.tsx';
import { Notice } from '../../components/notice.tsx';
import { forgetInvitation, useInvitation } from '../../features/people/invitation.ts';
import { ApiError, api, sentenceOf } from '../../lib/api.ts';
import { useSession } from '../session.tsx';
import { Waiting } from '../waiting.tsx';

export function LoginPage() {
  const { me, enter } = useSession();
  const { to } = useSearch({ from: '/login' });
  const installation = useQuery({
    queryKey: ['installation'],
    queryFn: () => api<Installation>('GET', '/api/auth/installation', undefined, { public: true }),
    retry: true,
  });
  const invited = useInvitation();
  const [asked, setAsked] = useState<'login' | 'register'>();
  const [values, setValues] = useState({ name: '', email: '', password: '', code: '' });
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const landing = useRef<string>(undefined);
  // one navigation only: a second one would take the screen away from who is already using it
  if (me) return <Navigate to={landing.current ?? to ?? '/'} replace />;
  if (!installation.data) return <Waiting />;
  const { claimed, registrationOpen, codeNeeded } = installation.data;
  const email = values.email || (invited.data?.email ?? '');
  const mayRegister = registrationOpen || invited.data !== undefined;
  const mode = !claimed ? 'register' : mayRegister ? (asked ?? (invited.data ? 'register' : 'login')) : 'login';
  const set = (name: keyof typeof values) => ({
    value: values[name],
    error: errors[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    setProblem('');
    try {
      const { name, password, code } = values;
      const body =
        mode === 'register'
          ? { name, email, password, ...(code ? { code } : {}), ...(invited.data ? { invitation: invited.token } : {}) }
          : { email, password };
      const signedIn = await api<SignedIn>('POST', `/api/auth/${mode}`, body, { public: true });
      // registering with an invitation has let them in; the first account lands where it can say what it wants to make
      const joined = mode === 'register' && invited.data;
      if (joined) forgetInvitation();
      landing.current = joined ? '/' : (to ?? (mode === 'register' ? '/chats/new' : '/'));
      await enter(signedIn);
    } catch (error) {
      const fields = error instanceof ApiError ? (error.problem.fields ?? {}) : {};
      setErrors(fields);
      if (Object.keys(fields).length === 0) setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <main className="grid min-h-full content-start justify-items-center overflow-y-auto bg-surface px-5 py-[12vh] max-md:py-10">
      <div className="w-full max-w-[380px]">
        <p className="mb-10 flex items-center gap-2 text-15 font-strong max-md:mb-8">
          <Mark size={20} /> Vibe
        </p>
        <h1 className="text-24">
          {invited.data
            ? `Join ${invited.data.container}`
            : mode === 'login'
              ? 'Welcome back'
              : claimed
                ? 'Make an account'
                : 'This server is yours'}
        </h1>
        <p className="mt-1.5 mb-6 text-15 leading-[1.6] text-ink-2">
          {invited.data
            ? `${invited.data.invitedBy} invited you. ${mode === 'login' ? 'Sign in to go on.' : 'Make an account on this server to go on.'}`
            : mode === 'login'
              ? 'Sign in to your apps and chats.'
              : claimed
                ? 'It works on this server alone.'
                : 'Make the first account. It owns this server: its apps, its people and its data.'}
        </p>
        <form onSubmit={submit} noValidate className="grid gap-4">
          {mode === 'register' && <Field label="Your name" autoComplete="name" autoFocus required {...set('name')} />}
          <Field
            label="E-mail address"
            type="email"
            autoComplete="username"
            inputMode="email"
            autoFocus={mode === 'login'}
            required
            {...set('email')}
            value={email}
          />
          <Field
            label="Password"
            type="password"
            autoComplete={mode === 'login' ? 'current-password' : 'new-password'}
            required
            help={mode === 'register' ? 'At least 8 characters' : undefined}
            {...set('password')}
          />
          {mode === 'register' && codeNeeded && (
            <Field
              label="Code"
              autoComplete="one-time-code"
              required
              help="The server printed it when it started"
              {...set('code')}
            />
          )}
          {problem && <Notice>{problem}</Notice>}
          <Button type="submit" look="primary" size="big" disabled={busy} className="mt-1 w-full">
            {busy ? 'One moment…' : mode === 'login' ? 'Sign in' : 'Make the account'}
          </Button>
        </form>
        {mode === 'login' && (
          <p className="mt-4 text-12 text-ink-3">
            Password forgotten? Whoever runs this server makes you a new one with <code>npm run password</code>.
          </p>
        )}
        {claimed && mayRegister && (
          <p className="mt-4 text-ink-2">
            {mode === 'login' ? 'No account yet?' : 'You have one already?'}{' '}
            <button
              type="button"
              className="font-mid text-accent-ink underline underline-offset-[3px]"
              onClick={() => setAsked(mode === 'login' ? 'register' : 'login')}
            >
              {mode === 'login' ? 'Make one' : 'Sign in'}
            </button>
          </p>
        )}
      </div>
    </main>
  );
}
