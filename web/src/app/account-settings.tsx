/** One's own name and password. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Me } from '../../../contract/accounts.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { useToast } from '../components/toasts.tsx';
import { peopleKeys } from '../features/people/api.ts';
import { ApiError, api, sentenceOf } from '../lib/api.ts';
import { useSession } from './session.tsx';

export function OwnName({ me }: { me: Me }) {
  const { reload } = useSession();
  const client = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState(me.user.name);
  const [problem, setProblem] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    try {
      await api('PATCH', '/api/me', { name });
      await reload();
      await client.invalidateQueries({ queryKey: peopleKeys.people });
      toast({ text: 'You have your new name.' });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <form onSubmit={save} noValidate className="flex flex-wrap items-end gap-3">
      <Field
        label="Your name"
        autoComplete="name"
        maxLength={80}
        value={name}
        error={problem}
        help={me.user.email}
        onChange={(event) => setName(event.target.value)}
        className="flex-1 basis-60"
      />
      {name.trim() !== me.user.name && (
        <Button type="submit" size="big" className="mb-[22px]">
          Keep this name
        </Button>
      )}
    </form>
  );
}

export function OwnPassword() {
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const [values, setValues] = useState({ current: '', password: '' });
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    setProblem('');
    try {
      await api('POST', '/api/me/password', values);
      setValues({ current: '', password: '' });
      setOpen(false);
      toast({ text: 'Your password is changed. Other browsers are signed out.' });
    } catch (error) {
      const fields = error instanceof ApiError ? (error.problem.fields ?? {}) : {};
      setErrors(fields);
      if (Object.keys(fields).length === 0) setProblem(sentenceOf(error));
    }
    setBusy(false);
  };
  if (!open)
    return (
      <Button className="justify-self-start" onClick={() => setOpen(true)}>
        Change the password
      </Button>
    );
  const set = (name: keyof typeof values) => ({
    value: values[name],
    error: errors[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  });
  return (
    <form onSubmit={save} noValidate className="grid max-w-[380px] gap-3">
      <Field label="Password now" type="password" autoComplete="current-password" autoFocus {...set('current')} />
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        help="At least 8 characters"
        {...set('password')}
      />
      {problem && <Notice>{problem}</Notice>}
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? 'One moment…' : 'Change the password'}
        </Button>
        <Button onClick={() => setOpen(false)}>Cancel</Button>
      </div>
    </form>
  );
}
