/** Makes a link for one person. It is shown once: only its fingerprint is kept. */
import { Copy } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { ApiError, sentenceOf } from '../../lib/api.ts';
import { invite } from './api.ts';

interface Props {
  mayInviteAdmins: boolean;
  onInvited: () => void;
}

export function InviteForm({ mayInviteAdmins, onInvited }: Props) {
  const toast = useToast();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState('member');
  const [made, setMade] = useState<{ url: string; email: string }>();
  const [error, setError] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError('');
    setProblem('');
    try {
      const { url } = await invite({ role, ...(email.trim() ? { email: email.trim() } : {}) });
      setMade({ url, email: email.trim() });
      setEmail('');
      onInvited();
    } catch (failure) {
      const field = failure instanceof ApiError ? failure.problem.fields?.email : undefined;
      if (field) setError(field);
      else setProblem(sentenceOf(failure));
    }
    setBusy(false);
  };
  return (
    <>
      <form onSubmit={submit} noValidate className="flex flex-wrap items-start gap-3">
        <Field
          label="Invite by a link"
          type="email"
          autoComplete="off"
          placeholder="E-mail address, or empty for anybody"
          value={email}
          error={error}
          onChange={(event) => setEmail(event.target.value)}
          className="flex-1 basis-60"
        />
        {mayInviteAdmins && (
          <div className="grid gap-1">
            <label htmlFor="invited-role" className="text-12 font-mid text-ink-2">
              As
            </label>
            <select
              id="invited-role"
              value={role}
              onChange={(event) => setRole(event.target.value)}
              className="h-9 rounded-2 border border-line-3 bg-raised px-2 text-15 max-md:h-11"
            >
              <option value="member">Member</option>
              <option value="admin">Admin</option>
            </select>
          </div>
        )}
        <Button type="submit" size="big" disabled={busy} className="mt-[22px] max-md:mt-0">
          Make the link
        </Button>
      </form>
      {problem && <Notice>{problem}</Notice>}
      {made && (
        <div role="status" className="grid gap-2 rounded-3 border border-line-2 bg-raised p-3">
          <p>
            Send this to {made.email || 'the person'}. It lets one person in, within 7 days, and is not shown again.
          </p>
          <div className="flex items-center gap-2">
            <input
              readOnly
              aria-label="The link of the invitation"
              value={made.url}
              onFocus={(event) => event.target.select()}
              className="h-9 min-w-0 flex-1 rounded-2 border border-line-2 bg-surface px-2 font-mono text-12 max-md:h-11"
            />
            <Button
              size="big"
              onClick={() =>
                void navigator.clipboard.writeText(made.url).then(
                  () => toast({ text: 'The link is copied.' }),
                  () => setProblem('The browser did not let us copy it. Select the link and copy it.'),
                )
              }
            >
              <Copy size={14} aria-hidden="true" /> Copy
            </Button>
          </div>
        </div>
      )}
    </>
  );
}
