/**
 * Which instance answers for an address, and for whom. Previews run from a chat's worktree on its draft, apps from their serving release
 * on the app's own tables. The gateway asks here; nothing else decides who gets where.
 */
import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Access } from '../../accounts/access-set.ts';
import { type Db, maybe, sql } from '../../db/database.ts';
import type { Environment } from '../../shipping/app-places.ts';
import type { Address } from '../gateway/addresses.ts';
import type { Backend, Backends } from '../gateway/backends.ts';
import { audienceOf, type Runtime } from './runtime.ts';

interface Route {
  containerId: string;
  key: string;
  audience: string;
  wake: () => Promise<void>;
}

const FRESH_MS = 30_000;

export class Routes implements Backends {
  readonly #db: Db;
  readonly #runtime: Runtime;
  readonly #cache = new Map<string, { at: number; route: Promise<Route | undefined> }>();
  readonly #agents = new Map<string, Agent>();
  /** audiences whose requests wait while their release is switched */
  readonly #held = new Map<string, Promise<void>>();

  constructor(db: Db, runtime: Runtime) {
    this.#db = db;
    this.#runtime = runtime;
  }

  /** Releases or apps have changed. */
  forget(): void {
    this.#cache.clear();
  }

  /** Lets requests of an app's place wait until the result is called: for a switch that the serving release would not survive. */
  hold(appId: string, environment: Environment): () => void {
    const audience = audienceOf(appId, environment);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held.set(audience, held);
    return () => {
      if (this.#held.get(audience) === held) this.#held.delete(audience);
      release();
    };
  }

  async open(address: Address, access: Access, options: { wake: boolean }): Promise<Backend | undefined> {
    for (;;) {
      const route = await this.#find(address);
      const container = route && access.containers.find(({ id }) => id === route.containerId);
      if (!route || !container) return undefined;
      const held = this.#held.get(route.audience);
      if (held) {
        await held;
        continue;
      }
      const { instances } = this.#runtime;
      if (instances.status(route.key).state !== 'running') {
        if (!options.wake) return undefined;
        await route.wake();
      } else if (options.wake) instances.touch(route.key);
      return {
        audience: route.audience,
        role: container.role,
        agent: this.#agent(route.key),
        connect: () => instances.connect(route.key),
        enter: () => instances.enter(route.key),
      };
    }
  }

  async mayStill(address: Address, access: Access): Promise<boolean> {
    const route = await this.#find(address);
    return route !== undefined && access.containers.some(({ id }) => id === route.containerId);
  }

  /** Connections to an instance that is gone are of no use to its successor. */
  dropConnections(key: string): void {
    this.#agents.get(key)?.destroy();
    this.#agents.delete(key);
  }

  #agent(key: string): Agent {
    let agent = this.#agents.get(key);
    if (!agent) {
      agent = new SandboxAgent(() => this.#runtime.instances.connect(key));
      this.#agents.set(key, agent);
    }
    return agent;
  }

  #find(address: Address): Promise<Route | undefined> {
    const { app, container, place } = address;
    const name = `${app} ${container} ${place.kind === 'preview' ? place.chat8 : place.kind}`;
    const known = this.#cache.get(name);
    if (known && Date.now() - known.at < FRESH_MS) return known.route;
    if (this.#cache.size > 5000) this.#cache.clear();
    const route =
      place.kind === 'preview'
        ? this.#preview(app, container, place.chat8)
        : place.kind === 'candidate'
          ? Promise.resolve(undefined)
          : this.#release(app, container, place.kind === 'app' ? 'live' : 'staging');
    this.#cache.set(name, { at: Date.now(), route });
    route.then(
      (found) => found ?? this.#cache.delete(name),
      () => this.#cache.delete(name),
    );
    return route;
  }

  async #preview(app: string, container: string, chat8: string): Promise<Route | undefined> {
    const row = await maybe(
      this.#db,
      sql<{
        id: string;
        container_id: string;
      }>`select h.id, h.container_id from chats h join containers c on c.id = h.container_id join apps a on a.id = h.app_id
        where h.chat8 = ${chat8} and c.slug = ${container} and a.slug = ${app} and a.deleted_at is null and h.deleted_at is null`,
    );
    if (!row) return undefined;
    return {
      containerId: row.container_id,
      key: `preview:${row.id}`,
      audience: `chat:${chat8}`,
      wake: () => this.#runtime.wakePreview(row.id),
    };
  }

  async #release(app: string, container: string, environment: Environment): Promise<Route | undefined> {
    const row = await maybe(
      this.#db,
      sql<{
        id: string;
        container_id: string;
        release_id: string;
      }>`select a.id, a.container_id, r.id as release_id from apps a join containers c on c.id = a.container_id
        join releases r on r.app_id = a.id and r.state = 'serving' and r.environment = ${environment} where a.slug = ${app} and c.slug = ${container} and a.deleted_at is null`,
    );
    if (!row) return undefined;
    return {
      containerId: row.container_id,
      key: `release:${row.release_id}`,
      audience: audienceOf(row.id, environment),
      wake: () => this.#runtime.wakeRelease(row.release_id),
    };
  }
}

/** Keep-alive connections to one instance, each opened through the sandbox's own socket. */
class SandboxAgent extends Agent {
  readonly #connect: () => Promise<Socket>;

  constructor(connect: () => Promise<Socket>) {
    super({ keepAlive: true, maxFreeSockets: 64, timeout: 0 });
    this.#connect = connect;
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, stream: Socket) => void): undefined {
    this.#connect().then(
      (socket) => callback?.(null, socket),
      (error) => callback?.(error as Error, undefined as unknown as Socket),
    );
    return undefined;
  }
}
