/** Reminders of all apps that have two databases, kept true: after each change that the platform makes, and by a look at the catalogues every few seconds. */
import type { Db } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { DataCluster } from '../cluster.ts';
import { type MirrorApp, mirroredApps } from '../mirror/record.ts';
import { databasesOf } from '../names.ts';
import { OneLook } from '../one-look.ts';
import { reconcile } from './reconcile.ts';

const LOOK_MS = 5000;

export interface RemindersParts {
  db: Db;
  cluster: DataCluster;
  /** in which databases the tables of an app are meant to be */
  homes: (appId: string) => Promise<ReadonlyMap<string, string>>;
  /** an app's reminders are others than before; `chats` are those that they belong to */
  changed: (app: MirrorApp, chats: string[]) => Promise<unknown>;
  /** something went wrong that nobody was told of */
  warn: (error: unknown, text: string) => void;
  /** how long a live database that is elsewhere is waited for */
  lookMs?: number;
}

export class Reminders {
  readonly #parts: RemindersParts;
  readonly #looks = new OneLook<void>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: RemindersParts) {
    this.#parts = parts;
  }

  /** Begins to watch. */
  start(): void {
    const again = () => {
      this.#looking = this.lookAtAll().then(() => {
        if (!this.#closed) this.#timer = setTimeout(again, LOOK_MS);
      });
    };
    again();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#looks.settled();
  }

  async lookAtAll(): Promise<void> {
    try {
      for (const app of await mirroredApps(this.#parts.db)) {
        if (this.#closed) return;
        const outside = this.#parts.cluster.isOutside(databasesOf(app.containerSlug).live);
        // a server of somebody else's may take as long as it likes: the others' turn comes meanwhile
        if (outside && this.#looks.isUnderWay(app.id)) continue;
        const look = this.look(app).catch((error) => {
          // what is frozen, away or still being made is looked at again
          if (!(error instanceof AppError))
            this.#parts.warn(error, `the reminders of ${app.slug} could not be looked at`);
        });
        if (!outside) await look;
      }
    } catch (error) {
      this.#parts.warn(error, 'the reminders could not be looked at');
    }
  }

  /** Brings an app's reminders to what is true at a moment after this call. @throws AppError `container_frozen`, `data_unavailable`, `live_away` */
  look(app: MirrorApp): Promise<void> {
    return this.#looks.ask(app.id, () => this.#reconcile(app));
  }

  async #reconcile(app: MirrorApp): Promise<void> {
    const { homes, changed } = this.#parts;
    const result = await reconcile(this.#parts, app, await homes(app.id));
    if (result.changed) await changed(app, result.chats);
  }
}
