/** Whether a mirror can be made: asked of both servers before anything of it is, and said in words where not. */
import { AppError } from '../../errors.ts';
import type { DataCluster } from '../cluster.ts';
import type { MirrorPlace } from './place.ts';
import { readPlaces } from './places.ts';

const ROOM_THERE = ['max_replication_slots', 'max_wal_senders'];
/** The mirror’s own, and one to copy tables with. */
const PLACES_TO_FOLLOW = 2;

/** @throws AppError `mirror_not_possible` where live's server does not write down what others need to follow it */
export async function checkLevel(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const level = await cluster.readCatalogue(place.live, async (pool) => (await pool.query('show wal_level')).rows[0]);
  if (level.wal_level !== 'logical')
    throw new AppError('mirror_not_possible', 'unavailable', 'Live’s PostgreSQL cannot be copied to staging.', {
      detail: 'Set wal_level = logical in its configuration and start it again.',
    });
}

/**
 * Where staging has tables of the app's own, they are nobody's mirror: what they hold must not be taken for something to clean up.
 * @throws AppError `mirror_not_possible`
 */
export async function checkOwner(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const found = await cluster.readCatalogue(place.staging, async (pool) => {
    const { rows } = await pool.query<{ owner: string }>(
      'select r.rolname as owner from pg_catalog.pg_namespace n join pg_catalog.pg_roles r on r.oid = n.nspowner where n.nspname = $1',
      [place.schema],
    );
    return rows[0]?.owner;
  });
  if (found === undefined || found === place.owner) return;
  throw new AppError('mirror_not_possible', 'unavailable', 'Staging still has tables of its own for this app.', {
    detail: 'They become the staging site first; until then there is no copy of live.',
  });
}

/** Tables are copied by processes with slots of their own. If every place were taken by mirrors, none could copy anything, for good. */
const PLACES_TO_COPY = 2;

/** @throws AppError `mirror_full` */
export async function checkPlaces(cluster: DataCluster): Promise<void> {
  const full = (await readPlaces(cluster)).filter(({ most, mirrors }) => mirrors + PLACES_TO_COPY >= most);
  if (full.length === 0) return;
  const settings = full.map(({ setting, most }) => `${setting} (now ${most})`).join(', ');
  throw new AppError('mirror_full', 'unavailable', 'The data cluster can hold no more copies of live.', {
    detail: `This one is made as soon as a place is free. To have more, raise ${settings} and start the cluster again.`,
  });
}

/**
 * The same of a server that is somebody else's, asked before anything of ours is made there: a slot that nobody follows would keep its log.
 * @throws AppError `mirror_full`
 */
export async function checkRoomThere(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  if (!cluster.isOutside(place.live)) return;
  const { rows } = await cluster.readCatalogue(place.live, (pool) =>
    pool.query<{ setting: string; most: number; taken: number }>(
      `select s.name as setting, s.setting::int as most, case s.name
         when 'max_replication_slots' then (select count(*)::int from pg_catalog.pg_replication_slots where slot_name <> $1)
         else (select count(*)::int from pg_catalog.pg_stat_replication) end as taken
       from pg_catalog.pg_settings s where s.name = any ($2)`,
      [place.slot, ROOM_THERE],
    ),
  );
  // the words and kinds of what it answers are its own: numbers are taken from it, and nothing else
  const full = ROOM_THERE.flatMap((setting) => {
    const row = rows.find((one) => one.setting === setting);
    const [most, taken] = [Number(row?.most), Number(row?.taken)];
    return taken + PLACES_TO_FOLLOW > most ? [{ setting, most }] : [];
  });
  if (full.length === 0) return;
  const settings = full.map(({ setting, most }) => `${setting} (now ${most})`).join(', ');
  throw new AppError('mirror_full', 'unavailable', 'Live’s PostgreSQL can serve no more copies.', {
    detail: `Staging keeps what it has. This copy is made as soon as a place is free there. To have more, raise ${settings} and start it again.`,
  });
}
