/** Shown while it is found out who is there; says something only when that takes a moment. */
import { useEffect, useState } from 'react';
import { Mark } from '../components/mark.tsx';
import { useSession } from './session.tsx';

export function Waiting() {
  const { offline } = useSession();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main
      className="grid h-full place-content-center justify-items-center gap-3 bg-surface text-ink-2"
      aria-busy="true"
    >
      {(late || offline) && (
        <>
          <Mark size={24} />
          <p role="status">{offline ? 'The server does not answer. Trying again…' : 'Opening…'}</p>
        </>
      )}
    </main>
  );
}
