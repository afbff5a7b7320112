/** Says in words why a mirror stands still, where its tables are as they should be. */
import type { DataCluster } from '../cluster.ts';
import { readSide } from './follow.ts';
import type { MirrorPlace } from './place.ts';
import { readPlaces } from './places.ts';

interface Explanation {
  words: string;
  /** tables whose next row the mirror cannot take over; copied again they can */
  tables: string[];
  /** everything is taken: nothing but waiting or a larger cluster helps */
  full: boolean;
}

const PEEK_CHANGES = 500;

/** What keeps the worker from running: every cluster has so many places. */
export async function whyNoWorker(cluster: DataCluster): Promise<Explanation> {
  const full = (await readPlaces(cluster)).filter(({ most, taken }) => taken >= most);
  if (full.length === 0)
    return { words: 'The process that keeps the copy does not start. It is tried again.', tables: [], full: false };
  const settings = full.map(({ setting, most }) => `${setting} (now ${most})`).join(', ');
  return {
    words: `The data cluster can keep no more copies of live at the same time. This one goes on as soon as a place is free. To have more, raise ${settings} and start the cluster again.`,
    tables: [],
    full: true,
  };
}

/** What the next transaction of live has that the mirror refuses. */
export async function whyErrors(cluster: DataCluster, place: MirrorPlace): Promise<Explanation> {
  const places = await whyNoWorker(cluster);
  if (places.full) return places;
  const { tables } = await readSide(cluster, place, place.live);
  // names come from live, which may be somebody else's
  const known = new Set(tables.map(({ name }) => name));
  const next = (await nextTables(cluster, place)).filter((name) => known.has(name));
  for (const table of tables) {
    if (!next.includes(table.name) || table.key.length > 0 || table.incomparable.length === 0) continue;
    return {
      words: `The table ${table.name} has no primary key, and its column ${table.incomparable[0]} is of a kind that cannot be compared, so the copy does not find the row that live changed. Give ${table.name} a primary key.`,
      tables: [],
      full: false,
    };
  }
  if (next.length === 0)
    return { words: 'The copy refuses what live sends next. It is tried again.', tables: [], full: false };
  const which = next.length === 1 ? `the table ${next[0]}` : `the tables ${next.join(', ')}`;
  return {
    words: `The copy refuses what live sends next, in ${which}: its rows are not what live’s were. They are copied again.`,
    tables: next,
    full: false,
  };
}

/** Reads the first transaction that waits in the slot, without taking it. */
async function nextTables(cluster: DataCluster, place: MirrorPlace): Promise<string[]> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      const { rows } = await cluster.readCatalogue(place.live, (pool) =>
        pool.query<{ data: Buffer }>(
          `select data from pg_catalog.pg_logical_slot_peek_binary_changes($1, null, $2, 'proto_version', '1', 'publication_names', $3)`,
          [place.slot, PEEK_CHANGES, `"${place.publication}"`],
        ),
      );
      return firstTransaction(rows.map(({ data }) => data));
    } catch (error) {
      // the worker has it: it lets go at its next error
      if ((error as { code?: string }).code !== '55006') throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return [];
}

/** Names of the tables in which the first transaction that has any rows changes some. */
function firstTransaction(messages: Buffer[]): string[] {
  const names = new Map<number, string>();
  const touched = new Set<string>();
  for (const message of messages) {
    const kind = String.fromCharCode(message[0]!);
    if (kind === 'C' && touched.size > 0) break;
    if (kind === 'R') {
      const space = message.indexOf(0, 5);
      names.set(message.readUInt32BE(1), message.toString('utf8', space + 1, message.indexOf(0, space + 1)));
    } else if (kind === 'I' || kind === 'U' || kind === 'D') {
      const name = names.get(message.readUInt32BE(1));
      if (name) touched.add(name);
    }
  }
  return [...touched];
}
