/**
 * Whether a PostgreSQL can hold a container's live database, in plain words, each with its way out. What a role may do is found out by doing it and
 * taking it back: attributes alone do not say it (providers have rules of their own), and nothing of it stays.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { OutsideFinding } from '../../../../contract/outside.ts';
import { AppError } from '../../errors.ts';
import { BoundedClient } from './bounded-client.ts';
import { mark } from './mark.ts';
import type { OutsideDatabases, OutsideServer } from './outside-databases.ts';
import { checkCertificates, type OutsideAddress, reasonOf } from './server.ts';

const id = pg.escapeIdentifier;
const OLDEST = 150_000;
/** One subscription, and a copy of a table beside it. */
const LEAST_FREE = 2;
const LEAST_CONNECTIONS = 10;
const CLOCK_SECONDS = 30;
/** The whole of it: a server that answers each question just in time is not waited for. */
const CHECK_MS = 25_000;
const ANSWER_MS = 6000;
/** Answers are a few lines each. */
const MOST_BYTES = 1_000_000;

export interface Checked {
  findings: OutsideFinding[];
  /** undefined when something is wrong */
  server: OutsideServer | undefined;
}

export interface CheckParts {
  outside: OutsideDatabases;
  /** what the platform's own servers are known by, as far as that is known */
  own: () => Promise<Set<string>>;
  /** how long one answer is waited for */
  waitMs?: number;
  /** the container that it is for */
  containerId: string;
}

const good = (name: string, text: string): OutsideFinding => ({ state: 'good', name, text, fix: null });
const bad = (name: string, text: string, fix: string): OutsideFinding => ({ state: 'bad', name, text, fix });
const note = (name: string, text: string, fix: string | null = null): OutsideFinding => ({
  state: 'note',
  name,
  text,
  fix,
});

/** Looks at everything that it can reach. Never rejects for what the server does. */
export async function checkOutside(parts: CheckParts, address: OutsideAddress): Promise<Checked> {
  const findings: OutsideFinding[] = [];
  const server: Partial<OutsideServer> = { address };
  const open: BoundedClient[] = [];
  const end = new AbortController();
  const late = sleep(CHECK_MS, 'late' as const, { signal: end.signal }).catch(() => 'late' as const);
  const looked = look(parts, address, findings, server, open).then(
    () => 'done' as const,
    (error) => {
      findings.push(unanswered(address, error));
      return 'done' as const;
    },
  );
  if ((await Promise.race([looked, late])) === 'late')
    findings.push(bad('Answer', `${address.host} takes too long to answer.`, 'Try again, or look at how busy it is.'));
  end.abort();
  for (const client of open) client.cut();
  const fits = findings.every(({ state }) => state !== 'bad') && server.version !== undefined;
  return { findings: [...findings], server: fits ? (server as OutsideServer) : undefined };
}

async function look(
  parts: CheckParts,
  address: OutsideAddress,
  findings: OutsideFinding[],
  server: Partial<OutsideServer>,
  open: BoundedClient[],
): Promise<void> {
  checkCertificates(address.ca);
  if (!address.tls && !parts.outside.allowed.has(`${address.host}:${address.port}`)) {
    findings.push(bad('Encryption', 'Passwords and rows would travel in the open.', 'Turn encryption on.'));
    return;
  }
  const client = await connect(parts, address, open);
  findings.push(
    good('Address', `${address.host} answers${address.tls ? ', encrypted, and is who it says it is' : ''}.`),
  );
  const { rows } = await client.query(FACTS);
  const facts = rows[0] as Facts;
  if (!Number.isInteger(facts?.version)) throw new Error('the answer makes no sense');
  server.version = facts.version;
  findings.push(...read(facts, address));
  if (facts.version < OLDEST) return;
  findings.push(await replication(parts, address, open));
  findings.push(...(await rights(client, address, server, facts.follows === true)));
  const found = await mark(client);
  if (found !== undefined && found !== parts.containerId)
    findings.push(
      bad(
        'Free',
        'Another container has its live database there already.',
        'Make a database of its own for this one. If that container is gone, drop the schema vibe_live there, with what is in it.',
      ),
    );
}

async function connect(
  parts: CheckParts,
  address: OutsideAddress,
  open: BoundedClient[],
  more: object = {},
): Promise<BoundedClient> {
  const wait = parts.waitMs ?? ANSWER_MS;
  const config = {
    ...parts.outside.client(address),
    connectionTimeoutMillis: wait,
    query_timeout: wait,
    options: '-c search_path=pg_catalog,pg_temp -c statement_timeout=5000 -c lock_timeout=3000',
    application_name: 'vibe check',
    ...more,
  };
  const client = new BoundedClient(config, MOST_BYTES);
  client.on('error', () => {});
  open.push(client);
  await client.connect();
  return client;
}

interface Facts {
  version: number;
  words: string;
  level: string;
  slots: number;
  senders: number;
  connections: number;
  now: number;
  owner: boolean;
  follows: boolean;
  standby: boolean;
}

const FACTS = `
select current_setting('server_version_num')::int as version, current_setting('server_version') as words, current_setting('wal_level') as level,
  current_setting('max_replication_slots')::int - (select count(*)::int from pg_replication_slots) as slots,
  current_setting('max_wal_senders')::int - (select count(*)::int from pg_stat_activity where backend_type = 'walsender') as senders,
  current_setting('max_connections')::int - (select count(*)::int from pg_stat_activity where datid is not null) as connections,
  extract(epoch from clock_timestamp())::float8 as now, pg_is_in_recovery() as standby,
  pg_has_role(current_user, (select datdba from pg_database where datname = current_database()), 'usage') as owner,
  (select rolreplication or rolsuper from pg_roles where rolname = current_user) as follows`;

function read(facts: Facts, address: OutsideAddress): OutsideFinding[] {
  const { version, level, slots, senders, connections, standby } = facts;
  const words = /^\d+(\.\d+)?/.exec(String(facts.words))?.[0] ?? String(Math.floor(version / 10_000));
  const found: OutsideFinding[] = [];
  if (version < OLDEST)
    return [bad('Version', `It is PostgreSQL ${words}.`, 'PostgreSQL 15 or newer is needed: have it upgraded.')];
  found.push(good('Version', `PostgreSQL ${words}`));
  if (version < 180_000)
    found.push(
      note(
        'Computed columns',
        'Before PostgreSQL 18, columns that live computes by itself stay empty in staging’s copy.',
      ),
    );
  if (standby)
    found.push(bad('Writing', 'It is a copy that can only be read.', 'Give the address of the one that is written.'));
  found.push(
    level === 'logical'
      ? good('Changes', 'Its changes can be followed (wal_level is logical).')
      : bad(
          'Changes',
          `Its changes cannot be followed: wal_level is ${/^\w+$/.test(String(level)) ? level : 'another'}.`,
          'Set wal_level = logical in its configuration and start it again. Supabase has it so already.',
        ),
  );
  if (!(slots >= LEAST_FREE))
    found.push(
      bad(
        'Places to follow',
        `Only ${count(slots)} of max_replication_slots are free.`,
        'Raise max_replication_slots and start it again.',
      ),
    );
  if (!(senders >= LEAST_FREE))
    found.push(
      bad(
        'Places to send',
        `Only ${count(senders)} of max_wal_senders are free.`,
        'Raise max_wal_senders and start it again.',
      ),
    );
  if (!(connections >= LEAST_CONNECTIONS))
    found.push(
      bad(
        'Connections',
        `Only ${count(connections)} connections are free.`,
        'Raise max_connections, or choose a larger plan.',
      ),
    );
  const apart = Math.round(Math.abs(Number(facts.now) - Date.now() / 1000));
  found.push(
    apart <= CLOCK_SECONDS
      ? good('Clock', 'Its clock goes like this server’s.')
      : note(
          'Clock',
          `Its clock and this server’s are ${apart} seconds apart.`,
          'Times in the two databases will not agree. Set both by a time server.',
        ),
  );
  if (!facts.owner)
    found.push(
      bad(
        'Owner',
        `${address.user} does not own the database.`,
        `There, run: alter database ${id(address.database)} owner to ${id(address.user)}`,
      ),
    );
  return found;
}

const count = (value: number): number => Math.max(0, Math.round(value) || 0);

/** By the protocol that a mirror speaks. It also says which server this is, whatever name led to it. */
async function replication(parts: CheckParts, address: OutsideAddress, open: BoundedClient[]): Promise<OutsideFinding> {
  const name = 'Following';
  try {
    const client = await connect(parts, address, open, { replication: 'database', options: undefined });
    const { rows } = await client.query('IDENTIFY_SYSTEM');
    const system = String(rows[0]?.systemid);
    if ((await parts.own()).has(system))
      return bad(
        'Address',
        'This is the server’s own database.',
        'Leave the live database on this server, or give another address.',
      );
    return good(name, `${address.user} may follow its changes.`);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '42501')
      return bad(
        name,
        `${address.user} may not follow its changes.`,
        `There, run: alter role ${id(address.user)} replication`,
      );
    return bad(
      name,
      `Its changes cannot be followed at this address: ${reasonOf(error, address)}.`,
      'Give the address of the database itself, not of a pooler before it, and let its pg_hba.conf take such connections.',
    );
  }
}

/** Each is tried in a transaction that is taken back. */
async function rights(
  client: pg.Client,
  { user, database }: OutsideAddress,
  server: Partial<OutsideServer>,
  follows: boolean,
): Promise<OutsideFinding[]> {
  const version = server.version!;
  const probe = id(`vibe_check_${process.pid}_${Date.now().toString(36)}`);
  const member =
    version >= ROLES_GIVE
      ? `grant ${probe} to current_user with inherit true, set true`
      : `grant ${probe} to current_user`;
  const steps: [string, string, string, string][] = [
    [
      'make roles',
      `create role ${probe} login noinherit connection limit 1; ${member}`,
      `alter role ${id(user)} createrole`,
      'Roles',
    ],
    [
      'make schemas',
      `create schema ${probe} authorization ${probe}`,
      `grant create on database ${id(database)} to ${id(user)}`,
      'Schemas',
    ],
    [
      'publish tables',
      `grant create on database ${id(database)} to ${probe}; create publication ${probe}; alter publication ${probe} owner to ${probe}`,
      `alter database ${id(database)} owner to ${id(user)}`,
      'Publications',
    ],
  ];
  const found: OutsideFinding[] = [];
  await client.query('begin');
  try {
    for (const [what, statements, fix, name] of steps) {
      if (await may(client, statements)) continue;
      found.push(bad(name, `${user} may not ${what}.`, `There, as its administrator, run: ${fix}`));
      // the others need the role
      if (name === 'Roles') return found;
    }
    server.letsFollow = await may(client, `alter role ${probe} replication`);
    // who has it may not always give it: before 16 only a superuser may
    server.bypassesRls = await may(client, `alter role ${probe} bypassrls`);
  } finally {
    await client.query('rollback').catch(() => {});
  }
  if (!server.letsFollow)
    found.push(
      version < ROLES_GIVE && follows
        ? note(
            'Roles that follow',
            `Before PostgreSQL 16 only a superuser lets a role follow changes, so staging’s copy comes in as ${user} itself, and the password is kept with the copy as well.`,
          )
        : bad(
            'Roles that follow',
            `${user} may not let a role follow changes.`,
            `There, as its administrator, run: alter role ${id(user)} replication`,
          ),
    );
  return found.some(({ state }) => state === 'bad')
    ? found
    : [good('Rights', `${user} may make what apps need, and nothing more is asked for.`), ...found];
}

/** From this version on who may make roles may give them what they have themselves. */
const ROLES_GIVE = 160_000;

/** Tries it, inside a transaction. */
async function may(client: pg.Client, statements: string): Promise<boolean> {
  await client.query('savepoint one');
  try {
    await client.query(statements);
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('rollback to savepoint one');
    return false;
  }
}

/** Why there was no way in. */
function unanswered(address: OutsideAddress, error: unknown): OutsideFinding {
  if (error instanceof AppError) return bad('Address', error.message, error.detail ?? 'Give another one.');
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const { host, port, user, database } = address;
  if (code === '28P01' || code === '28000')
    return bad(
      'Password',
      `${host} does not let ${user} in.`,
      'Look at the user and the password, and at whether its pg_hba.conf takes connections from here.',
    );
  if (code === '3D000')
    return bad(
      'Database',
      `There is no database called ${database}.`,
      'Look at its name. With Supabase it is postgres.',
    );
  if (/does not support SSL/.test(message))
    return bad('Encryption', 'The server does not speak encrypted.', 'Switch TLS on there.');
  if (/^(ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|EPROTO)/.test(code))
    return bad(
      'Encryption',
      code === 'ERR_TLS_CERT_ALTNAME_INVALID'
        ? `The certificate is for another host than ${host}.`
        : code === 'CERT_HAS_EXPIRED'
          ? 'Its certificate has run out.'
          : 'Nobody that is trusted here vouches for its certificate.',
      code === 'CERT_HAS_EXPIRED'
        ? 'Have it renewed there.'
        : 'Paste the certificate of who made it. Supabase has it under Database Settings, SSL Configuration.',
    );
  if (code === 'ENOTFOUND')
    return bad(
      'Address',
      `No host is known as ${host}.`,
      'Look at how it is spelt, and whether this server reaches the internet.',
    );
  if (/nonce|SASL|SCRAM/.test(message))
    return bad(
      'Password',
      `${host} does not prove that it knows the password.`,
      'Look at whether it is the right server, and at the password.',
    );
  return bad(
    'Address',
    `${host}:${port} cannot be reached: ${reasonOf(error, address)}.`,
    'Look at the host and the port, and at whether a firewall lets this server through.',
  );
}
