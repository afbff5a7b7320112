/** Requests a second through the gateway, signed in, beside a bare Node proxy in front of the same server. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKeyring } from '../../server/src/accounts/keyring.ts';
import { register } from '../../server/src/accounts/registration.ts';
import { hashToken, newToken, startSession } from '../../server/src/accounts/sessions.ts';
import { sql } from '../../server/src/db/database.ts';
import { startTestCluster } from '../../server/src/db/test-database.ts';
import { migrateQueue } from '../../server/src/jobs/queue.ts';
import { median, type Row } from '../support/row.ts';

const CHILD = fileURLToPath(new URL('../support/gateway-child.ts', import.meta.url));
const CONNECTIONS = 32;
const SECONDS = 2;
const HOST = 'shop--bench.localhost:4000';

export async function gateway(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'vibe-bench-gateway-'));
  const test = await startTestCluster();
  const children: ChildProcess[] = [];
  const start = (...args: string[]) => {
    const child = fork(CHILD, args);
    children.push(child);
    return new Promise<number>((resolve) =>
      child.once('message', (message: { port: number }) => resolve(message.port)),
    );
  };
  try {
    const { db, url } = await test.platform();
    await migrateQueue(url);
    await sql`insert into nodes (name, address) values ('local', 'unix:')`.execute(db);
    await sql`insert into clusters (name, address) values ('local', 'default')`.execute(db);
    const keyring = await openKeyring(folder);
    const user = await register(
      db,
      { keyring, firstCode: undefined, passwordCost: 4 },
      { email: 'a@example.com', name: 'Bench', password: 'password1', address: '::1' },
    );
    const session = await startSession(db, user.id, 'bench');
    const token = newToken();
    await sql`insert into app_sessions (token_hash, session_id, user_id, host, expires_at) values (${hashToken(token)}, ${session.sessionId}, ${user.id}, ${HOST}, now() + interval '1 hour')`.execute(
      db,
    );
    const upstream = await start('upstream');
    const bare = await start('bare', String(upstream));
    const ours = await start('ours', String(upstream), url, folder);
    const headers = { host: HOST, cookie: `__Host-vibe-app=${token}` };
    const rounds: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    await load(ours, headers, 1);
    await load(bare, headers, 1);
    for (let round = 0; round < 4; round++) {
      rounds.bare.push(await load(bare, headers, SECONDS));
      rounds.ours.push(await load(ours, headers, SECONDS));
    }
    const [a, b] = [median(rounds.ours), median(rounds.bare)];
    return {
      path: 'gateway requests/s, signed in',
      beside: 'bare Node proxy',
      ours: a,
      bare: b,
      unit: 'req/s',
      result: a / b,
      kind: 'ratio',
      limit: 0.8,
      atLeast: true,
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await test.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Keeps the connections busy for some seconds. @returns answers with 200 a second */
async function load(port: number, headers: Record<string, string>, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const end = performance.now() + seconds * 1000;
  let answers = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await new Promise<void>((resolve, reject) => {
        const outgoing = request({ host: '127.0.0.1', port, agent, path: '/', headers }, (answer) => {
          if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
          answer.resume();
          answer.once('end', () => {
            answers++;
            resolve();
          });
        });
        outgoing.once('error', reject);
        outgoing.end();
      });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
  return answers / seconds;
}
