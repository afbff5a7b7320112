/**
 * Freezing a container and lifting it. The container's row is the truth and is written first; the databases follow it, now or at the next start.
 * What waited is begun again when it is lifted.
 */
import type { DataCluster } from '../../databases/cluster.ts';
import { bringFreeze, frozenDatabases } from '../../databases/freeze.ts';
import { databasesOf } from '../../databases/names.ts';
import { type Db, many, maybe, notify, one, run, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Hub } from '../../events/hub.ts';
import { enqueue } from '../../jobs/queue.ts';

export interface FreezeParts {
  db: Db;
  cluster: DataCluster;
  hub: Hub;
  /** something went wrong that nobody was told of */
  warn?: (error: unknown, text: string) => void;
}

/** Writes it down and carries it out. Repeating it does nothing. @throws AppError `freeze_unfinished` when it is written and not carried out yet */
export async function setFrozen(
  parts: FreezeParts,
  { containerId, by, frozen }: { containerId: string; by: string; frozen: boolean },
): Promise<void> {
  await transaction(parts.db, async (tx) => {
    const changed = await run(
      tx,
      frozen
        ? sql`update containers set frozen_at = now(), frozen_by = ${by} where id = ${containerId} and frozen_at is null`
        : sql`update containers set frozen_at = null, frozen_by = null where id = ${containerId} and frozen_at is not null`,
    );
    if (changed > 0)
      await run(
        tx,
        sql`insert into data_acts (container_id, by_user, act) values (${containerId}, ${by}, ${frozen ? 'freeze' : 'lift'})`,
      );
    await notify(tx, 'vibe_access', 'container');
  });
  try {
    await bring(parts, containerId);
  } catch (cause) {
    throw new AppError(
      'freeze_unfinished',
      'unavailable',
      frozen
        ? 'It is to be frozen, and the databases do not all follow yet.'
        : 'It is to be lifted, and the databases do not all follow yet.',
      { cause, detail: 'Try again in a moment. It is also done at the next start.' },
    );
  } finally {
    await parts.hub.changed(`container:${containerId}`, 'container');
  }
}

/** After a start: every database is as its container says. */
export async function settleFreezes(parts: FreezeParts): Promise<void> {
  const frozen = await frozenDatabases(parts.cluster);
  const containers = await many(
    parts.db,
    sql<{
      id: string;
      slug: string;
      frozen: boolean;
    }>`select id, slug, frozen_at is not null as frozen from containers where state = 'ready'`,
  );
  for (const container of containers) {
    const { staging, live } = databasesOf(container.slug);
    // one that was begun may not be finished
    const unsure = container.frozen || [staging, live].some((database) => frozen.has(database));
    if (!unsure && !parts.cluster.isOutside(live)) continue;
    await bring(parts, container.id).catch((error) => {
      // the others' freezes do not wait for a server that is not ours
      if (!parts.cluster.isOutside(live)) throw error;
      parts.warn?.(error, `the freeze of ${container.slug} was not carried out`);
    });
  }
}

/** Whether a person has frozen it, carried out or not. */
export async function isFrozenContainer(db: Db, containerId: string): Promise<boolean> {
  return Boolean(await maybe(db, sql`select 1 from containers where id = ${containerId} and frozen_at is not null`));
}

async function bring({ db, cluster }: FreezeParts, containerId: string): Promise<void> {
  const read = () =>
    one(
      db,
      sql<{
        slug: string;
        frozen: boolean;
      }>`select slug, frozen_at is not null as frozen from containers where id = ${containerId}`,
    );
  const { slug } = await read();
  const { staging, live } = databasesOf(slug);
  // read when it is its turn: of two people at once, the one who was last is followed
  for (const database of [staging, live])
    await cluster.alone(async () => bringFreeze(cluster, database, (await read()).frozen), database);
  if ((await read()).frozen) return;
  const waiting = await many(
    db,
    sql<{
      id: string;
    }>`select r.id from releases r join apps a on a.id = r.app_id where a.container_id = ${containerId} and r.state in ('queued', 'building', 'starting')`,
  );
  for (const { id } of waiting)
    await enqueue(db, 'app.release', { releaseId: id }, { key: `app.release:${id}`, attempts: 3 });
}
