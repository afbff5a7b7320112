/** Organisations and their containers: one organisation owns one container, so that keys, limits and people of two are apart. */
import type { User } from '../../../contract/accounts.ts';
import { isSlug, slugOf, suffixed } from '../containers/slugs.ts';
import { type Db, maybe, one, run, sql, type Tx, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../jobs/queue.ts';
import type { Access } from './access-set.ts';
import type { Keyring } from './keyring.ts';

/** Each has two databases and a repository: a machine of this size serves no more of them well. */
export const MOST_CONTAINERS = 100;

/**
 * A container in an organisation of its own, with a data key of its own, that the person owns; and the job that makes its repository and
 * databases.
 * @returns the container's id
 * @throws AppError `no_slug`
 */
export async function foundContainer(tx: Tx, keyring: Keyring, user: User, name: string): Promise<string> {
  const organisation = await one(
    tx,
    sql<{
      id: string;
    }>`insert into organisations (name, data_key) values (${name}, ${keyring.newDataKey()}) returning id`,
  );
  const containerId = await createContainer(tx, organisation.id, name);
  await run(
    tx,
    sql`insert into members (organisation_id, user_id, role) values (${organisation.id}, ${user.id}, 'owner')`,
  );
  return containerId;
}

/** One more container on this server. @throws AppError `too_many_containers`, `no_slug` */
export async function addContainer(db: Db, keyring: Keyring, user: User, name: string): Promise<string> {
  return transaction(db, async (tx) => {
    // one at a time, so that the count holds
    await run(tx, sql`select 1 from installation for update`);
    const { count } = await one(tx, sql<{ count: number }>`select count(*)::int as count from containers`);
    if (count >= MOST_CONTAINERS)
      throw new AppError('too_many_containers', 'conflict', `This server has ${MOST_CONTAINERS} containers already.`);
    return foundContainer(tx, keyring, user, name);
  });
}

/** Another name for a container; its address stays. @throws AppError `not_allowed` */
export async function renameContainer(db: Db, container: Access['containers'][number], name: string): Promise<void> {
  if (container.role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may rename a container.');
  await transaction(db, async (tx) => {
    await run(tx, sql`update containers set name = ${name} where id = ${container.id}`);
    await run(tx, sql`update organisations set name = ${name} where id = ${container.organisationId}`);
    // whoever caches what a person sees
    await run(tx, sql`select pg_notify('vibe_access', 'container')`);
  });
}

async function createContainer(tx: Tx, organisationId: string, name: string): Promise<string> {
  const wanted = slugOf(name, 'home');
  for (let attempt = 1; attempt < 1000; attempt++) {
    const slug = suffixed(wanted, attempt);
    if (!isSlug(slug)) continue;
    const row = await maybe(
      tx,
      sql<{ id: string }>`insert into containers (organisation_id, slug, name, home_node_id, cluster_id)
        select ${organisationId}, ${slug}, ${name}, (select id from nodes order by id limit 1), (select id from clusters order by id limit 1)
        on conflict (slug) do nothing returning id`,
    );
    if (!row) continue;
    await enqueue(tx, 'container.provision', { containerId: row.id }, { key: `container.provision:${row.id}` });
    return row.id;
  }
  throw new AppError('no_slug', 'conflict', 'No free address was found for this name.');
}
