/**
 * The mirrors of all apps that have a live database, watched: every second one look at PostgreSQL's records. One that stands still is put
 * right as far as that is possible, and says in words what is the matter meanwhile. What touches one mirror is done one after the other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Db, maybe, sql } from '../../db/database.ts';
import { AppError, messageOf } from '../../errors.ts';
import { recordAct } from '../acts.ts';
import type { DataCluster } from '../cluster.ts';
import { changeLive } from './change-live.ts';
import { whyErrors, whyNoWorker } from './explain.ts';
import { copyAgain, errorsOf, follow } from './follow.ts';
import { type MirrorPlace, mirrorPlace } from './place.ts';
import { copyProgress, countRows } from './progress.ts';
import { type MirrorApp, type MirrorNews, mirroredApps, recordMirror } from './record.ts';
import { beginAnew, disableSubscription, setUpMirror } from './set-up.ts';
import { Pulse, readVitals, type Trouble, type Vitals, vitalsKey, withLive } from './vitals.ts';

const LOOK_MS = 1000;
/** Numbers alone are written down this seldom. */
const WRITE_MS = 5000;
/** Differences that have not stopped anything yet are looked for this often. */
const COMPARE_MS = 15_000;
const BEHIND_MS = 5000;
/** What could not be set up is tried again this often. */
const RETRY_MS = 5000;
/** A worker that is refused tries again twice a second. */
const PERSISTS_MS = 1200;
/** A table is not copied again for the same reason sooner than after this. */
const AGAIN_MS = 5 * 60_000;
/** A stall that nothing else has ended is ended by a new copy of everything, but not more often than this. */
const ANEW_AFTER_MS = 30_000;
const ANEW_MS = 30 * 60_000;
/** What only a person can end rests after a while, and is tried this often: each try fills PostgreSQL's log. */
const REST_AFTER_MS = 60_000;
const REST_MS = 20_000;
/** A mirror that has rested is well when it has run so long. */
const PROVEN_MS = 4000;

interface Watched {
  app: MirrorApp;
  place: MirrorPlace;
  pulse: Pulse;
  /** what is being done to it */
  busy: Promise<unknown>;
  /** it is being looked at */
  looking: boolean;
  idle: boolean;
  setUp: boolean;
  /** no table is being copied, and nothing was done since that was seen */
  copied: boolean;
  nextTry: number;
  comparedAt: number;
  writtenAt: number;
  written: string;
  words: string;
  stuck: 'stalled' | 'waiting';
  troubleSince: number | undefined;
  copiedAgain: Map<string, number>;
  anewAt: number;
  /** switched off by us until the next try */
  resting: boolean;
  provenAt: number;
}

export interface MirrorsParts {
  db: Db;
  cluster: DataCluster;
  /** an app's mirror has another state or other words */
  changed: (app: MirrorApp) => Promise<unknown>;
  /** something went wrong that nobody was told of */
  warn: (error: unknown, text: string) => void;
  /** when a mirror that only a person can help rests, and for how long */
  rest?: { afterMs: number; forMs: number };
}

export class Mirrors {
  readonly #parts: MirrorsParts;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  /** mirrors are made one after the other: each looks whether the cluster has a place for it. One whose live is elsewhere keeps nobody waiting. */
  readonly #making = new Map<string, Promise<unknown>>();
  #closed = false;

  constructor(parts: MirrorsParts) {
    this.#parts = parts;
  }

  /** Begins to watch. */
  start(): void {
    const again = () => {
      this.#looking = this.look()
        .catch((error) => this.#parts.warn(error, 'the mirrors could not be looked at'))
        .then(() => {
          if (!this.#closed) this.#timer = setTimeout(again, LOOK_MS);
        });
    };
    again();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all([...this.#watched.values()].map(({ busy }) => busy));
  }

  /** Does one thing to an app's mirror, when nothing else is done to it. */
  alone<T>(app: MirrorApp, work: (place: MirrorPlace) => Promise<T>): Promise<T> {
    const one = this.#of(app);
    const result = one.busy.then(() => work(one.place));
    const tail = result.then(
      () => {},
      () => {},
    );
    one.idle = false;
    one.copied = false;
    one.busy = tail;
    void tail.then(() => {
      if (one.busy === tail) one.idle = true;
    });
    return result;
  }

  /** A change of an app's live tables, its mirror in step. @param client connected to live as the owner of the tables */
  change<T>(app: MirrorApp, client: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.alone(app, (place) => changeLive(this.#parts.cluster, place, client, work));
  }

  /** Does not watch an app any more; what is being done to it is waited for. */
  async forget(appId: string): Promise<void> {
    const one = this.#watched.get(appId);
    this.#watched.delete(appId);
    await one?.busy;
  }

  /** One look at all of them. */
  async look(): Promise<void> {
    const { db, cluster } = this.#parts;
    const apps = await mirroredApps(db);
    if (apps.length === 0) return;
    const vitals = await readVitals(cluster);
    const looks = apps.map((app) => {
      const one = this.#of(app);
      const found = vitals.get(vitalsKey(one.place));
      const outside = cluster.isOutside(one.place.live);
      const look = async () => this.#lookAt(one, found && outside ? await withLive(cluster, one.place, found) : found);
      // a server of somebody else's may take as long as it likes: the others are not looked at any later for it
      if (outside && one.looking) return undefined;
      one.looking = true;
      const done = look()
        .catch((error) => this.#parts.warn(error, `the mirror of ${app.slug} could not be looked at`))
        .finally(() => {
          one.looking = false;
        });
      return outside ? undefined : done;
    });
    await Promise.all(looks);
  }

  #of(app: MirrorApp): Watched {
    let one = this.#watched.get(app.id);
    if (!one) {
      one = {
        app,
        place: mirrorPlace(app.containerSlug, app.slug),
        pulse: new Pulse(),
        busy: Promise.resolve(),
        looking: false,
        idle: true,
        setUp: false,
        copied: false,
        nextTry: 0,
        comparedAt: 0,
        writtenAt: 0,
        written: '',
        words: '',
        stuck: 'stalled',
        troubleSince: undefined,
        copiedAgain: new Map(),
        anewAt: Number.NEGATIVE_INFINITY,
        resting: false,
        provenAt: 0,
      };
      this.#watched.set(app.id, one);
    }
    return one;
  }

  async #lookAt(one: Watched, vitals: Vitals | undefined): Promise<void> {
    const now = performance.now();
    if (!vitals || !one.setUp) {
      if (!vitals && one.idle) await this.#say(one, { state: one.words ? 'waiting' : 'preparing', words: one.words });
      if (one.idle && now >= one.nextTry) this.#begin(one, () => this.#setUp(one));
      return;
    }
    const { lagMs, lagBytes, trouble } = one.pulse.read(vitals, now);
    // nothing here can be put right: it goes on by itself
    if (trouble === 'away') return this.#say(one, { state: 'stalled', words: awayWords(vitals.because) });
    if (trouble) {
      one.troubleSince ??= now;
      if (one.idle && now >= one.nextTry) {
        one.nextTry = now + LOOK_MS;
        this.#begin(one, () => this.#heal(one, trouble, lagMs, lagBytes));
      } else if (one.idle)
        await this.#say(one, { state: one.stuck, words: one.words || WORDS[trouble], lagMs, lagBytes });
      return;
    }
    if (now < one.provenAt) return this.#say(one, { state: 'stalled', words: one.words, lagMs, lagBytes });
    one.troubleSince = undefined;
    const percent = one.idle && !one.copied ? await copyProgress(this.#parts.cluster, one.place) : undefined;
    if (percent !== undefined) return this.#say(one, { state: 'copying', words: one.words, lagMs, lagBytes, percent });
    if (lagMs > BEHIND_MS)
      return this.#say(one, {
        state: 'behind',
        words: 'Live is written faster than its copy follows.',
        lagMs,
        lagBytes,
      });
    // a copy is counted by nobody before it has grown by some
    if (one.idle && !one.copied)
      void countRows(this.#parts.cluster, one.place).catch((error) =>
        this.#parts.warn(error, `the mirror of ${one.app.slug} could not be counted`),
      );
    one.copied = one.idle;
    one.words = '';
    one.stuck = 'stalled';
    await this.#say(one, { state: 'in_step', words: '', lagMs, lagBytes });
    if (one.idle && now - one.comparedAt > COMPARE_MS) {
      one.comparedAt = now;
      this.#begin(one, async () => this.#followed(one, await follow(this.#parts.cluster, one.place)));
    }
  }

  /** Without waiting for it: the others are looked at meanwhile. */
  #begin(one: Watched, work: () => Promise<unknown>): void {
    void this.alone(one.app, work).catch((error) =>
      this.#parts.warn(error, `the mirror of ${one.app.slug} could not be put right`),
    );
  }

  async #setUp(one: Watched): Promise<void> {
    try {
      const { cluster } = this.#parts;
      const server = cluster.isOutside(one.place.live) ? one.place.live : '';
      const made = (this.#making.get(server) ?? Promise.resolve()).then(() => setUpMirror(cluster, one.place));
      this.#making.set(
        server,
        made.catch(() => {}),
      );
      await made;
      one.setUp = true;
      one.words = '';
    } catch (error) {
      one.nextTry = performance.now() + RETRY_MS;
      one.words = inWords(error);
      await this.#say(one, { state: 'waiting', words: one.words });
      if (!(error instanceof AppError)) throw error;
    }
  }

  async #heal(one: Watched, trouble: Trouble, lagMs: number, lagBytes: number): Promise<void> {
    const { cluster } = this.#parts;
    const { place } = one;
    const say = (state: 'stalled' | 'waiting', words: string) => {
      one.words = words;
      one.stuck = state;
      return this.#say(one, { state, words, lagMs, lagBytes });
    };
    await say(one.words ? one.stuck : 'stalled', one.words || WORDS[trouble]);
    if (one.resting) {
      one.resting = false;
      one.provenAt = performance.now() + PROVEN_MS;
    }
    try {
      const differed = await setUpMirror(cluster, place);
      await this.#followed(one, differed);
      if (differed.length > 0)
        return void (await say('stalled', `${differed.join(' ')} The copy is brought to the same.`));
      if (trouble === 'no_worker') {
        const { words, full } = await whyNoWorker(cluster);
        one.nextTry = performance.now() + RETRY_MS;
        return void (await say(full ? 'waiting' : 'stalled', words));
      }
      if (trouble !== 'errors') return;
      // looking takes the slot for a moment, at which the worker may fail once more: only where it goes on failing by itself
      const before = (await errorsOf(cluster, place)).all;
      await sleep(PERSISTS_MS);
      if ((await errorsOf(cluster, place)).all === before) return;
      const now = performance.now();
      const { words, tables, full } = await whyErrors(cluster, place);
      await say(full ? 'waiting' : 'stalled', words);
      const due = tables.filter((name) => now - (one.copiedAgain.get(name) ?? Number.NEGATIVE_INFINITY) > AGAIN_MS);
      if (due.length > 0) {
        for (const name of due) one.copiedAgain.set(name, now);
        await copyAgain(cluster, place, due);
      } else if (tables.length > 0 && now - one.troubleSince! > ANEW_AFTER_MS && now - one.anewAt > ANEW_MS) {
        one.anewAt = now;
        await say('stalled', 'The copy could not be put right, so all of it is copied again.');
        await beginAnew(cluster, place);
      } else if (!full && now - one.troubleSince! > (this.#parts.rest?.afterMs ?? REST_AFTER_MS)) {
        one.resting = true;
        one.nextTry = performance.now() + (this.#parts.rest?.forMs ?? REST_MS);
        await disableSubscription(cluster, place);
      }
    } catch (error) {
      one.nextTry = performance.now() + RETRY_MS;
      await say('stalled', inWords(error));
      if (!(error instanceof AppError)) throw error;
    }
  }

  /** That the copy was brought to what live has become by another road. What cannot be done is tried again, and said once. */
  async #followed({ app }: Watched, differed: string[]): Promise<void> {
    const { db } = this.#parts;
    const note = differed.join(' ').slice(0, 2000);
    if (note === '') return;
    const last = await maybe(
      db,
      sql<{
        note: string;
      }>`select note from data_acts where container_id = ${app.containerId} and app_id = ${app.id} and act = 'mirror' order by at desc limit 1`,
    );
    if (last?.note !== note)
      await recordAct(db, { act: 'mirror', appId: app.id, by: null, environment: 'mirror', note });
  }

  async #say(one: Watched, news: Partial<MirrorNews> & Pick<MirrorNews, 'state' | 'words'>): Promise<void> {
    const now = performance.now();
    const print = `${news.state} ${news.words} ${news.percent}`;
    if (print === one.written && now - one.writtenAt < WRITE_MS) return;
    if (this.#watched.get(one.app.id) !== one) return;
    [one.written, one.writtenAt] = [print, now];
    const changed = await recordMirror(this.#parts.db, one.app.id, { lagMs: 0, lagBytes: 0, percent: null, ...news });
    if (changed) await this.#parts.changed(one.app);
  }
}

function awayWords(because?: string): string {
  return `Live does not answer${because ? ` (${because})` : ''}. Staging keeps what it has, and follows again as soon as live is back.`;
}

const WORDS: Record<Trouble, string> = {
  away: awayWords(),
  errors: 'The copy refuses what live sends next. It is being looked into.',
  no_worker: 'The process that keeps the copy is not running. It is started again.',
  off: 'The copy was switched off. It is switched on again.',
  lost: 'Staging was away for so long that live no longer keeps what it missed. Everything is copied again.',
  missing:
    'Live no longer keeps what the copy has missed, because its place there is gone. Everything is copied again.',
};

const inWords = (error: unknown): string => {
  const detail = error instanceof AppError && error.detail ? ` ${error.detail}` : '';
  return error instanceof AppError
    ? `${error.message}${detail}`
    : `The copy could not be put right: ${messageOf(error)}. It is tried again.`;
};
