import type { Handle } from '@sveltejs/kit/hooks';
import { judge } from '#lib/server/access.ts';
import { readPerson } from '#lib/server/identity.ts';
import { roleOf } from '#lib/server/people.ts';
import { words } from '#lib/words.ts';
import { VIBE_APP_AUDIENCE, VIBE_IDENTITY_PUBLIC_KEY } from '$app/env/private';

/**
 * Everything here is for people who signed in: the gateway in front of the app says who it is, signed. What somebody may not see is
 * not there for them.
 */
export const handle: Handle = async ({ event, resolve }) => {
  const token = event.request.headers.get('x-vibe-identity');
  const person = await readPerson(token, VIBE_IDENTITY_PUBLIC_KEY, VIBE_APP_AUDIENCE);
  if (!person) return new Response(words.signIn, { status: 401 });
  event.locals.person = person;
  event.locals.rights = { owner: person.role === 'owner', role: await roleOf(person) };
  const { method } = event.request;
  // data of a page is asked for at its address with a suffix
  const path = event.url.pathname.replace(/\/__data\.json$/, '');
  const verdict = judge(event.locals.rights, method, path);
  if (verdict === 'hidden') return new Response(words.notFound, { status: 404 });
  if (verdict === 'refused') return new Response(words.mayNotChange, { status: 403 });
  return resolve(event);
};
