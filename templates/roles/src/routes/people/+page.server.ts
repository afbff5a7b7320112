import { error } from '@sveltejs/kit';
import { allPeople, giveRole } from '#lib/server/people.ts';
import { roles } from '#lib/server/rules.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  if (!locals.rights.owner) error(404);
  return { people: await allPeople(), roles };
};

export const actions: Actions = {
  default: async ({ locals, request }) => {
    if (!locals.rights.owner) error(404);
    const form = await request.formData();
    const role = String(form.get('role'));
    if (role !== '' && !Object.hasOwn(roles, role)) error(400);
    await giveRole(String(form.get('id')), role === '' ? null : role);
  },
};
