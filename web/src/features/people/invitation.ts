/** The invitation that this tab came with: kept through sign-in, and out of the address bar and the history. */
import { useQuery } from '@tanstack/react-query';
import { readInvitation } from './api.ts';

const KEY = 'vibe-invitation';

/** Takes the token out of the address, where the link put it. */
export function takeInvitation(): string | undefined {
  const token = location.hash.slice(1);
  if (/^[\w-]{20,100}$/.test(token)) {
    sessionStorage.setItem(KEY, token);
    history.replaceState(history.state, '', location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}

export const forgetInvitation = (): void => sessionStorage.removeItem(KEY);

/** What it is for; `error` when it is not good any more. */
export function useInvitation() {
  const token = sessionStorage.getItem(KEY) ?? undefined;
  const { data, error } = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => readInvitation(token!),
    enabled: token !== undefined,
    retry: false,
  });
  return { token, data, error };
}
