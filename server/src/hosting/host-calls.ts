/** What a host does for each call of its internal API: fetch the chat's workspace, do one thing, answer. Long because it is the list of them. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataKeys } from '../accounts/data-keys.ts';
import { diffApp } from '../containers/diff.ts';
import { provision } from '../containers/provision.ts';
import { MAIN } from '../containers/repository.ts';
import { chatRef, saveWork, wipRef } from '../containers/worktrees.ts';
import { beginAct, closeAct, endAct } from '../databases/acts.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { draftDifference } from '../databases/draft-difference.ts';
import { containerFrozen } from '../databases/frozen.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import type { Reminders } from '../databases/reminders/reminders.ts';
import type { Router } from '../databases/router/router.ts';
import type { Db } from '../db/database.ts';
import { many, maybe, one, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { Hub } from '../events/hub.ts';
import type { EventLog } from '../events/log.ts';
import { applySchemaReminder } from '../shipping/apply-reminder.ts';
import { bringHome } from '../shipping/bring-home.ts';
import { readConflicts, resolveConflicts } from '../shipping/conflicts.ts';
import { previewDeploy, queueDeploy, queueSite } from '../shipping/deploy.ts';
import { enableLive, fillSite } from '../shipping/enable-live.ts';
import { mergeChat, updateFromMain } from '../shipping/merge.ts';
import { mergedDiff } from '../shipping/merged-diff.ts';
import { exportTree, finishMerge, type ReleaseParts, releaseApp } from '../shipping/release.ts';
import { listReleases } from '../shipping/release-list.ts';
import { removeApp } from '../shipping/remove-app.ts';
import { goBack, refuseWhileReleasing } from '../shipping/rollback.ts';
import { transportsOf } from '../shipping/transport.ts';
import type { HostHandlers, HostOutcome, HostOutput, InstanceReport } from './api.ts';
import type { AppBrowser } from './browser/app-browser.ts';
import { readChatRecord } from './chat-places.ts';
import { runChecks } from './checks.ts';
import { createApp } from './create-app.ts';
import { changeRow } from './data/change-row.ts';
import { Comparisons } from './data/comparisons.ts';
import { Console } from './data/console.ts';
import { asSchemaReminder, previewReminder, repeatOf } from './data/decide-reminder.ts';
import { type Freezes, isFrozenContainer } from './data/freeze.ts';
import { bringKeptBack, listBack, listKept, removeBack } from './data/kept.ts';
import { appLeaves, type Leftovers } from './data/leftovers.ts';
import type { OutsideKeeper } from './data/outside.ts';
import { openReminder } from './data/reminders.ts';
import { readCell, readRows } from './data/rows.ts';
import { listTables } from './data/tables.ts';
import { describeTables } from './data-registry.ts';
import type { SandboxDriver } from './driver.ts';
import { importApp } from './imports/import-app.ts';
import { isImported } from './imports/imported.ts';
import { applyToLive, previewLive } from './live-schema.ts';
import { lookAtPreview } from './look-at-preview.ts';
import { changePackages, lookUpPackage } from './packages/change.ts';
import type { Layers } from './packages/layers.ts';
import { lockAt } from './packages/lock-at.ts';
import type { Registry } from './packages/registry.ts';
import { removeChat } from './remove-chat.ts';
import { rewindTo } from './rewind.ts';
import type { Runtime } from './running/runtime.ts';
import { addSampleRows } from './sample-work.ts';
import { changeSchema, previewSchema } from './schema-work.ts';
import { changeSpec, previewSpec, readSpecFile, startDraftAgain, textFiles } from './spec-work.ts';
import { endLiveGrant, runSql } from './sql-work.ts';
import type { Toolchain } from './toolchain.ts';
import { commitTurn, modifyFiles } from './turn-work.ts';
import { putBack, redoTurn, undoTurn } from './undo.ts';
import type { Workspaces } from './workspaces.ts';

export interface HostParts {
  db: Db;
  dataDir: string;
  cluster: DataCluster;
  driver: SandboxDriver;
  workspaces: Workspaces;
  runtime: Runtime;
  browser: AppBrowser;
  releases: ReleaseParts;
  toolchain: () => Promise<Toolchain>;
  layers: Layers;
  registry: () => Promise<Registry>;
  importHosts: ReadonlySet<string>;
  router: Router;
  reminders: Reminders;
  mirrors: Mirrors;
  freezes: Freezes;
  outside: OutsideKeeper;
  leftovers: Leftovers;
  keys: DataKeys;
  log: EventLog;
  hub: Hub;
  /** what goes wrong where nobody waits for it */
  warn: (error: unknown, text: string) => void;
  parts: () => Promise<HostOutput<'ready'>['parts']>;
}

type FileResult = { ok: true; value: unknown } | { ok: false; code: string; message: string };
const asOutcome = (result: FileResult): HostOutcome => {
  if (result.ok) return { ok: true, value: result.value };
  const { ok: _, code, message, ...where } = result;
  return { ok: false, code, message, ...(Object.keys(where).length ? { detail: where } : {}) };
};

export function hostCallHandlers(host: HostParts): HostHandlers {
  const { db, workspaces, runtime } = host;
  const mains = new Mutexes();
  const releasing = new Mutexes();
  const sqlConsole = new Console(host);
  const comparisons = new Comparisons(host.cluster);

  const report = (key: string): InstanceReport => {
    const { state, message } = runtime.instances.status(key);
    return { state, message };
  };
  const person = (id: string) =>
    one(db, sql<{ id: string; name: string }>`select id, name from users where id = ${id}`);
  const writing = async <T>(
    input: { chatId: string; fence: number },
    work: Parameters<Workspaces['use']>[1],
  ): Promise<T> => {
    return (await workspaces.use(input.chatId, async (workspace) => {
      await workspaces.checkFence(input.chatId, input.fence);
      return work(workspace);
    })) as T;
  };
  /** What changes an app's files may change its packages: its preview goes on with those that it has then. */
  const following = async <T>(chatId: string, work: Promise<T>): Promise<T> => {
    const result = await work;
    // what does not start says so by the preview's own events
    void runtime.followPackages(chatId).catch(() => {});
    return result;
  };
  /** What moves a chat's branch moves its draft with it: not during a turn, and not while the container is frozen. */
  const atRest = async <T>(place: { working: boolean; containerId: string }, work: () => Promise<T>): Promise<T> => {
    if (place.working)
      throw new AppError('turn_running', 'conflict', 'A turn is running.', {
        detail: 'Wait until it is done, or stop it.',
      });
    if (await isFrozenContainer(db, place.containerId)) throw containerFrozen();
    return work();
  };
  const stopApp = async (appId: string): Promise<void> => {
    const releases = await many(
      db,
      sql<{ id: string }>`select id from releases where app_id = ${appId} and state = 'serving'`,
    );
    for (const { id } of releases) await runtime.stop(`release:${id}`, `r-${id.slice(-12)}`);
    const chats = await many(
      db,
      sql<{ id: string; chat8: string }>`select id, chat8 from chats where app_id = ${appId} and removed_at is null`,
    );
    for (const { id, chat8 } of chats) await runtime.stop(`preview:${id}`, `p-${chat8}`);
  };
  const startPreview = async (chatId: string): Promise<InstanceReport> => {
    const started = runtime.wakePreview(chatId);
    started.catch(() => {});
    // answers at once; how it goes on is told by events
    await Promise.race([started, new Promise((resolve) => setTimeout(resolve, 50))]).catch(() => {});
    return report(`preview:${chatId}`);
  };

  return {
    ready: async () => ({ parts: await host.parts() }),
    provision: async ({ containerId }) => {
      await provision(host, containerId);
      return {};
    },
    createApp: async (input) => {
      await workspaces.checkFence(input.chatId, input.fence);
      const app = await createApp(host, input);
      void startPreview(input.chatId).catch(() => {});
      return app;
    },
    importApp: async (input, signal) => {
      await workspaces.checkFence(input.chatId, input.fence);
      const app = await importApp(host, input, signal);
      void startPreview(input.chatId).catch(() => {});
      return app;
    },
    chatStates: async ({ containerId }) => {
      const transports = await transportsOf(db, host.dataDir, containerId);
      const chats = await many(
        db,
        sql<{ id: string }>`select id from chats where container_id = ${containerId} and app_id is not null`,
      );
      return { transports, previews: Object.fromEntries(chats.map(({ id }) => [id, report(`preview:${id}`)])) };
    },
    appStates: async ({ containerId }) => {
      const rows = await many(
        db,
        sql<{
          app_id: string;
          release_id: string;
        }>`select a.id as app_id, r.id as release_id from apps a join releases r on r.app_id = a.id and r.environment = 'live' and r.state = 'serving' where a.container_id = ${containerId}`,
      );
      return { apps: Object.fromEntries(rows.map((row) => [row.app_id, report(`release:${row.release_id}`)])) };
    },
    startPreview: ({ chatId }) => startPreview(chatId),
    restartPreview: async ({ chatId }) => {
      await runtime.instances.stop(`preview:${chatId}`);
      return startPreview(chatId);
    },
    previewLog: async ({ chatId, tail }) => ({ lines: logOf(runtime, `preview:${chatId}`, tail) }),
    appLog: async ({ appId, tail }) => {
      const rows = await many(
        db,
        sql<{
          id: string;
        }>`select id from releases where app_id = ${appId} and environment = 'live' and state = 'serving'`,
      );
      return { lines: rows[0] ? logOf(runtime, `release:${rows[0].id}`, tail) : [] };
    },
    listFiles: ({ chatId, input }) =>
      workspaces.read(chatId, async ({ helper }) => asOutcome(await helper.list(input as never))),
    readFile: ({ chatId, input }) =>
      workspaces.read(chatId, async ({ helper }) => asOutcome(await helper.read(input as never))),
    searchCode: ({ chatId, input }) =>
      workspaces.read(chatId, async ({ helper }) => asOutcome(await helper.search(input as never))),
    modifyFiles: (input) => writing(input, (workspace) => modifyFiles(host, workspace, input.turnId, input.input)),
    readSpec: async ({ chatId }) => {
      const chat = await readChatRecord(db, chatId);
      if (!chat.appId) return { app: null, spec: null, imported: false };
      return workspaces.use(chatId, async ({ place, helper }) => {
        const files = await textFiles(helper);
        const imported = isImported(files);
        const spec = imported ? null : readSpecFile(files, place.appName);
        return { app: { slug: place.appSlug, title: spec?.title ?? place.appName }, spec, imported };
      });
    },
    previewSpec: ({ chatId, operations }) =>
      workspaces.use(chatId, (workspace) => previewSpec(host, workspace, operations)),
    addSampleRows: (input) => writing(input, (workspace) => addSampleRows(host, workspace, input)),
    changeSpec: (input) => writing(input, (workspace) => changeSpec(host, workspace, input.turnId, input.operations)),
    lookUpPackage: ({ chatId, name, version }) =>
      workspaces.read(chatId, (workspace) => lookUpPackage(host, workspace, { name, version })),
    changePackages: (input) =>
      following(
        input.chatId,
        writing<HostOutcome>(input, (workspace) => changePackages(host, workspace, input.turnId, input.change)),
      ),
    draftDifference: ({ chatId }) => workspaces.use(chatId, ({ place }) => draftDifference(host.cluster, place.draft)),
    startDraftAgain: ({ chatId, by }) =>
      workspaces.use(chatId, (workspace) =>
        atRest(workspace.place, async () => {
          const act = await beginAct(db, putBack('draft_again', workspace.place, null, by));
          const { rows, sampled } = await startDraftAgain(host, workspace).catch(async (error) => {
            // what was in it may be gone by then, whatever the reason
            await closeAct(db, act, 'unknown').catch(() => {});
            throw error;
          });
          await endAct(db, act);
          return { rows, sampled };
        }),
      ),
    describeTables: async ({ chatId }) => ({ text: await describeTables(host, await readChatRecord(db, chatId)) }),
    previewSchema: ({ chatId, operations }) =>
      workspaces.use(chatId, (workspace) => previewSchema(host, workspace, operations)),
    changeSchema: (input) => writing(input, (workspace) => changeSchema(host, workspace, input, input.operations)),
    previewLive: ({ chatId, turnId }) => workspaces.use(chatId, (workspace) => previewLive(host, workspace, turnId)),
    applyToLive: async (input) => {
      const { appId } = await readChatRecord(db, input.chatId);
      return releasing.run(appId ?? '', () => writing(input, (workspace) => applyToLive(host, workspace, input)));
    },
    runSql: (input) => runSql(host, input),
    dataTables: ({ containerId }) => listTables({ ...host, comparisons }, containerId),
    dataRows: (input) => readRows(host, input),
    dataCell: (input) => readCell(host, input),
    changeRow: (input) => changeRow({ ...host, console: sqlConsole }, input),
    consoleSql: (input) => sqlConsole.run(input),
    consoleAgree: ({ askId, containerId, by }) => sqlConsole.agree(askId, containerId, by),
    consoleDecline: async ({ askId, containerId, by }) => {
      await sqlConsole.decline(askId, containerId, by);
      return {};
    },
    previewReminder: async ({ containerId, reminderId }) => {
      const reminder = await openReminder(db, containerId, reminderId);
      return previewReminder(host, containerId, reminder);
    },
    applyReminder: async ({ containerId, reminderId, by, digest }) => {
      if (await isFrozenContainer(db, containerId)) throw containerFrozen();
      const reminder = await openReminder(db, containerId, reminderId);
      if (reminder.kind !== 'data') {
        await releasing.run(reminder.appId, () => applySchemaReminder(host, asSchemaReminder(reminder), digest, by));
        return { outcome: null };
      }
      return { outcome: await sqlConsole.run(await repeatOf(host, containerId, reminder, by, digest)) };
    },
    dataKept: async ({ containerId }) => ({ items: await listKept(host, containerId) }),
    bringBack: (input) => bringKeptBack(host, input),
    dataBack: async ({ containerId }) => ({ items: await listBack(host, containerId) }),
    removeBack: async (input) => {
      await removeBack(host, input);
      return {};
    },
    setFrozen: async (input) => {
      await host.freezes.set(input);
      return {};
    },
    checkOutside: ({ containerId, address }) => host.outside.check(containerId, address),
    keepOutside: async ({ containerId, by, address }) => {
      await host.outside.keep(containerId, by, address);
      return {};
    },
    leaveOutside: async ({ containerId, by }) => {
      await host.outside.leave(containerId, by);
      return {};
    },
    giveUpOutside: async ({ containerId, by, typed }) => {
      await host.outside.giveUp(containerId, by, typed);
      return {};
    },
    bringAppsHome: async ({ containerId }) => {
      const { apps } = await one(
        db,
        sql<{
          apps: string[];
        }>`select coalesce(json_agg(a.id order by a.id), '[]') as apps from apps a join outside_databases o on o.container_id = a.container_id and o.given_up_at is not null
          where a.container_id = ${containerId} and a.mode = 'dual-repository' and a.removed_at is null`,
      );
      for (const appId of apps) await releasing.run(appId, () => bringHome(host.releases, appId));
      host.router.forget();
      await host.outside.finishGivingUp(containerId);
      return {};
    },
    appLeaves: ({ appId }) => appLeaves(host, appId),
    forgetLeftover: async ({ containerId, id, by }) => {
      await host.leftovers.forget(containerId, id, by);
      return {};
    },
    runChecks: async ({ chatId }, signal) => {
      const { place, tree, lock } = await workspaces.use(chatId, async ({ place }) => {
        const commit = await saveWork(place.worktree, place.person);
        const folder = join(host.dataDir, 'builds', `check-${place.chat8}`);
        await rm(folder, { recursive: true, force: true });
        await exportTree({ git: place.git, slug: place.appSlug }, commit, folder);
        return { place, tree: folder, lock: await lockAt(place.git, commit, place.appSlug) };
      });
      try {
        const toolchain = await host.toolchain();
        const result = await runChecks({
          driver: host.driver,
          id: `check-${place.chat8}`,
          exportedTreeDir: tree,
          toolchain,
          layer: await host.layers.ensure(toolchain, lock),
          signal,
        });
        return { ok: true, value: result };
      } finally {
        await rm(tree, { recursive: true, force: true });
      }
    },
    look: (input, signal) => lookAtPreview(host, input, signal),
    commitTurn: (input) =>
      writing(input, async (workspace) => {
        await endLiveGrant(host, workspace.place, input.turnId);
        return commitTurn(host, workspace, input.turnId, input.message);
      }),
    diff: ({ chatId, from }) =>
      workspaces.read(chatId, async ({ place }) => {
        const head = (await place.git.resolve(chatRef(place.chat8)))!;
        const wip = await place.git.resolve(wipRef(place.chat8));
        const to = place.working && wip && (await place.git.resolve(`${wip}^`)) === head ? wip : head;
        const main = (await place.git.resolve(MAIN))!;
        const start = from === 'main' ? await place.git.text(['merge-base', main, head]) : (place.baseCommit ?? main);
        return { files: await diffApp(place.git, start, to, place.appSlug) };
      }),
    mergedDiff: ({ chatId, of }) => workspaces.read(chatId, ({ place }) => mergedDiff(place.git, place.appSlug, of)),
    history: ({ chatId, limit }) =>
      workspaces.read(chatId, async ({ place }) => {
        const format = '%H%x1f%cI%x1f%s%x1f%(trailers:key=Vibe-Chat,valueonly,separator=%x20)%x1e';
        const text = await place.git.text([
          'log',
          `-${limit}`,
          `--format=${format}`,
          chatRef(place.chat8),
          '--',
          `apps/${place.appSlug}`,
        ]);
        const commits = text
          .split('\x1e')
          .map((entry) => entry.trim())
          .filter(Boolean)
          .map((entry) => {
            const [commit, at, subject, chat] = entry.split('\x1f');
            return { commit: commit!, at: at!, subject: subject!, chatId: chat?.trim() || null };
          });
        return { commits };
      }),
    undo: ({ chatId, ...input }) =>
      following(
        chatId,
        workspaces.use(chatId, (workspace) => atRest(workspace.place, () => undoTurn(host, workspace, input))),
      ),
    redo: ({ chatId, ...input }) =>
      following(
        chatId,
        workspaces.use(chatId, (workspace) => atRest(workspace.place, () => redoTurn(host, workspace, input))),
      ),
    rewind: ({ chatId, ...input }) =>
      following(
        chatId,
        workspaces.use(chatId, (workspace) => atRest(workspace.place, () => rewindTo(host, workspace, input))),
      ),
    merge: async ({ chatId, by, destroys }) => {
      const { containerId } = await readChatRecord(db, chatId);
      const who = await person(by);
      const merging = mains.run(containerId, () =>
        workspaces.use(chatId, (workspace) => atRest(workspace.place, () => mergeChat(host, workspace, who, destroys))),
      );
      return following(chatId, merging);
    },
    updateFromMain: async ({ chatId, by }) => {
      const who = await person(by);
      const updating = workspaces.use(chatId, (workspace) =>
        atRest(workspace.place, () => updateFromMain(host, workspace, who)),
      );
      return following(chatId, updating);
    },
    conflicts: ({ chatId }) => workspaces.use(chatId, async (workspace) => ({ items: await readConflicts(workspace) })),
    resolveConflicts: async ({ chatId, by, files }) => {
      const who = await person(by);
      return workspaces.use(chatId, (workspace) =>
        atRest(workspace.place, () => resolveConflicts(host, workspace, who, files)),
      );
    },
    release: async ({ releaseId }) => {
      const row = await maybe(
        db,
        sql<{
          app_id: string;
          container_id: string;
        }>`select r.app_id, a.container_id from releases r join apps a on a.id = r.app_id where r.id = ${releaseId}`,
      );
      if (!row) return { state: 'gone' };
      // lifting begins it again
      if (await isFrozenContainer(db, row.container_id)) return { state: 'frozen' };
      // its job may begin while the merge that queued it is about to move main
      const lost = await mains.run(row.container_id, () =>
        finishMerge(host.releases, releaseId).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      return releasing.run(row.app_id, () => releaseApp(host.releases, releaseId, lost));
    },
    listReleases: (input) => listReleases(host.releases, input),
    goBack: async ({ by, ...wish }) => {
      // what is being built may take a while: said at once, not after it
      await refuseWhileReleasing(db, wish.appId);
      const who = await person(by);
      return releasing.run(wish.appId, () => goBack(host.releases, { ...wish, by: who }));
    },
    // the address is closed by the row; the serving release stays what it is, so that the app can come back
    deleteApp: async ({ appId }) => {
      await stopApp(appId);
      return {};
    },
    removeApp: async ({ appId }) => {
      await stopApp(appId);
      const { container_id: containerId } = await one(
        db,
        sql<{ container_id: string }>`select container_id from apps where id = ${appId}`,
      );
      await mains.run(containerId, () => releasing.run(appId, () => removeApp(host.releases, appId)));
      return {};
    },
    previewDeploy: ({ appId }) => previewDeploy(host, appId),
    deploy: ({ appId, by, deploy }) => queueDeploy(host, appId, by, deploy),
    enableLive: async ({ appId }) => {
      await releasing.run(appId, () => enableLive(host.releases, appId));
      await queueSite(db, appId);
      return {};
    },
    fillSite: ({ appId, by }) => fillSite(host.releases, appId, by),
    closeChat: async ({ chatId }) => {
      const chat = await readChatRecord(db, chatId);
      await runtime.stop(`preview:${chatId}`, `p-${chat.chat8}`);
      await workspaces.close(chatId);
      return {};
    },
    removeChat: async ({ chatId }) => {
      await removeChat(host, chatId);
      return {};
    },
  };
}

const logOf = (runtime: Runtime, key: string, tail: number) =>
  runtime.instances
    .logs(key, { tail })
    .map((line) => ({ at: new Date(line.at).toISOString(), stream: String(line.stream), text: line.text }));

/** One thing at a time per key. */
class Mutexes {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(key) ?? Promise.resolve()).then(work);
    const tail = result.catch(() => {});
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return result;
  }
}
