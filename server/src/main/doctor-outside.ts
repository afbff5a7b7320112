/**
 * The doctor's look at live databases that are at an address of their owner's own: each is looked at as before it was kept, and the copies that
 * staging keeps of it are told with it. Nothing is started and nothing is changed for it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { OutsideFinding } from '../../../contract/outside.ts';
import { DataKeys } from '../accounts/data-keys.ts';
import { openKeyring } from '../accounts/keyring.ts';
import type { Config } from '../config.ts';
import { databasesOf } from '../databases/names.ts';
import { checkOutside } from '../databases/outside/check.ts';
import { OutsideDatabases } from '../databases/outside/outside-databases.ts';
import { type Db, many, openDatabase, sql } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import { loadOutside } from '../hosting/data/outside.ts';
import type { Finding } from './doctor.ts';

const NAME = 'Live elsewhere';
/** The look of a Vibe that runs is seconds old. */
const STALE_MS = 60_000;

interface Standing {
  app: string;
  state: string;
  words: string;
  lookedAt: Date;
}

/** Nothing where no container has its live database elsewhere. */
export async function outsideDatabases(config: Config): Promise<Finding[]> {
  const url = config.databaseUrl ?? embedded(config, 'platform', 'vibe');
  if (!url) return [];
  const { db } = openDatabase(url, { name: 'vibe doctor', max: 2 });
  try {
    return await lookAtEach(config, db);
  } catch (error) {
    // a Vibe that was never started has no such table
    if (['42P01', '3D000'].includes((error as { code?: string }).code ?? '')) return [];
    if (!isAway(error))
      return [
        {
          state: 'bad',
          name: NAME,
          text: `could not be looked at: ${messageOf(error)}`,
          fix: 'Look whether the platform’s database and the keys folder are of this installation and of this version.',
        },
      ];
    return [
      {
        state: 'note',
        name: NAME,
        text: 'not looked at: where they are is in the platform’s database, which does not answer',
        fix: 'Ask the doctor again while Vibe runs.',
      },
    ];
  } finally {
    await db.destroy();
  }
}

/** Whether it came of connecting; a file that cannot be read is something else. */
function isAway(error: unknown): boolean {
  const {
    code = '',
    syscall = '',
    message = '',
  } = (error ?? {}) as { code?: string; syscall?: string; message?: string };
  return (
    syscall === 'connect' ||
    /^(ECONN|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|EPIPE|08|57P0|53300)/.test(code) ||
    /timeout|connection terminated/i.test(message)
  );
}

/** The address of a cluster that Vibe starts itself, if there is one on this data folder. */
const embedded = ({ dataDir, runDir }: Config, name: string, database: string): string | undefined =>
  existsSync(join(dataDir, 'clusters', name, 'data', 'PG_VERSION'))
    ? `postgresql:///${database}?host=${encodeURIComponent(join(runDir, `pg-${name}`))}&user=vibe`
    : undefined;

async function lookAtEach(config: Config, db: Db): Promise<Finding[]> {
  const containers = await many(
    db,
    sql<{
      id: string;
      slug: string;
      mirrors: Standing[];
      left: number;
    }>`select c.id, c.slug,
        coalesce((select json_agg(json_build_object('app', a.name, 'state', m.state, 'words', m.words, 'lookedAt', m.looked_at) order by a.name)
          from mirrors m join apps a on a.id = m.app_id where a.container_id = c.id and a.mode = 'dual-repository' and a.removed_at is null), '[]') as mirrors,
        (select count(*)::int from outside_leftovers l where l.container_id = c.id) as left
      from containers c where exists (select from outside_databases o where o.container_id = c.id)
        or exists (select from outside_leftovers l where l.container_id = c.id) order by c.slug`,
  );
  if (containers.length === 0) return [];
  const outside = new OutsideDatabases(new Set(config.livePrivateHosts), undefined);
  const keys = new DataKeys(db, await openKeyring(join(config.dataDir, 'keys')));
  await loadOutside({ db, keys, outside });
  const own = () => systems([config.databaseUrl, config.dataClusterUrl ?? embedded(config, 'data', 'postgres')]);
  const found: Finding[] = [];
  for (const { id: containerId, slug, mirrors, left } of containers) {
    const address = outside.of(databasesOf(slug).live)?.address;
    if (address) {
      const { findings, server } = await checkOutside({ outside, own, containerId }, address);
      const at = `${slug}: ${address.database} at ${address.host}:${address.port}`;
      found.push(
        {
          state: server ? 'good' : 'bad',
          name: NAME,
          text: server ? at : `${at} cannot hold the live database as it is now`,
        },
        ...findings.map(asFinding),
        ...mirrors.map(standing),
      );
    }
    if (left > 0)
      found.push({
        state: 'note',
        name: address ? '  Left there' : NAME,
        text: `${slug}: something of apps that are gone is still on a server that did not answer`,
        fix: 'It is removed there when it answers. The Data page of the container says what it is.',
      });
  }
  return found;
}

const asFinding = ({ state, name, text, fix }: OutsideFinding): Finding => ({
  state,
  name: `  ${name}`,
  text,
  ...(fix && { fix }),
});

function standing({ app, state, words, lookedAt }: Standing): Finding {
  const name = '  Copy';
  const old = Date.now() - new Date(lookedAt).getTime() > STALE_MS;
  if (old)
    return {
      state: 'note',
      name,
      text: `${app}: staging’s copy was last looked at ${new Date(lookedAt).toISOString()}`,
      fix: 'Start Vibe: it follows live only while it runs.',
    };
  if (state === 'in_step') return { state: 'good', name, text: `${app}: staging’s copy is in step` };
  if (state === 'copying' || state === 'preparing')
    return { state: 'note', name, text: `${app}: staging’s copy is being made` };
  return {
    state: state === 'behind' ? 'note' : 'bad',
    name,
    text: `${app}: ${words || 'staging’s copy has stopped'}`,
    fix: 'Mend what is said above; it goes on by itself then. If nothing is, restart Vibe.',
  };
}

/** What this server's own clusters are known by. */
async function systems(urls: (string | undefined)[]): Promise<Set<string>> {
  const found = await Promise.all(
    urls.map(async (connectionString) => {
      if (!connectionString) return '';
      const client = new pg.Client({ connectionString, connectionTimeoutMillis: 3000, query_timeout: 3000 });
      client.on('error', () => {});
      try {
        await client.connect();
        const { rows } = await client.query('select system_identifier::text as id from pg_control_system()');
        return rows[0].id as string;
      } catch {
        return '';
      } finally {
        await client.end().catch(() => {});
      }
    }),
  );
  return new Set(found.filter(Boolean));
}
