/**
 * What of ours may stay on somebody else's server that does not answer, by name, and what removes it there: the same statements whether a person
 * runs them or we do. They drop what our roles own in that one database and nothing else; what somebody else has hung onto it keeps it there.
 */
import pg from 'pg';
import { mirrorNamesOf, queryRoleOf, rolesOf } from '../names.ts';
import { BoundedClient } from './bounded-client.ts';
import { mark } from './mark.ts';

export interface LeftThere {
  schemas: string[];
  publications: string[];
  slots: string[];
  roles: string[];
}

/** Everything of an app. @param chats the eight letters of its chats, whose statements ran as roles of their own */
export function appLeft(container: string, app: string, schema: string, chats: string[]): LeftThere {
  const { publications, slots, roles } = mirrorLeft(container, app, chats);
  const { owner, runtime } = rolesOf(container, schema);
  return { schemas: [schema], publications, slots, roles: [owner, runtime, ...roles] };
}

/** What followed an app there and asked it; its rows are not among it. */
export function mirrorLeft(container: string, app: string, chats: string[]): LeftThere {
  const { publication, slot, reader } = mirrorNamesOf(container, app);
  return {
    schemas: [],
    publications: [publication],
    slots: [slot],
    roles: [reader, ...chatsLeft(container, chats).roles],
  };
}

/** What chats ran as. */
export const chatsLeft = (container: string, chats: string[]): LeftThere => ({
  schemas: [],
  publications: [],
  slots: [],
  roles: chats.flatMap((chat) => [false, true].map((write) => queryRoleOf(container, chat, 'live', write))),
});

/** Statements to be run there in this order, connected to that database, as who administers it. Repeating them does nothing. */
export function removalOf({ publications, slots, roles }: LeftThere): string[] {
  const listed = (names: string[]) => names.map((name) => pg.escapeLiteral(name)).join(', ');
  const statements: string[] = [];
  if (slots.length > 0)
    statements.push(
      `select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name in (${listed(slots)}) and database = current_database() and active_pid is not null`,
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name in (${listed(slots)}) and database = current_database()`,
    );
  if (publications.length > 0)
    statements.push(`drop publication if exists ${publications.map((name) => pg.escapeIdentifier(name)).join(', ')}`);
  if (roles.length > 0)
    statements.push(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename in (${listed(roles)})`,
      // one role after the other: what two of them share is gone with the first
      `do $$
declare
  one text;
begin
  for one in select rolname from pg_roles where rolname in (${listed(roles)}) order by rolname !~ '[.]own$', rolname loop
    execute format('drop owned by %I', one);
    execute format('drop role %I', one);
  end loop;
end $$`,
    );
  return statements;
}

/** The statements as a person runs them. */
export const byHand = (left: LeftThere): string =>
  removalOf(left)
    .map((statement) => `${statement};`)
    .join('\n');

const ANSWER_MS = 20_000;
const DEPENDS = '2BP01';

export type Removal = { gone: true } | { gone: false; words: string; never: boolean };

/**
 * Removes it, if that database is still this container's.
 * @returns `never` where trying again changes nothing
 * @throws what came of connecting, and of anything else
 */
export async function removeThere(config: pg.ClientConfig, containerId: string, left: LeftThere): Promise<Removal> {
  const client = new BoundedClient({
    ...config,
    query_timeout: ANSWER_MS,
    options: '-c search_path=pg_catalog,pg_temp -c lock_timeout=5000',
    application_name: 'vibe host',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    if ((await mark(client)) !== containerId)
      return {
        gone: false,
        never: true,
        words: 'That database is not marked as this container’s any more, so nothing of it was touched.',
      };
    const { rows } = await client.query(`select to_regclass('vibe_freeze.taken') is not null as frozen`);
    if (rows[0].frozen)
      return { gone: false, never: false, words: 'The database is frozen. It is removed when the freeze is lifted.' };
    const prefix = `${left.roles[0]?.split('.')[0]}.`;
    for (const name of left.publications) {
      const { rows: owners } = await client.query<{ owner: string }>(
        'select r.rolname as owner from pg_publication p join pg_roles r on r.oid = p.pubowner where p.pubname = $1',
        [name],
      );
      if (owners[0] && !owners[0].owner.startsWith(prefix))
        return { gone: false, never: true, words: `${name} belongs to somebody else there, so nothing was touched.` };
    }
    for (const statement of removalOf(left)) await client.query(statement);
    return { gone: true };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== DEPENDS) throw error;
    return {
      gone: false,
      never: true,
      words: 'Something else there hangs on it, so it was left. Look at what that is, then remove it by hand.',
    };
  } finally {
    client.cut();
  }
}
