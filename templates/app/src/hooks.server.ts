import type { Handle } from '@sveltejs/kit/hooks';
import { readPerson } from '#lib/server/identity.ts';
import { words } from '#lib/words.ts';
import { VIBE_APP_AUDIENCE, VIBE_IDENTITY_PUBLIC_KEY } from '$app/env/private';

/** Everything here is for people who signed in. The gateway in front of the app says who it is, signed. */
export const handle: Handle = async ({ event, resolve }) => {
  const token = event.request.headers.get('x-vibe-identity');
  const person = await readPerson(token, VIBE_IDENTITY_PUBLIC_KEY, VIBE_APP_AUDIENCE);
  if (!person) return new Response(words.signIn, { status: 401 });
  event.locals.person = person;
  return resolve(event);
};
