/** Who is signed in, and the one live connection of this tab. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import type { Me, SignedIn } from '../../../contract/accounts.ts';
import { api, chooseContainer, dropToken, keepToken, refresh, whenSignedOut } from '../lib/api.ts';
import { Live } from '../lib/live.ts';

interface Session {
  /** undefined while it is being found out */
  me: Me | null | undefined;
  live: Live;
  enter: (signedIn: SignedIn) => Promise<void>;
  leave: () => Promise<void>;
  /** goes into another container: everything is read anew */
  visit: (containerId: string | undefined) => Promise<void>;
  reload: () => Promise<unknown>;
  /** the server did not answer at the start */
  offline: boolean;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession outside of SessionProvider');
  return session;
}

/** The signed-in person, on screens that only they see. */
export function useMe(): Me {
  const { me } = useSession();
  if (!me) throw new Error('useMe while signed out');
  return me;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [signedIn, setSignedIn] = useState<boolean>();
  const [offline, setOffline] = useState(false);
  const live = useMemo(() => new Live(), []);
  useEffect(() => {
    whenSignedOut(() => setSignedIn(false));
    let timer: ReturnType<typeof setTimeout>;
    const find = () =>
      refresh().then(
        (found) => {
          setOffline(false);
          setSignedIn(found !== undefined);
        },
        () => {
          setOffline(true);
          timer = setTimeout(find, 1500);
        },
      );
    void find();
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!signedIn) return;
    live.start();
    return () => live.stop();
  }, [signedIn, live]);
  const query = useQuery({
    queryKey: ['me'],
    queryFn: () => api<Me>('GET', '/api/me'),
    enabled: signedIn === true,
    // a container is made in a moment
    refetchInterval: (q) =>
      q.state.data?.containers.some((container) => container.state === 'preparing') ? 500 : false,
  });
  const session: Session = {
    me: signedIn === false ? null : signedIn ? query.data : undefined,
    live,
    offline,
    enter: async (found) => {
      keepToken(found);
      client.clear();
      setSignedIn(true);
      await client.fetchQuery({ queryKey: ['me'], queryFn: () => api<Me>('GET', '/api/me') });
    },
    leave: async () => {
      await fetch('/api/auth/logout', { method: 'POST' }).catch(() => {});
      dropToken();
      chooseContainer(undefined);
      setSignedIn(false);
      client.clear();
    },
    visit: async (containerId) => {
      chooseContainer(containerId);
      await client.invalidateQueries({ queryKey: ['me'] });
      await client.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
    },
    reload: () => client.invalidateQueries({ queryKey: ['me'] }),
  };
  return <SessionContext value={session}>{children}</SessionContext>;
}
