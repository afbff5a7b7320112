/** Where the link of an invitation leads: who is signed in says yes here, who is not signs in or makes an account first. */
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Mark } from '../../components/mark.tsx';
import { Notice } from '../../components/notice.tsx';
import { acceptInvitation } from '../../features/people/api.ts';
import { forgetInvitation, takeInvitation, useInvitation } from '../../features/people/invitation.ts';
import { sentenceOf } from '../../lib/api.ts';
import { useSession } from '../session.tsx';
import { Waiting } from '../waiting.tsx';

export function JoinPage() {
  useState(takeInvitation);
  const { me, visit, leave } = useSession();
  const { token, data, error } = useInvitation();
  const navigate = useNavigate();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  if (me === undefined || (token && !data && !error)) return <Waiting />;
  if (data && me === null) return <Navigate to="/login" search={{ to: '/join' }} replace />;
  const join = async () => {
    setBusy(true);
    try {
      const { containerId } = await acceptInvitation(token!);
      forgetInvitation();
      await visit(containerId);
      await navigate({ to: '/', replace: true });
    } catch (failure) {
      setProblem(sentenceOf(failure));
      setBusy(false);
    }
  };
  return (
    <main className="grid min-h-full content-start justify-items-center overflow-y-auto bg-surface px-5 py-[12vh] max-md:py-10">
      <div className="grid w-full max-w-[380px] gap-4">
        <p className="mb-6 flex items-center gap-2 text-15 font-strong">
          <Mark size={20} /> Vibe
        </p>
        {data ? (
          <>
            <h1 className="text-24">Join {data.container}</h1>
            <p className="text-15 leading-[1.6] text-ink-2">
              {data.invitedBy} invited you. You are signed in as {me?.user.email}.
            </p>
            {problem && <Notice>{problem}</Notice>}
            <Button look="primary" size="big" disabled={busy} onClick={() => void join()}>
              {busy ? 'One moment…' : `Join ${data.container}`}
            </Button>
            <Button size="big" onClick={() => void leave()}>
              Use another account
            </Button>
          </>
        ) : (
          <>
            <h1 className="text-24">This invitation is not good any more</h1>
            <p className="text-15 leading-[1.6] text-ink-2">
              It was used, taken back, or is older than 7 days. Ask whoever sent it for another one.
            </p>
            <Link to="/" className="text-accent-ink underline underline-offset-[3px]" onClick={forgetInvitation}>
              Go on without it
            </Link>
          </>
        )}
      </div>
    </main>
  );
}
