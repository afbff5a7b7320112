/** Who uses this app, and as what. The owner of the app may do everything and gives out the roles. */
import { read, write } from './db.ts';
import type { Person } from './identity.ts';
import { roles } from './rules.ts';

export interface Known {
  id: string;
  name: string;
  email: string;
  role: string | null;
}

/** How long a role is good for without asking again, ms. */
const FRESH_MS = 3000;
const seen = new Map<string, { role: string | null; until: number }>();

/** The role of a person; whoever comes for the first time is noted, without one. */
export async function roleOf(person: Person): Promise<string | null> {
  const known = seen.get(person.id);
  if (known && known.until > Date.now()) return known.role;
  const [row] = await write<{ role: string | null }>(
    `INSERT INTO app_people (id, name, email) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email RETURNING role`,
    [person.id, person.name || person.email || 'Somebody', person.email],
  );
  const role = row?.role && Object.hasOwn(roles, row.role) ? row.role : null;
  if (seen.size > 1000) seen.clear();
  seen.set(person.id, { role, until: Date.now() + FRESH_MS });
  return role;
}

export const allPeople = (): Promise<Known[]> =>
  read('SELECT id, name, email, role FROM app_people ORDER BY lower(name), id LIMIT 2000');

/** @param role null takes it away */
export async function giveRole(id: string, role: string | null): Promise<void> {
  await write('UPDATE app_people SET role = $2 WHERE id = $1', [id, role]);
  seen.delete(id);
}
