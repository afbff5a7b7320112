/**
 * Who may do what, cached per session and thrown away by NOTIFY: a revoked session or membership acts at once, and within five
 * seconds even if the notification was lost. Gateway, API and live sync all ask here.
 */
import { EventEmitter } from 'node:events';
import type { Container, User } from '../../../contract/accounts.ts';
import { type Db, many, maybe, sql } from '../db/database.ts';

const FRESH_MS = 5000;

export interface Access {
  sessionId: string;
  user: User;
  /** owns the installation */
  owner: boolean;
  containers: (Container & { organisationId: string })[];
}

export class AccessSet {
  readonly #db: Db;
  readonly #cache = new Map<string, { at: number; access: Promise<Access | undefined> }>();
  /** emits `changed` with a test that says whether a session may be affected */
  readonly events = new EventEmitter<{
    changed: [affects: (access: { sessionId: string; user: User }) => boolean];
  }>().setMaxListeners(0);

  constructor(db: Db) {
    this.#db = db;
  }

  /** What the session's person may do; undefined when the session is over. */
  async of(sessionId: string): Promise<Access | undefined> {
    const known = this.#cache.get(sessionId);
    if (known && Date.now() - known.at < FRESH_MS) return known.access;
    if (this.#cache.size > 10_000) this.#cache.clear();
    const access = this.#load(sessionId);
    this.#cache.set(sessionId, { at: Date.now(), access });
    access.catch(() => this.#cache.delete(sessionId));
    return access;
  }

  /** Hears a payload of channel `vibe_access`: `session <id>` or `user <id>`. */
  heard(payload: string): void {
    const [kind, id] = payload.split(' ');
    if (kind === 'session') this.#cache.delete(id!);
    else this.#cache.clear();
    this.events.emit('changed', (access) => (kind === 'session' ? access.sessionId === id : access.user.id === id));
  }

  /** Everything may have changed (a lost connection came back). */
  forget(): void {
    this.#cache.clear();
    this.events.emit('changed', () => true);
  }

  async #load(sessionId: string): Promise<Access | undefined> {
    if (!/^[0-9a-f-]{36}$/.test(sessionId)) return undefined;
    const session = await maybe(
      this.#db,
      sql<User & { owner: boolean }>`select u.id, u.email, u.name,
          exists (select 1 from installation where owner_user_id = u.id) as owner
        from sessions s join users u on u.id = s.user_id
        where s.id = ${sessionId} and s.revoked_at is null and s.expires_at > now()`,
    );
    if (!session) return undefined;
    const containers = await many(
      this.#db,
      sql<
        Container & { organisationId: string }
      >`select c.id, c.slug, c.name, m.role, c.state, c.problem, c.organisation_id as "organisationId",
          case when c.frozen_at is not null then json_build_object('since', to_char(c.frozen_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'by', coalesce(f.name, '')) end as frozen
        from containers c join members m on m.organisation_id = c.organisation_id left join users f on f.id = c.frozen_by
        where m.user_id = ${session.id} order by c.created_at`,
    );
    const { owner, ...user } = session;
    return { sessionId, user, owner, containers };
  }
}
