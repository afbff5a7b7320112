/** The host role, put together: gateway, sandboxes, repositories, databases, releases. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptySpec } from '../../../contract/spec.ts';
import { homesOf } from '../apps/table-homes.ts';
import { compile } from '../builds/compiler/compile.ts';
import type { Config } from '../config.ts';
import { DataCluster } from '../databases/cluster.ts';
import { Mirrors } from '../databases/mirror/mirrors.ts';
import { OutsideDatabases } from '../databases/outside/outside-databases.ts';
import { Reminders } from '../databases/reminders/reminders.ts';
import { Router } from '../databases/router/router.ts';
import { many, sql } from '../db/database.ts';
import { listen } from '../db/listen.ts';
import { AppError, messageOf } from '../errors.ts';
import { Hub } from '../events/hub.ts';
import { EventLog } from '../events/log.ts';
import { AppBrowser } from '../hosting/browser/app-browser.ts';
import { Door } from '../hosting/browser/door.ts';
import { findChromium } from '../hosting/browser/find-chromium.ts';
import { Freezes } from '../hosting/data/freeze.ts';
import { Leftovers } from '../hosting/data/leftovers.ts';
import { keepUpOutside, loadOutside, OutsideKeeper } from '../hosting/data/outside.ts';
import { chooseDriver, reapAll } from '../hosting/drivers/choose.ts';
import { Gateway } from '../hosting/gateway/gateway.ts';
import { Identities } from '../hosting/gateway/identity.ts';
import { hostCallHandlers } from '../hosting/host-calls.ts';
import { serveHost } from '../hosting/host-server.ts';
import { findNpm } from '../hosting/packages/install.ts';
import { Layers } from '../hosting/packages/layers.ts';
import { Registry, readRegistrySettings } from '../hosting/packages/registry.ts';
import { ProblemReader } from '../hosting/preview-problems.ts';
import { Instances } from '../hosting/previews.ts';
import { Routes } from '../hosting/running/routes.ts';
import { Runtime } from '../hosting/running/runtime.ts';
import { settleTableChanges } from '../hosting/settle-changes.ts';
import { settleSql } from '../hosting/sql-work.ts';
import { ensureToolchain, type Toolchain } from '../hosting/toolchain.ts';
import { seedViteCache } from '../hosting/vite-seed.ts';
import { Workspaces } from '../hosting/workspaces.ts';
import { Drains } from '../shipping/drains.ts';
import { settleRollbacks } from '../shipping/rollback.ts';
import { hostSocket, onEnd, openShared, sayProblem, sayReady, webSocket } from './shared.ts';

/** A browser that nobody needs for so long gives its memory back. */
const BROWSER_SLEEP_MS = 5 * 60_000;
const MOST_READERS = 500;
/** How often packages that nobody needs any more are looked for. */
const COLLECT_MS = 20 * 60_000;
const LOCK_DIR = fileURLToPath(new URL('../../../templates/toolchain', import.meta.url));

export async function runHost(config: Config): Promise<void> {
  const shared = await openShared(config, 'host').catch(sayProblem);
  const { db, keys, keyring, accessSet, logger } = shared;
  const { dataDir, runDir, baseUrl } = config;
  await mkdir(join(runDir, 'relays'), { recursive: true, mode: 0o700 });
  const sandboxes = { dataDir, nodePath: process.execPath, forced: config.sandbox, dockerHost: config.dockerHost };
  const driver = await chooseDriver(sandboxes).catch(sayProblem);
  await reapAll(driver, sandboxes);
  logger.info({ driver: driver.name }, 'sandboxes hold');

  // what Vite has worked out for the template, once it is there: a preview that starts with it is ready sooner
  let seed: string | undefined;
  let tools = { ok: true, text: 'SvelteKit, being installed' };
  let installing: Promise<Toolchain> | undefined;
  const toolchain = (): Promise<Toolchain> => {
    installing ??= ensureToolchain({
      dataDir,
      lockDir: LOCK_DIR,
      npmPath: config.npmPath,
      nodePath: process.execPath,
    });
    installing.then(
      () => {
        tools = { ok: true, text: 'SvelteKit, installed' };
      },
      (error) => {
        installing = undefined;
        tools = { ok: false, text: messageOf(error) };
      },
    );
    return installing;
  };
  const { npmPath, npmRegistry: given } = config;
  const registry = once(
    async () => new Registry(await readRegistrySettings({ given, npmPath, nodePath: process.execPath })),
  );
  const layers = new Layers({ dataDir, driver, registry, npmFolder: once(() => findNpm(npmPath)) });
  // a data cluster on this machine can read a file of ours
  const near = new URL(config.dataClusterUrl!.replace('///', '//localhost/')).searchParams.get('host')?.startsWith('/');
  const outside = new OutsideDatabases(
    new Set(config.livePrivateHosts),
    near ? join(dataDir, 'certificates') : undefined,
  );
  await loadOutside({ db, keys, outside }).catch(sayProblem);
  const cluster = new DataCluster(clusterUrl(config.dataClusterUrl!), keyring.derive('data-roles'), outside);
  const router = new Router(cluster);
  const log = new EventLog(db, keys);
  const hub = new Hub(db, keys);
  const mirrors = new Mirrors({
    db,
    cluster,
    changed: ({ containerId }) => hub.changed(`container:${containerId}`, 'app'),
    warn: (error, text) => logger.warn({ err: error }, text),
  });
  const reminders = new Reminders({
    db,
    cluster,
    homes: (appId) => homesOf(db, appId),
    changed: async ({ containerId }, chats) => {
      await hub.changed(`container:${containerId}`, 'app');
      for (const chatId of chats) await hub.changed(`container:${containerId}`, `chat ${chatId}`);
    },
    warn: (error, text) => logger.warn({ err: error }, text),
  });
  const workspaces = new Workspaces({ db, dataDir, driver, modulesDir: async () => (await toolchain()).modules });
  const instances = new Instances({
    driver,
    idleMs: (key) =>
      key.startsWith('browser:')
        ? BROWSER_SLEEP_MS
        : key.startsWith('preview:')
          ? config.previewSleepMs
          : config.liveSleepMs,
  });
  const runtime = new Runtime(instances, {
    db,
    dataDir,
    runDir,
    baseUrl,
    cluster,
    workspaces,
    toolchain,
    layers,
    viteSeed: async () => seed,
    identityKey: keyring.identityPublicKey(),
  });
  const routes = new Routes(db, runtime);
  const door = await Door.open(join(runDir, 'browser'));
  const browser = new AppBrowser({
    instances,
    door,
    chromium: () => findChromium({ configured: config.chromium, dataDir }),
    identityKey: keyring.identityPrivateKey,
  });
  const identities = new Identities(keyring.identityPrivateKey);
  const parts = async () => {
    const data = await cluster.ping().then(
      () => ({ name: 'Databases', ok: true, text: 'PostgreSQL 18, staging and live' }),
      (error) => ({ name: 'Databases', ok: false, text: messageOf(error) }),
    );
    return [
      data,
      { name: 'Sandbox', ok: true, text: `${driver.name}, no network` },
      {
        name: 'App toolchain',
        ok: tools.ok,
        text: tools.text,
      },
    ];
  };
  const releases = {
    db,
    keys,
    dataDir,
    cluster,
    mirrors,
    reminders,
    driver,
    toolchain,
    layers,
    runtime,
    routes,
    drains: new Drains({ runtime, routes, logger }),
    identities,
    log,
    hub,
    logger,
    warn: (error: unknown, text: string) => logger.warn({ err: error }, text),
  };
  const leftovers = new Leftovers({
    db,
    keys,
    outside,
    hub,
    alone: (app, work) => mirrors.alone(app, work),
    warn: (error, text) => logger.warn({ err: error }, text),
  });
  const warn = (error: unknown, text: string) => void logger.error({ err: error }, text);
  const freezes = new Freezes({ db, cluster, hub, warn });
  const handlers = hostCallHandlers({
    db,
    dataDir,
    cluster,
    driver,
    workspaces,
    runtime,
    browser,
    releases,
    toolchain,
    layers,
    registry,
    router,
    reminders,
    mirrors,
    freezes,
    outside: new OutsideKeeper({ db, keys, cluster, outside, hub }),
    leftovers,
    keys,
    importHosts: new Set(config.importPrivateHosts),
    log,
    hub,
    warn: (error, text) => logger.warn({ err: error }, text),
    parts,
  });

  const telling = new Set<Promise<void>>();
  instances.onState((key, state, message) => {
    const [kind, id] = key.split(':') as [string, string];
    const told = tellState(kind, id, state, message)
      .catch((error) => logger.warn({ err: error, key }, 'a state was not told'))
      .finally(() => telling.delete(told));
    telling.add(told);
  });
  const readers = new Map<string, ProblemReader>();
  instances.onLine((key, line) => {
    const [kind, id] = key.split(':') as [string, string];
    if (kind !== 'preview') return;
    let reader = readers.get(id);
    if (!reader) {
      if (readers.size >= MOST_READERS) readers.clear();
      reader = new ProblemReader((problem) => {
        log
          .append(id, 'preview.problem', problem)
          .catch((error) => logger.warn({ err: error, key }, 'a problem was not told'));
      });
      readers.set(id, reader);
    }
    reader.read(line);
  });
  async function tellState(
    kind: string,
    id: string,
    state: ReturnType<Instances['status']>['state'],
    message: string | null,
  ): Promise<void> {
    if (kind === 'preview') {
      await log.append(id, 'preview.changed', { state, message });
      const rows = await many(db, sql<{ container_id: string }>`select container_id from chats where id = ${id}`);
      if (rows[0]) await hub.changed(`container:${rows[0].container_id}`, `chat ${id}`);
    }
    if (kind === 'release') {
      const rows = await many(
        db,
        sql<{
          container_id: string;
        }>`select a.container_id from releases r join apps a on a.id = r.app_id where r.id = ${id}`,
      );
      if (rows[0]) await hub.changed(`container:${rows[0].container_id}`, 'app');
    }
    if (state !== 'running') routes.dropConnections(key(kind, id));
  }

  const listener = await listen(
    shared.platformUrl,
    { vibe_access: (payload) => accessSet.heard(payload), vibe_routes: () => routes.forget() },
    () => {
      accessSet.forget();
      routes.forget();
    },
  );
  await freezes.settle().catch((error) => warn(error, 'a freeze was not carried out'));
  const endKeepingUp = await keepUpOutside({ db, keys, outside, warn }).catch((error) =>
    warn(error, 'live databases elsewhere were not kept up'),
  );
  const unsettled = (error: unknown) => void logger.error({ err: error }, 'statements were not settled');
  const endSettling = await settleSql({ db, router, cluster }, { warn: unsettled }).catch(unsettled);
  const endAsking = await settleTableChanges({ db, keys, cluster, warn }).catch((error) =>
    warn(error, 'changes of tables were not settled'),
  );
  await settleRollbacks(db).catch((error) => logger.error({ err: error }, 'switches of releases were not settled'));
  const server = await serveHost(hostSocket(config), handlers, logger);
  const gateway = new Gateway({
    baseUrl,
    baseHost: config.baseHost,
    db,
    accessSet,
    identities,
    backends: routes,
    webSocketPath: webSocket(config),
    log: logger,
  });
  await gateway.listen(config.port, config.host).catch((cause) =>
    sayProblem(
      new AppError('port_taken', 'conflict', `Port ${config.port} is taken by another program.`, {
        cause,
        detail: `Choose another one: PORT=${config.port + 1} npm start`,
      }),
    ),
  );
  sayReady();
  mirrors.start();
  reminders.start();
  leftovers.start();
  // the first app would wait for it: installed as soon as the address is there
  toolchain()
    .then(async (made) => {
      seed = await seedViteCache({ driver, toolchain: made, appDir: await seedApp(dataDir) });
    })
    .catch((error) => logger.error({ err: error }, 'the app toolchain could not be prepared'));
  const collect = async () => void (await layers.collect(await toolchain()));
  const collecting = setInterval(() => {
    void collect().catch((error) => logger.warn({ err: error }, 'packages that nobody needs were not removed'));
  }, COLLECT_MS);

  onEnd(async () => {
    clearInterval(collecting);
    freezes.close();
    endKeepingUp?.();
    endSettling?.();
    endAsking?.();
    await gateway.close(1500);
    server.close();
    server.closeAllConnections();
    await Promise.all([runtime.close(), workspaces.closeAll()]);
    await door.close();
    await listener.close();
    await router.close();
    await reminders.close();
    await leftovers.close();
    await mirrors.close();
    await cluster.close();
    // that the instances have ended is told too
    await Promise.all(telling);
    await db.destroy();
  });
}

/** An app as the template makes it, for warming up. */
async function seedApp(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'seed-app');
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of compile(emptySpec('Seed'), { slug: 'seed' })) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return folder;
}

/** Works it out when it is first asked for; what failed is tried again. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work().catch((error) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}

const key = (kind: string, id: string): string => `${kind}:${id}`;

/** The superuser's address of any database of the data cluster, from that of one. */
function clusterUrl(address: string): (database: string) => string {
  return (database) => {
    const at = address.indexOf('?');
    const [base, query] = at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at)];
    return `${base.replace(/^(postgres(?:ql)?:\/\/[^/]*)(\/.*)?$/, `$1/${encodeURIComponent(database)}`)}${query}`;
  };
}
