import { takeFlash } from '#lib/server/flash.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ cookies, locals, url }) => ({
  person: locals.person.name,
  flash: takeFlash(cookies),
  // Reading the whole address makes this run again at every step, so that a message is shown once.
  address: url.href,
});
