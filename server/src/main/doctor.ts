/** `npm run doctor`: each part of an installation, whether it is well, and if not the one thing that mends it. Changes nothing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { availableParallelism, freemem, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../config.ts';
import { printable } from '../databases/outside/server.ts';
import { nativeFolder } from '../db/embedded.ts';
import { AppError, messageOf } from '../errors.ts';
import { findChromium } from '../hosting/browser/find-chromium.ts';
import { DRIVER_ORDER, type Tried, tryDriver } from '../hosting/drivers/choose.ts';
import { connectEngine } from '../hosting/drivers/docker/engine.ts';
import { findNpm } from '../hosting/packages/install.ts';
import { Registry, readRegistrySettings } from '../hosting/packages/registry.ts';
import { outsideDatabases } from './doctor-outside.ts';
import { findProcess, type ProcessNote } from './process-file.ts';

const run = promisify(execFile);
const GB = 1024 ** 3;
const LEAST_DISK_GB = 2;
const LEAST_MEMORY_GB = 1.5;
const LEAST_GIT = [2, 38] as const;

export interface Finding {
  /** well, well but worth knowing, wrong */
  state: 'good' | 'note' | 'bad';
  name: string;
  text: string;
  /** the one thing to do */
  fix?: string;
}

/** Looks at everything. @returns findings in the order in which a start would meet them; never rejects */
export async function examine(config: Config): Promise<Finding[]> {
  const running = await findProcess(join(config.runDir, 'launcher.process'));
  const looks: [string, () => Promise<Finding | Finding[]>][] = [
    ['Machine', machine],
    ['Node', async () => ({ state: 'good', name: 'Node', text: process.version })],
    ['git', git],
    ['Settings', () => settings(config, running)],
    ['Data folder', () => dataFolder(config)],
    ['Disk', () => disk(config)],
    ['Address', () => address(config, running)],
    ['PostgreSQL', postgres],
    ['Live elsewhere', () => outsideDatabases(config)],
    ['Sandbox', () => sandbox(config)],
    ['Browser', () => browser(config)],
    ['App toolchain', () => toolchain(config)],
    ['Packages', () => packages(config)],
    ['Models', async () => models(config)],
  ];
  const findings: Finding[] = [];
  for (const [name, look] of looks)
    findings.push(...[await look().catch((error): Finding => ({ state: 'bad', name, text: messageOf(error) }))].flat());
  return findings;
}

/** The role: prints what was found. Exit code 1 when something is wrong. */
export async function runDoctor(config: Config): Promise<void> {
  console.log('\n  Vibe’s doctor\n');
  const findings = await examine(config);
  for (const { state, name, text, fix } of findings) {
    console.log(`  ${{ good: '✓', note: '·', bad: '✗' }[state]} ${name.padEnd(16)} ${printable(text)}`);
    if (fix) console.log(`    ${' '.repeat(16)} → ${printable(fix)}`);
  }
  const wrong = findings.filter(({ state }) => state === 'bad').length;
  console.log(wrong === 0 ? '\n  All is well.\n' : `\n  ${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.\n`);
  process.exit(wrong === 0 ? 0 : 1);
}

async function machine(): Promise<Finding> {
  const memory = totalmem() / GB;
  const text = `${process.platform} ${release()}, ${process.arch}, ${availableParallelism()} cores, ${memory.toFixed(1)} GB memory (${(freemem() / GB).toFixed(1)} GB free)`;
  if (process.platform !== 'linux')
    return {
      state: 'bad',
      name: 'Machine',
      text,
      fix: 'Apps are isolated by Linux. Run Vibe on Linux, or in a Linux machine of its own.',
    };
  if (memory < LEAST_MEMORY_GB)
    return {
      state: 'note',
      name: 'Machine',
      text,
      fix: `A preview takes about 200 MB: ${LEAST_MEMORY_GB} GB of memory or more is comfortable.`,
    };
  return { state: 'good', name: 'Machine', text };
}

async function git(): Promise<Finding> {
  const { stdout } = await run('git', ['--version']);
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number) ?? [];
  const text = stdout.trim();
  return major > LEAST_GIT[0] || (major === LEAST_GIT[0] && minor >= LEAST_GIT[1])
    ? { state: 'good', name: 'git', text }
    : { state: 'bad', name: 'git', text, fix: `Merges need git ${LEAST_GIT.join('.')} or newer: apt-get install git` };
}

async function settings(config: Config, running: ProcessNote | undefined): Promise<Finding> {
  // as it was started, which may be with other settings than the doctor
  const { baseUrl, loopback } = running?.address ?? config;
  const outside = [config.databaseUrl && 'DATABASE_URL', config.dataClusterUrl && 'VIBE_DATA_CLUSTER_URL'].filter(
    Boolean,
  );
  const text = `${baseUrl}, data in ${config.dataDir}${outside.length > 0 ? `, databases by ${outside.join(' and ')}` : ''}`;
  if (!loopback && new URL(baseUrl).protocol !== 'https:')
    return {
      state: 'note',
      name: 'Settings',
      text,
      fix: 'Passwords travel in the open: put TLS in front, and set VIBE_BASE_URL to https://…',
    };
  return { state: 'good', name: 'Settings', text };
}

async function dataFolder({ dataDir }: Config): Promise<Finding> {
  const name = 'Data folder';
  if (!existsSync(dataDir)) return { state: 'note', name, text: `${dataDir} is not there yet; npm start makes it` };
  const { mode } = await stat(dataDir);
  if ((mode & 0o077) !== 0)
    return { state: 'bad', name, text: `${dataDir} can be read by others`, fix: `chmod 700 ${dataDir}` };
  const missing = ['keys', 'clusters'].filter((part) => !existsSync(join(dataDir, part)));
  if (missing.length > 0)
    return { state: 'note', name, text: `${dataDir} has no ${missing.join(' and ')} yet; npm start makes them` };
  const apps = existsSync(join(dataDir, 'repositories')) ? '' : '; nothing was made in it yet';
  return { state: 'good', name, text: `${dataDir}${apps}` };
}

async function disk({ dataDir }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(existsSync(dataDir) ? dataDir : join(dataDir, '..'));
  const free = (bavail * bsize) / GB;
  const text = `${free.toFixed(1)} GB free`;
  return free >= LEAST_DISK_GB
    ? { state: 'good', name: 'Disk', text }
    : { state: 'bad', name: 'Disk', text, fix: `Free some room: less than ${LEAST_DISK_GB} GB is soon full.` };
}

/** What a Vibe that runs says of its parts. The name that people use goes along: `fetch` would put the address in its place. */
function readyState(
  port: number,
  host: string,
): Promise<{ parts?: { name: string; ok: boolean; text: string }[] } | undefined> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, path: '/api/ready', headers: { host }, timeout: 3000 }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      reply.on('end', () => {
        try {
          resolve(JSON.parse(text));
        } catch {
          resolve(undefined);
        }
      });
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
  });
}

/** Whether Vibe answers at its address, or could listen there. */
async function address(config: Config, running: ProcessNote | undefined): Promise<Finding | Finding[]> {
  const name = 'Address';
  // as it was started, which may be with another port than the doctor
  const { port, baseUrl } = running?.address ?? config;
  const state = await readyState(port, new URL(baseUrl).host);
  if (state?.parts)
    return [
      { state: 'good', name, text: `Vibe is running at ${baseUrl}` },
      ...state.parts.map(
        (part): Finding => ({
          state: part.ok ? 'good' : 'bad',
          name: part.name,
          text: part.text,
          ...(!part.ok && { fix: 'Look into the logs folder of the data folder; a restart of Vibe often mends it.' }),
        }),
      ),
    ];
  if (running)
    return {
      state: 'note',
      name,
      text: `Vibe runs on this data folder (process ${running.pid}), but does not answer on port ${port}`,
      fix: 'If it was started just now, give it a moment. If not, stop it with Ctrl-C and start it again.',
    };
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: config.host }, () => probe.close(() => resolve(true)));
  });
  return free
    ? { state: 'note', name, text: `Vibe is not running; port ${port} is free` }
    : {
        state: 'bad',
        name,
        text: `Another program listens on port ${port}`,
        fix: 'Stop it, or choose another port: PORT=4001 npm start',
      };
}

async function postgres(): Promise<Finding> {
  const { stdout } = await run(join(nativeFolder(), 'bin', 'postgres'), ['--version']);
  return { state: 'good', name: 'PostgreSQL', text: stdout.trim() };
}

/** Which driver a start would take, why not the others, and the limits that are in force. */
async function sandbox({ sandbox: forced, dockerHost }: Config): Promise<Finding[]> {
  // a folder of its own: a running Vibe keeps its records in the data folder
  const folder = await mkdtemp(join(tmpdir(), 'vibe-doctor-'));
  const options = { dataDir: folder, nodePath: process.execPath, dockerHost };
  try {
    let used: Extract<Tried, { ok: true }> | undefined;
    const notes: string[] = [];
    let fix: string | undefined;
    for (const name of DRIVER_ORDER) {
      const allowed = !forced || forced === name;
      // its self-test gives the engine an image: only where it would be used
      if (name === 'docker' && (used || !allowed)) {
        notes.push(`docker: ${await engineWords(dockerHost)}`);
        continue;
      }
      const tried = await tryDriver(name, options);
      if (tried.ok && allowed && !used) used = tried;
      notes.push(`${name}: ${tried.ok ? 'holds' : tried.reason.replace(/\.$/, '')}`);
      if (!tried.ok && allowed) fix ??= tried.fix;
    }
    const drivers = `${notes.join('; ')}${forced ? `; VIBE_SANDBOX allows only ${forced}` : ''}`;
    if (!used) return [{ state: 'bad', name: 'Sandbox', text: drivers, ...(fix && { fix }) }];
    const { driver, test } = used;
    const { memory, cpu, processes, disk: room } = test.limits;
    const shared = !driver.capabilities.ownUser;
    return [
      {
        state: shared ? 'note' : 'good',
        name: 'Sandbox',
        text: `${driver.name}, no network, ${shared ? 'one user id for all' : 'a user id for each'}`,
        ...(shared && { fix: 'Run as root for a user id per sandbox; until then a watchdog counts processes.' }),
      },
      { state: 'good', name: '  drivers', text: drivers },
      { state: driver.capabilities.kernelMemoryLimit ? 'good' : 'note', name: '  memory', text: memory },
      { state: driver.capabilities.kernelCpuLimit ? 'good' : 'note', name: '  cpu', text: cpu },
      { state: 'good', name: '  processes', text: processes },
      { state: 'good', name: '  disk', text: room },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function engineWords(dockerHost: string | undefined): Promise<string> {
  return await connectEngine(dockerHost).then(
    ({ title }) => `${title} answers, and would be tried if nothing else held`,
    (error) => messageOf(error).replace(/\.$/, ''),
  );
}

/** What looks at apps for a visual check. The one of the npm package is unpacked into a folder that goes again. */
async function browser({ chromium }: Config): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'vibe-doctor-'));
  try {
    const { name } = await findChromium({ configured: chromium, dataDir: folder });
    return { state: 'good', name: 'Browser', text: name };
  } catch (error) {
    const fix = error instanceof AppError ? error.detail : undefined;
    return { state: 'bad', name: 'Browser', text: messageOf(error), ...(fix && { fix }) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function toolchain({ dataDir }: Config): Promise<Finding> {
  const name = 'App toolchain';
  const installed = await readdir(join(dataDir, 'toolchains')).catch(() => []);
  return installed.length > 0
    ? {
        state: 'good',
        name,
        text: `installed (${installed.length === 1 ? 'one version' : `${installed.length} versions`})`,
      }
    : { state: 'note', name, text: 'not installed yet; the first start does it, and needs the npm registry' };
}

/** Where the packages come from that a chat may add to its app, and whether that place answers. */
async function packages({ npmPath, npmRegistry }: Config): Promise<Finding> {
  const name = 'Packages';
  const change = 'Another address: VIBE_NPM_REGISTRY=https://… or npm config set registry https://…';
  try {
    const [settings] = await Promise.all([
      readRegistrySettings({ given: npmRegistry, npmPath, nodePath: process.execPath }),
      findNpm(npmPath),
    ]);
    const registry = new Registry(settings);
    const answer = await registry.get(`${registry.basePath}-/ping`, {}, AbortSignal.timeout(8000));
    answer.destroy();
    registry.close();
    const text = `from ${registry.host}, by ${settings.from}`;
    return (answer.statusCode ?? 500) < 500
      ? { state: 'good', name, text }
      : { state: 'note', name, text: `${text}: it answers ${answer.statusCode}`, fix: change };
  } catch (error) {
    // apps work without: only no new package can be added
    const fix = error instanceof AppError && error.code === 'npm_incomplete' ? error.detail : change;
    return { state: 'note', name, text: `cannot be added: ${messageOf(error)}`, ...(fix && { fix }) };
  }
}

/** Which models the surroundings name. Keys typed into Settings are in the database, and are tested there. */
function models(config: Config): Finding {
  const named = Object.entries(config.models)
    .filter(([, { apiKey }]) => apiKey !== undefined)
    .map(([name, { baseUrl }]) => `${name}${baseUrl ? ` at ${new URL(baseUrl).host}` : ''}`);
  return {
    state: 'good',
    name: 'Models',
    text:
      named.length > 0
        ? `keys for ${named.join(', ')}, by the environment`
        : 'no key by the environment; the built-in builder needs none',
  };
}
