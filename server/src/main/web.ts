/** The web+worker role, put together: API, live sync, and the worker that takes turns. */
import { chmod, rm } from 'node:fs/promises';
import { AccessTokens } from '../accounts/access-tokens.ts';
import { Embeddings } from '../agents/embeddings.ts';
import { ModelAddresses } from '../agents/model-addresses.ts';
import { ModelKeys } from '../agents/model-keys.ts';
import { ModelPreferences } from '../agents/model-preferences.ts';
import { BuiltinModel } from '../agents/models/builtin/model.ts';
import { Providers } from '../agents/models/providers.ts';
import { TurnWorker } from '../agents/worker.ts';
import { markRemoved } from '../apps/deletion.ts';
import type { Config } from '../config.ts';
import { Attachments } from '../conversations/attachments.ts';
import { removeChat } from '../conversations/deletion.ts';
import { StreamingTexts } from '../conversations/streaming-texts.ts';
import { freeLeases, STOP_CHANNEL } from '../conversations/turns.ts';
import { sql } from '../db/database.ts';
import { listen } from '../db/listen.ts';
import { messageOf } from '../errors.ts';
import { CHANGE_CHANNEL, DELTA_CHANNEL, Hub } from '../events/hub.ts';
import { EventLog, ROOM_CHANNEL } from '../events/log.ts';
import { forgetReads, sealAudit, verifyAudit } from '../gates/audit-seals.ts';
import { allTools } from '../gates/tools.ts';
import { connectHost } from '../hosting/host-client.ts';
import { buildApp } from '../http/app.ts';
import { freeLockedJobs, startQueue } from '../jobs/queue.ts';
import { hostSocket, onEnd, openShared, sayProblem, sayReady, webSocket } from './shared.ts';

const SWEEP_MS = 2000;
const SEAL_MS = 30_000;
const VERIFY_MS = 60 * 60_000;

export async function runWeb(config: Config): Promise<void> {
  const shared = await openShared(config, 'web').catch(sayProblem);
  const { db, keys, keyring, accessSet, logger } = shared;
  const host = connectHost(hostSocket(config));
  const log = new EventLog(db, keys);
  const hub = new Hub(db, keys);
  const texts = new StreamingTexts(db, keys);
  const attachments = new Attachments(db, keys);
  const modelKeys = new ModelKeys(db, keys, config.models);
  const modelAddresses = new ModelAddresses(db, keys);
  const modelPreferences = new ModelPreferences(db);
  const providers = new Providers({
    keys: modelKeys,
    addresses: modelAddresses,
    preferences: modelPreferences,
    builtin: () => new BuiltinModel(),
    preferred: config.model,
    silenceMs: config.modelSilenceMs,
    freshMs: 5000,
  });
  const embeddings = new Embeddings(db, providers, config.modelSilenceMs);
  const worker = new TurnWorker({
    db,
    keys,
    log,
    hub,
    texts,
    attachments,
    host,
    providers,
    tools: allTools(),
    logger,
  });
  const wake = (chatId: string) =>
    void worker.take(chatId).catch((error) => logger.error({ err: error, chatId }, 'a turn could not be taken'));

  const listener = await listen(
    shared.platformUrl,
    {
      vibe_access: (payload) => accessSet.heard(payload),
      [ROOM_CHANNEL]: (payload) => hub.heardStored(payload),
      [CHANGE_CHANNEL]: (payload) => hub.heardChange(payload),
      [DELTA_CHANNEL]: (payload) => void hub.heardDelta(payload).catch(() => {}),
      [STOP_CHANNEL]: (turnId) => worker.stop(turnId),
    },
    () => accessSet.forget(),
  );

  await freeLockedJobs(db);
  await freeLeases(db);
  const queue = await startQueue(
    shared.platformUrl,
    {
      'container.provision': async ({ containerId }) => void (await host.provision({ containerId })),
      'turn.run': ({ chatId }) => worker.take(chatId),
      'app.release': async ({ releaseId }) => void (await host.release({ releaseId })),
      'chat.remove': ({ chatId }) => removeChat({ db, host }, chatId),
      'app.remove': async ({ appId }) => {
        if (await markRemoved(db, appId)) await host.removeApp({ appId });
      },
      'app.delete': async ({ appId }) => void (await host.deleteApp({ appId })),
      'outside.leave': async ({ containerId }) => void (await host.bringAppsHome({ containerId })),
      'app.live': async ({ appId }) => void (await host.enableLive({ appId })),
    },
    logger,
  );
  const sweep = setInterval(
    () => void worker.sweep().catch((error) => logger.warn({ err: error }, 'the sweep failed')),
    SWEEP_MS,
  );
  sweep.unref();
  const auditKey = keyring.derive('audit');
  const sealing = setInterval(
    () =>
      void sealAudit(db, auditKey)
        .then(() => forgetReads(db))
        .catch((error) => logger.warn({ err: error }, 'what was done could not be sealed')),
    SEAL_MS,
  );
  sealing.unref();
  let audit = 'not looked at yet';
  const verify = async () => {
    const { sealed, broken } = await verifyAudit(db, auditKey);
    audit = broken
      ? `Somebody has changed it by another road: ${broken.source} ${broken.rowId} is ${broken.how}`
      : `${sealed} acts sealed, none changed since (looked at ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC)`;
    if (broken) logger.error({ broken }, 'the record of what was done was changed by another road');
  };
  const verifying = setInterval(
    () => void verify().catch((error) => logger.warn({ err: error }, 'what was sealed could not be looked at')),
    VERIFY_MS,
  );
  verifying.unref();
  void verify().catch(() => {});

  const serverState = async () => {
    const parts = [{ name: 'Platform database', ok: true, text: 'PostgreSQL' }];
    await sql`select 1`
      .execute(db)
      .catch((error) => (parts[0] = { name: 'Platform database', ok: false, text: messageOf(error) }));
    const fromHost = await host
      .ready({}, AbortSignal.timeout(4000))
      .catch((error) => ({ parts: [{ name: 'Host', ok: false, text: messageOf(error) }] }));
    parts.push(...fromHost.parts, { name: 'Audit log', ok: true, text: audit });
    return { ready: parts.every((part) => part.ok), parts };
  };
  const app = await buildApp({
    config,
    db,
    keys,
    tokens: new AccessTokens(keyring),
    accessSet,
    registration: { keyring, firstCode: config.firstCode },
    log,
    hub,
    texts,
    attachments,
    host,
    providers,
    modelKeys,
    modelAddresses,
    modelPreferences,
    embeddings,
    wake,
    serverState,
    logger,
  });
  await rm(webSocket(config), { force: true });
  await app.listen({ path: webSocket(config) });
  await chmod(webSocket(config), 0o600);
  sayReady();

  onEnd(async () => {
    for (const timer of [sweep, sealing, verifying]) clearInterval(timer);
    await worker.close(1500);
    await Promise.race([queue.stop(), new Promise((resolve) => setTimeout(resolve, 1000))]);
    await app.close();
    await listener.close();
    host.close();
    await db.destroy();
  });
}
