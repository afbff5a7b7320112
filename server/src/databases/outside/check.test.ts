import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { DataCluster } from '../cluster.ts';
import { BoundedClient } from './bounded-client.ts';
import { type CheckParts, checkOutside } from './check.ts';
import { makeCertificates, type OutsideTest, startOutside } from './fixtures/outside-server.ts';
import { leave, takePlace } from './mark.ts';
import { OutsideDatabases } from './outside-databases.ts';
import { type OutsideAddress, outsideClient } from './server.ts';

let there: OutsideTest;
let other: { ca: string; cert: string; key: string };
let folder: string;
const containerId = randomUUID();
const hostile: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vibe-test-ca-'));
  other = await makeCertificates(folder);
  there = await startOutside();
});
afterAll(async () => {
  await there.end();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of hostile.splice(0)) server.close();
});

const parts = (allowed: string[], own: string[] = [], waitMs = 20_000): CheckParts => ({
  outside: new OutsideDatabases(new Set(allowed), undefined),
  own: async () => new Set(own),
  waitMs,
  containerId,
});
/** What is wrong, as `name: text`. No finding ever says the password. */
async function wrong(
  change: Partial<OutsideAddress> = {},
  allowed = [there.allowed],
  own: string[] = [],
  waitMs?: number,
): Promise<string[]> {
  const address = { ...there.address, ...change };
  const { findings, server } = await checkOutside(parts(allowed, own, waitMs), address);
  expect(JSON.stringify(findings)).not.toContain(address.password);
  const bad = findings.filter(({ state }) => state === 'bad');
  for (const { fix } of bad) expect(fix).toBeTruthy();
  expect(server === undefined).toBe(bad.length > 0);
  return bad.map(({ name, text }) => `${name}: ${text}`);
}
const root = async (...statements: string[]) => {
  const client = await there.root();
  for (const statement of statements) await client.query(statement);
  return client;
};

it('finds nothing wrong with a server whose administrator is no superuser, and leaves nothing there', async () => {
  expect(await wrong()).toEqual([]);
  const client = await root();
  const { rows } = await client.query("select rolname from pg_roles where rolname like 'vibe_check%'");
  expect(rows).toEqual([]);
  expect((await client.query('select 1 from pg_publication')).rowCount).toBe(0);
});

it('says what does not let it in', async () => {
  expect(await wrong({ password: 'another one' })).toEqual([`Password: 127.0.0.1 does not let boss in.`]);
  expect(await wrong({ user: 'nobody' })).toEqual([`Password: 127.0.0.1 does not let nobody in.`]);
  expect(await wrong({ database: 'elsewhere' })).toEqual(['Database: There is no database called elsewhere.']);
  const closed = { ...there.address, port: 1 };
  expect(await wrong(closed, ['127.0.0.1:1'])).toEqual([
    'Address: 127.0.0.1:1 cannot be reached: nothing listens there.',
  ]);
  expect(await wrong({ host: 'nobody.invalid' })).toEqual([
    expect.stringMatching(/^Address: No host is known as nobody\.invalid/),
  ]);
});

it('trusts nobody that was not named: not for any certificate, and not for another host’s', async () => {
  const nobody = 'Encryption: Nobody that is trusted here vouches for its certificate.';
  expect(await wrong({ ca: null })).toEqual([nobody]);
  expect(await wrong({ ca: other.ca })).toEqual([nobody]);
  const byName = `localhost:${there.address.port}`;
  expect(await wrong({ host: 'localhost' }, [byName])).toEqual([
    'Encryption: The certificate is for another host than localhost.',
  ]);
  expect(await wrong({ ca: 'no certificate' })).toEqual(['Address: This is not a certificate.']);
});

it('goes without encryption only where this server’s owner has allowed the host', async () => {
  expect(await wrong({ host: 'db.example.com', tls: false })).toEqual([
    'Encryption: Passwords and rows would travel in the open.',
  ]);
});

it('says which rights are missing, each by its statement', async () => {
  await root('alter role boss nocreaterole');
  expect(await wrong()).toEqual(['Roles: boss may not make roles.']);
  await root('alter role boss createrole noreplication');
  expect(await wrong()).toEqual([
    'Following: boss may not follow its changes.',
    'Roles that follow: boss may not let a role follow changes.',
  ]);
  await root('alter role boss replication', 'alter database shopdb owner to vibe');
  const without = await wrong();
  expect(without).toContain('Owner: boss does not own the database.');
  expect(without).toContain('Schemas: boss may not make schemas.');
  await root('alter database shopdb owner to boss');
  expect(await wrong()).toEqual([]);
});

it('says that too few places are left, and that its changes cannot be followed', async () => {
  const small = await startOutside('createrole replication', {
    wal_level: 'replica',
    max_replication_slots: '1',
    max_wal_senders: '1',
    max_connections: '8',
  });
  try {
    const { findings } = await checkOutside(parts([small.allowed]), small.address);
    const names = findings.filter(({ state }) => state === 'bad').map(({ name }) => name);
    expect(names).toEqual(['Changes', 'Places to follow', 'Places to send', 'Connections']);
  } finally {
    await small.end();
  }
});

it('is one container’s alone', async () => {
  const config = outsideClient(there.address, new Set([there.allowed]));
  const elsewhere = randomUUID();
  // two at once: one has it
  const both = await Promise.allSettled([takePlace(config, elsewhere), takePlace(config, randomUUID())]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await wrong()).toEqual(['Free: Another container has its live database there already.']);
  await expect(takePlace(config, containerId)).rejects.toMatchObject({ code: 'outside_taken' });
  await leave(config, containerId);
  expect(await wrong()).toHaveLength(1);
  await root('drop schema vibe_live cascade');
  await takePlace(config, containerId);
  expect(await wrong()).toEqual([]);
  await leave(config, containerId);
});

it('does not lead to what only this server reaches, by address, by name or by socket', async () => {
  const closed = (host: string) => `Address: ${host} is not on the open internet.`;
  for (const host of [
    '127.0.0.1',
    '10.0.0.7',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    '192.168.1.1',
    'localhost',
  ])
    expect(await wrong({ host }, []), host).toEqual([closed(host)]);
  // another port of an allowed host is not allowed
  expect(await wrong({ port: 5432 })).toEqual([closed('127.0.0.1')]);
});

it('does not come to the platform’s own cluster, even where its host is allowed', async () => {
  const client = await root();
  const { rows } = await client.query('select system_identifier::text as id from pg_control_system()');
  expect(await wrong({}, [there.allowed], [rows[0].id])).toEqual(['Address: This is the server’s own database.']);
});

it('reaches no socket of the data cluster', async () => {
  const cluster: TestCluster = await startTestCluster();
  try {
    const socket = new URL(cluster.cluster.url('postgres').replace('///', '//x/')).searchParams.get('host')!;
    for (const host of [socket, `${socket}/.s.PGSQL.5432`]) {
      expect(await wrong({ host, tls: true, user: 'vibe' }, [`${host}:5432`])).toEqual([
        expect.stringMatching(/^Address: /),
      ]);
    }
  } finally {
    await cluster.stop();
  }
});

/** A server that does as it likes. @returns its port */
async function answering(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  hostile.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}
const attack = (port: number, change: Partial<OutsideAddress> = {}) =>
  wrong({ port, tls: false, ca: null, ...change }, [`127.0.0.1:${port}`], [], 1500);

it('does not wait for a server that never answers', async () => {
  const port = await answering(() => {});
  const began = performance.now();
  expect(await attack(port)).toEqual([expect.stringMatching(/no answer in time/)]);
  expect(await attack(port, { tls: true })).toEqual([expect.stringMatching(/no answer in time/)]);
  expect(performance.now() - began).toBeLessThan(10_000);
});

it('is not harmed by nonsense, by rows without end, or by a server that repeats what it was told', async () => {
  const nonsense = await answering((socket) => socket.write(Buffer.alloc(100, 0xff)));
  expect(await attack(nonsense)).toHaveLength(1);
  const message = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const int32 = (value: number) =>
    Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 255));
  const ready = message('Z', Buffer.from('I'));
  // lets in without a password, then rows for ever
  const endless = await answering((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', int32(0)), ready]));
      socket.on('data', () => {
        const row = message('D', Buffer.concat([Buffer.from([0, 1]), int32(60_000), Buffer.alloc(60_000, 65)]));
        const pour = () => {
          while (!socket.destroyed && socket.write(row));
          if (!socket.destroyed) socket.once('drain', pour);
        };
        socket.write(message('T', Buffer.concat([Buffer.from([0, 1]), Buffer.from('a\0'), Buffer.alloc(18)])));
        pour();
      });
    });
  });
  const before = process.memoryUsage().rss;
  expect(await attack(endless)).toHaveLength(1);
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  // asks for the password in clear, and says it in its error
  const echoing = await answering((socket) => {
    socket.once('data', () => {
      socket.write(message('R', int32(3)));
      socket.once('data', (told) => {
        const password = told.subarray(5, -1).toString();
        socket.end(message('E', Buffer.from(`SFATAL\0VFATAL\0C28P01\0Mno: ${password}\0D${password}\0\0`)));
      });
    });
  });
  expect(await attack(echoing)).toEqual(['Password: 127.0.0.1 does not let boss in.']);
  const other = await answering((socket) => {
    socket.once('data', () => {
      socket.write(message('R', int32(3)));
      socket.once('data', (told) => {
        socket.end(
          message(
            'E',
            Buffer.from(`SFATAL\0VFATAL\0CXX000\0M\x1b]0;mine\x07\x1b[2J\u009b1mno: ${told.subarray(5, -1)}\0\0`),
          ),
        );
      });
    });
  });
  // `wrong` has looked for the password in it
  const said = await attack(other);
  expect(said).toEqual([expect.stringContaining('mine')]);
  // nor is it an order to the terminal of who asks the doctor
  expect(said[0]).not.toMatch(/\p{Cc}/u);
});

it('is cut off when an answer has no end, whatever asks', async () => {
  // the same rows for ever, by a server that was fine when it was kept
  const port = there.address.port;
  const config = { ...outsideClient(there.address, new Set([`127.0.0.1:${port}`])) };
  const client = new BoundedClient(config, 5_000_000);
  client.on('error', () => {});
  await client.connect();
  const small = () => client.query("select repeat('x', 1000) from generate_series(1, 1000)");
  for (let n = 0; n < 8; n++) expect((await small()).rowCount).toBe(1000);
  await expect(client.query("select repeat('x', 1000) from generate_series(1, 100000)")).rejects.toThrow(/no end/);
  client.cut();
});

it('is left when it does not let go, and nobody else waits for it', async () => {
  const port = await answering((socket) => {
    // lets everybody in, and says nothing more
    socket.once('data', () => socket.write(Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1')));
  });
  const test = await startTestCluster();
  const outside = new OutsideDatabases(new Set([`127.0.0.1:${port}`]), undefined);
  outside.set('shop__live', {
    address: { ...there.address, port, tls: false, ca: null },
    version: 180_000,
    bypassesRls: false,
    letsFollow: true,
  });
  const cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  try {
    const stuck = cluster
      .alone(() => cluster.administer('shop__live', 'select 1'), 'shop__live')
      .catch((error) => error);
    const began = performance.now();
    await cluster.alone(() => cluster.administer('postgres', 'select 1'));
    expect(performance.now() - began).toBeLessThan(2000);
    await cluster.close();
    expect(performance.now() - began).toBeLessThan(5000);
    for (const socket of sockets) socket.destroy();
    expect(await stuck).toMatchObject({ code: 'live_away' });
  } finally {
    await test.stop();
  }
});

it('keeps no half of a connection to one that does not let go', async () => {
  const held = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    held.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => held.delete(socket));
    socket.once('data', () => socket.write(Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1')));
  });
  hostile.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const address = { ...there.address, port, tls: false, ca: null };
  const outside = new OutsideDatabases(new Set([`127.0.0.1:${port}`]), undefined);
  outside.set('shop__live', { address, version: 180_000, bypassesRls: false, letsFollow: true });
  const cluster = new DataCluster(() => 'postgresql:///none', Buffer.alloc(32, 7), outside);
  // as an owner, and one of a pool that is let go of
  await cluster.asOwner('shop__live', 'shop', 'app', async () => {});
  await cluster.readCatalogue('shop__live', async (pool) => (await pool.connect()).release(true));
  expect(held.size).toBe(2);
  // one that was only ended politely still takes what is sent
  const heard = () => {
    for (const socket of held) socket.write('N');
    return held.size;
  };
  await expect.poll(heard).toBe(0);
  await cluster.close();
});

it('proves that it knows the password, and does not say it, to a server that only pretends to check it', async () => {
  // by SCRAM both sides prove it: one that accepts anything is found out
  const seen: string[] = [];
  const port = await answering((socket) => {
    socket.on('data', (data) => seen.push(data.toString('latin1')));
    socket.once('data', () => {
      const body = Buffer.from('\0\0\0\x0aSCRAM-SHA-256\0\0', 'latin1');
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length + 4);
      socket.write(Buffer.concat([Buffer.from('R'), length, body]));
      socket.once('data', () => {
        const ok = Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1');
        socket.write(ok);
      });
    });
  });
  await attack(port);
  expect(seen.join('')).not.toContain(there.address.password);
});
