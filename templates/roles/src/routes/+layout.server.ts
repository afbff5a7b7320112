import { lists } from '#lib/app.ts';
import { maySee } from '#lib/server/access.ts';
import { takeFlash } from '#lib/server/flash.ts';
import { VIBE_APP_AUDIENCE } from '$app/env/private';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ cookies, locals, url }) => ({
  person: locals.person.name,
  // where merged work is tried before customers get it
  staging: VIBE_APP_AUDIENCE?.startsWith('site:') ?? false,
  flash: takeFlash(cookies),
  // Reading the whole address makes this run again at every step, so that a message is shown once.
  address: url.href,
  lists: lists.filter((list) => maySee(locals.rights, list.href.slice(1))),
  givesRoles: locals.rights.owner,
});
