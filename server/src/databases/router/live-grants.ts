/** Grants on live are for one turn, and a crash may leave some behind: they are taken away after a start, before anything else goes there. */
import type { DataCluster } from '../cluster.ts';
import { prefixOf } from '../names.ts';
import { inTime } from '../outside/in-time.ts';
import { dropQueryRoles } from './query-roles.ts';

const ANSWER_MS = 5000;

export class LiveGrants {
  readonly #cluster: DataCluster;
  readonly #answerMs: number;
  /** databases where some may be left, and what takes them away */
  readonly #owed = new Map<string, Promise<void> | undefined>();

  constructor(cluster: DataCluster, answerMs = ANSWER_MS) {
    this.#cluster = cluster;
    this.#answerMs = answerMs;
  }

  /**
   * Takes away all that are there. Until it is done no statement goes to that database, so one that was away is done with before anything else when
   * it answers again.
   * @throws AppError `live_away`
   */
  drop(database: string): Promise<void> {
    const under = this.#owed.get(database);
    if (under) return under;
    const done = this.#dropLeft(database).then(
      () => void this.#owed.delete(database),
      (error) => {
        this.#owed.set(database, undefined);
        throw error;
      },
    );
    this.#owed.set(database, done);
    return done;
  }

  /**
   * The same where it could not be done yet; what turns have been given since stays. A server that is elsewhere is waited for a few seconds.
   * @throws AppError `live_away`
   */
  settled(database: string): Promise<void> | undefined {
    if (!this.#owed.has(database)) return undefined;
    const done = this.drop(database);
    return this.#cluster.isOutside(database) ? inTime(this.#answerMs, () => done) : done;
  }

  async #dropLeft(database: string): Promise<void> {
    const roles = await this.#cluster.readCatalogue(database, async (client) => {
      const { rows } = await client.query<{ rolname: string }>(
        "select rolname from pg_catalog.pg_roles where pg_catalog.starts_with(rolname, $1) and rolname ~ '\\.q_[a-z0-9]{8}\\.live(\\.w)?$'",
        [prefixOf(database)],
      );
      return rows.map(({ rolname }) => rolname);
    });
    await dropQueryRoles(this.#cluster, [database], roles);
  }
}
