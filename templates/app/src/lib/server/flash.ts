import type { Cookies } from '@sveltejs/kit';

// The app may be shown inside a frame of another site, where only such cookies are kept.
const options = { path: '/', httpOnly: true, secure: true, sameSite: 'none', partitioned: true } as const;

/** Leaves a message for the next page that is shown. */
export function setFlash(cookies: Cookies, message: string): void {
  cookies.set('flash', message, { ...options, maxAge: 30 });
}

/** Takes the message, so that it is shown once. */
export function takeFlash(cookies: Cookies): string | undefined {
  const message = cookies.get('flash');
  if (message) cookies.delete('flash', options);
  return message;
}
