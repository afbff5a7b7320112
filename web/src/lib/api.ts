/** The API from the browser: bearer token in memory, refreshed by cookie; one tab of a browser refreshes at a time. */

import type { SignedIn } from '../../../contract/accounts.ts';
import type { Problem } from '../../../contract/errors.ts';
import type { Loses } from '../../../contract/loses.ts';

export class ApiError extends Error {
  readonly problem: Problem & { conflicts?: { path: string; reason: string }[]; loses?: Loses };
  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

interface Token {
  value: string;
  /** milliseconds since 1970 */
  until: number;
}

let token: Token | undefined;
let onSignedOut: () => void = () => {};

const CONTAINER = 'vibe-container';
// of this tab: another one may look at another container
let container = readContainer();

function readContainer(): string | undefined {
  try {
    return localStorage.getItem(CONTAINER) ?? undefined;
  } catch {
    return undefined;
  }
}

/** From now on calls are about this container; undefined: about the person's first. The next tab begins with it. */
export function chooseContainer(id: string | undefined): void {
  container = id;
  try {
    if (id) localStorage.setItem(CONTAINER, id);
    else localStorage.removeItem(CONTAINER);
  } catch {
    // it holds for this tab at least
  }
}

/** What happens when the server says that this person is signed out. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export function keepToken(signedIn: SignedIn): void {
  token = { value: signedIn.accessToken, until: Date.now() + signedIn.expiresIn * 1000 };
}

export function dropToken(): void {
  token = undefined;
}

/** Trades the cookie for a fresh access token. @returns undefined when nobody is signed in */
export async function refresh(): Promise<SignedIn | undefined> {
  const ask = async () => {
    const response = await fetch('/api/auth/refresh', { method: 'POST' });
    if (response.status === 401) return undefined;
    if (!response.ok) throw new ApiError(await problemOf(response));
    const signedIn = (await response.json()) as SignedIn;
    keepToken(signedIn);
    return signedIn;
  };
  return 'locks' in navigator ? navigator.locks.request('vibe-refresh', ask) : ask();
}

/** A token that is good for at least half a minute more. */
export async function freshToken(): Promise<string | undefined> {
  if (token && token.until - Date.now() > 30_000) return token.value;
  const signedIn = await refresh();
  if (!signedIn) {
    dropToken();
    onSignedOut();
    return undefined;
  }
  return token?.value;
}

/** One call. @throws ApiError with the server's problem, or `offline` when it does not answer */
export async function api<T>(
  method: string,
  path: string,
  body?: unknown,
  options: { public?: boolean } = {},
): Promise<T> {
  const response = await ask(method, path, body, options);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** Saves what the server answers as a file, under the name that it gives. */
export async function download(path: string): Promise<void> {
  const response = await ask('GET', path, undefined, {});
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'download';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** What the server answers, as bytes. */
export const bytes = (path: string): Promise<Blob> =>
  ask('GET', path, undefined, {}).then((response) => response.blob());

async function ask(method: string, path: string, body: unknown, options: { public?: boolean }): Promise<Response> {
  const bearer = options.public ? undefined : await freshToken();
  if (!options.public && !bearer)
    throw new ApiError({ type: 'about:blank', title: 'You are signed out.', status: 401, code: 'signed_out' });
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(bearer && container ? { 'vibe-container': container } : {}),
        ...(body === undefined
          ? {}
          : { 'content-type': body instanceof Blob ? 'application/octet-stream' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError({
      type: 'about:blank',
      title: 'The server does not answer.',
      status: 0,
      code: 'offline',
      detail: 'Check whether it is running, then try again.',
    });
  }
  if (response.status === 401 && !options.public) {
    dropToken();
    onSignedOut();
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.code === 'container_not_found' && container) {
    // gone, or taken away: begin again with what is left
    chooseContainer(undefined);
    location.assign('/');
  }
  throw new ApiError(problem);
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: 'Something went wrong.',
    status: response.status,
    code: 'unknown',
  };
  return response.json().then(
    (problem) => ({ ...fallback, ...problem }),
    () => fallback,
  );
}

/** What to tell a person about anything that was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return [error.problem.title, error.problem.detail].filter(Boolean).join(' ');
  return 'Something went wrong. Try again.';
}
