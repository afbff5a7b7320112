/** Carries a signed-in person to an app's own address: fetches the one-time code and goes there. */
import { Navigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Notice } from '../../components/notice.tsx';
import { appCode } from '../../features/chats/api.ts';
import { sentenceOf } from '../../lib/api.ts';
import { useSession } from '../session.tsx';
import { Waiting } from '../waiting.tsx';

export function OpenPage() {
  const { me } = useSession();
  const { host, nonce, path } = useSearch({ from: '/open' });
  const [problem, setProblem] = useState('');
  useEffect(() => {
    if (!me) return;
    // the code is bound to this host by the server; an address that is not one of its apps is refused there
    appCode(host, nonce).then(
      (code) => location.replace(`${location.protocol}//${host}/.vibe/session?${new URLSearchParams({ code, path })}`),
      (error) => setProblem(sentenceOf(error)),
    );
  }, [me, host, nonce, path]);
  if (me === null) return <Navigate to="/login" search={{ to: location.pathname + location.search }} replace />;
  if (!problem) return <Waiting />;
  return (
    <main className="grid h-full place-content-center gap-3 bg-surface p-6">
      <Notice>{problem}</Notice>
      <a href="/" className="text-accent-ink underline">
        All apps
      </a>
    </main>
  );
}
