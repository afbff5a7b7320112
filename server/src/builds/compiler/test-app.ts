/**
 * For tests: a compiled app as it really runs. Its toolchain is installed once into the temporary folder; the app is built, served on a
 * unix socket, and reached through a small proxy that does what the gateway does: it adds the signed identity and the forwarded headers.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';

const run = promisify(execFile);
const toolchain = fileURLToPath(new URL('../../../../templates/toolchain/', import.meta.url));
const AUDIENCE = 'app-under-test';

export interface TestApp {
  folder: string;
  /** the address of the proxy */
  url: string;
  /** the socket of the app itself, without an identity */
  socket: string;
  /** a signed identity, as the gateway makes one */
  identity(subject: string, role: string): Promise<string>;
  stop(): Promise<void>;
}

/** Writes an app where it is in a sandbox too: beside `node_modules`. */
export async function writeApp(files: Map<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'vibe-app-'));
  await symlink(await modules(), join(root, 'node_modules'));
  const folder = join(root, 'app');
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Runs a tool of the toolchain in the app's folder and returns what it said. @throws with its output when it fails */
export async function runTool(
  folder: string,
  script: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const path = script.startsWith('.') ? join(folder, script) : join(folder, '../node_modules', script);
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 16 * 1024 * 1024 };
  const { stdout, stderr } = await run(process.execPath, [path, ...args], options).catch((error) => {
    throw new Error(`${script} failed:\n${error.stdout}\n${error.stderr}`);
  });
  return `${stdout}${stderr}`;
}

/** Starts the built app on a database. */
export async function startApp(
  folder: string,
  database: { host: string; user: string; name: string },
): Promise<TestApp> {
  const keys = generateKeyPairSync('ed25519');
  const socket = join(folder, '../http.sock');
  const child = spawn(process.execPath, ['build'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: process.env.PATH,
      SOCKET_PATH: socket,
      PROTOCOL_HEADER: 'x-forwarded-proto',
      HOST_HEADER: 'x-forwarded-host',
      BODY_SIZE_LIMIT: '10M',
      PGHOST: database.host,
      PGUSER: database.user,
      PGDATABASE: database.name,
      VIBE_APP_AUDIENCE: AUDIENCE,
      VIBE_IDENTITY_PUBLIC_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    },
  });
  for (let wait = 0; !existsSync(socket); wait++) {
    if (child.exitCode !== null || wait > 1200) throw new Error(`The app did not start (${child.exitCode}).`);
    await sleep(50);
  }
  const identityOf = (subject: string, role: string) =>
    new SignJWT({ name: subject === 'person-1' ? 'Marta' : subject, email: `${subject}@example.com`, role })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setSubject(subject)
      .setAudience(AUDIENCE)
      .setExpirationTime('10m')
      .sign(keys.privateKey);
  const identity = await identityOf('person-1', 'owner');
  const proxy = await startProxy(socket, identity);
  return {
    folder,
    socket,
    url: `http://localhost:${(proxy.address() as AddressInfo).port}`,
    identity: identityOf,
    stop: () => stop(child, proxy, folder),
  };
}

async function startProxy(socketPath: string, identity: string): Promise<Server> {
  const proxy = createServer((incoming, answer) => {
    const { url: path, method, headers } = incoming;
    const forwarded = { 'x-vibe-identity': identity, 'x-forwarded-proto': 'http', 'x-forwarded-host': headers.host };
    const outgoing = request({ socketPath, path, method, headers: { ...headers, ...forwarded } }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}

async function stop(child: ChildProcess, proxy: Server, folder: string): Promise<void> {
  proxy.closeAllConnections();
  proxy.close();
  child.kill('SIGKILL');
  await rm(dirname(folder), { recursive: true, force: true });
}

/** The toolchain's modules, installed once per lockfile. */
async function modules(): Promise<string> {
  const lock = await readFile(join(toolchain, 'package-lock.json'));
  const kept = join(tmpdir(), `vibe-test-toolchain-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (!existsSync(kept)) {
    const fresh = await mkdtemp(join(tmpdir(), 'vibe-toolchain-'));
    for (const name of ['package.json', 'package-lock.json', '.npmrc'])
      await cp(join(toolchain, name), join(fresh, name));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: fresh });
    await rename(fresh, kept).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return join(kept, 'node_modules');
}
