/** Starts what runs: previews from a chat's worktree, releases from their folder, each with its relay to its own tables. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appFolder } from '../../containers/worktrees.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { rolesOf } from '../../databases/names.ts';
import { openRelay, type Relay } from '../../databases/relay.ts';
import { type Db, maybe, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { appPlace, type Environment, tablesOf } from '../../shipping/app-places.ts';
import { addressOf, siteAddressOf } from '../gateway/addresses.ts';
import type { Layers } from '../packages/layers.ts';
import { lockAt } from '../packages/lock-at.ts';
import { LOCK_FILE } from '../packages/needs.ts';
import { previewPlan, releasePlan } from '../plans.ts';
import type { Instances } from '../previews.ts';
import { bringDraft, textFiles } from '../spec-work.ts';
import { findToolchain, type Toolchain } from '../toolchain.ts';
import type { Workspaces } from '../workspaces.ts';

export interface RuntimeParts {
  db: Db;
  dataDir: string;
  runDir: string;
  baseUrl: string;
  cluster: DataCluster;
  workspaces: Workspaces;
  toolchain: () => Promise<Toolchain>;
  layers: Layers;
  viteSeed: () => Promise<string | undefined>;
  /** PEM with which apps check who is there */
  identityKey: string;
}

/** To whom the gateway's identities are addressed: what is said to the staging site is nothing to the app that people use. */
export const audienceOf = (appId: string, environment: Environment): string =>
  `${environment === 'live' ? 'app' : 'site'}:${appId}`;

export class Runtime {
  readonly instances: Instances;
  readonly #parts: RuntimeParts;
  readonly #relays = new Map<string, Promise<Relay>>();
  /** with which layer each preview was started */
  readonly #layers = new Map<string, string | undefined>();

  constructor(instances: Instances, parts: RuntimeParts) {
    this.instances = instances;
    this.#parts = parts;
  }

  /** Starts a chat's preview if it sleeps. @param retry a person asked: a failed one is tried again */
  async wakePreview(chatId: string, retry = true): Promise<void> {
    await this.instances.ensure(
      `preview:${chatId}`,
      async () => {
        const toolchain = await this.#parts.toolchain();
        const { place, lock } = await this.#parts.workspaces.use(chatId, async (workspace) => {
          const files = await textFiles(workspace.helper);
          await bringDraft(this.#parts, workspace.place, files);
          return { place: workspace.place, lock: files.get(LOCK_FILE) };
        });
        const layer = await this.#parts.layers.ensure(toolchain, lock);
        this.#layers.set(chatId, layer?.key);
        const { draft, containerSlug, appSlug, chat8 } = place;
        const relay = await this.#relay(`p-${chat8}`, draft.database, rolesOf(containerSlug, draft.schema).runtime);
        const viteSeed = await this.#parts.viteSeed();
        return previewPlan({
          id: `preview-${chat8}`,
          appDir: appFolder(place.worktree),
          modules: toolchain.modules,
          layer: layer?.modules,
          pgDir: relay.folder,
          env: {
            ...this.#env(`chat:${chat8}`, addressOf(this.#parts.baseUrl, containerSlug, appSlug, chat8)),
            VIBE_PLATFORM_ORIGIN: this.#parts.baseUrl,
          },
          ...(viteSeed ? { viteSeed } : {}),
        });
      },
      { retry },
    );
  }

  /** Starts a running preview anew when its app needs other packages than it was started with. */
  async followPackages(chatId: string): Promise<void> {
    const key = `preview:${chatId}`;
    if (!['running', 'starting'].includes(this.instances.status(key).state)) return;
    const { layers, toolchain, workspaces } = this.#parts;
    const files = await workspaces.use(chatId, ({ helper }) => textFiles(helper));
    if (layers.keyOf(await toolchain(), files.get(LOCK_FILE)) === this.#layers.get(chatId)) return;
    await this.instances.stop(key);
    await this.wakePreview(chatId);
  }

  /** Starts a release on its place's tables, or on another schema of staging (a rehearsal) under another key. */
  async wakeRelease(releaseId: string, elsewhere?: { key: string; schema: string }): Promise<void> {
    const { db, dataDir } = this.#parts;
    await this.instances.ensure(
      elsewhere?.key ?? `release:${releaseId}`,
      async () => {
        const row = await maybe(
          db,
          sql<{
            app_id: string;
            commit: string;
            environment: Environment;
          }>`select app_id, commit, environment from releases where id = ${releaseId}`,
        );
        if (!row) throw new AppError('release_gone', 'missing', 'This release is gone.');
        const place = await appPlace(db, dataDir, row.app_id);
        const releaseDir = join(place.releasesFolder, releaseId);
        const manifest = JSON.parse(await readFile(join(releaseDir, 'release.json'), 'utf8')) as {
          toolchain: string;
          layer?: string;
        };
        const toolchain = findToolchain(dataDir, manifest.toolchain);
        // made again from the release's own lockfile, should it have gone
        const layer = manifest.layer
          ? await this.#parts.layers.ensure(toolchain, await lockAt(place.git, row.commit, place.slug))
          : undefined;
        const tables = elsewhere
          ? { database: place.staging, schema: elsewhere.schema }
          : tablesOf(place, row.environment);
        const short = releaseId.slice(-12);
        const relay = await this.#relay(
          `${elsewhere ? 'h' : 'r'}-${short}`,
          tables.database,
          rolesOf(place.containerSlug, tables.schema).runtime,
        );
        return releasePlan({
          id: `${elsewhere ? 'rehearsal' : 'release'}-${short}`,
          releaseDir,
          modules: toolchain.modules,
          layer: layer?.modules,
          pgDir: relay.folder,
          env: this.#env(
            audienceOf(place.appId, row.environment),
            (row.environment === 'live' ? addressOf : siteAddressOf)(
              this.#parts.baseUrl,
              place.containerSlug,
              place.slug,
            ),
          ),
        });
      },
      { retry: true },
    );
  }

  /** Ends an instance and its relay. */
  async stop(key: string, relayName: string): Promise<void> {
    await this.instances.remove(key);
    const relay = this.#relays.get(relayName);
    this.#relays.delete(relayName);
    await (await relay?.catch(() => undefined))?.close();
  }

  async close(): Promise<void> {
    await this.instances.stopAll();
    await Promise.all([...this.#relays.values()].map(async (relay) => (await relay.catch(() => undefined))?.close()));
  }

  #relay(name: string, database: string, role: string): Promise<Relay> {
    let relay = this.#relays.get(name);
    if (!relay) {
      const { cluster, runDir } = this.#parts;
      relay = openRelay(join(runDir, 'relays', name), cluster.connection(database, role), cluster.doorOf(database));
      relay.catch(() => this.#relays.delete(name));
      this.#relays.set(name, relay);
    }
    return relay;
  }

  #env(audience: string, origin: string): Record<string, string> {
    return { VIBE_IDENTITY_PUBLIC_KEY: this.#parts.identityKey, VIBE_APP_AUDIENCE: audience, ORIGIN: origin };
  }
}
