/** All previews and running releases of this host, by key: started on demand, few at once, asleep when nobody looks. */
import type { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { AppError } from '../errors.ts';
import type { SandboxDriver, SandboxStatus } from './driver.ts';
import { Instance, type InstanceState } from './instances/instance.ts';
import { Slots } from './instances/slots.ts';
import type { LogLine } from './log-buffer.ts';
import type { InstancePlan } from './plans.ts';

export interface InstancesOptions {
  driver: SandboxDriver;
  /** How many may start at once: five at once took 12 s each on two cores, one 3 s. Default: the machine's cores. */
  startsAtOnce?: number;
  /** Unused for so long, it falls asleep; may depend on its key. Default 15 min; see `keepAwake`. */
  idleMs?: number | ((key: string) => number);
  startTimeoutMs?: number;
  restarts?: { most: number; pauseMs: number };
}

export interface InstanceReport {
  state: InstanceState;
  message: string | null;
  usage: SandboxStatus | undefined;
  idleMs: number;
}

type LineListener = (key: string, line: LogLine) => void;
type StateListener = (key: string, state: InstanceState, message: string | null) => void;

export class Instances {
  readonly #driver: SandboxDriver;
  readonly #slots: Slots;
  readonly #options: InstancesOptions;
  readonly #instances = new Map<string, Instance>();
  readonly #awake = new Set<string>();
  readonly #listeners = new Set<StateListener>();
  readonly #lineListeners = new Set<LineListener>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: InstancesOptions) {
    this.#driver = options.driver;
    this.#options = options;
    this.#slots = new Slots(options.startsAtOnce ?? availableParallelism());
    const idleMs = options.idleMs ?? 15 * 60_000;
    const idleOf = typeof idleMs === 'number' ? () => idleMs : idleMs;
    const lookMs = typeof idleMs === 'number' ? Math.min(5_000, Math.max(20, idleMs / 4)) : 1000;
    this.#timer = setInterval(() => this.#putToSleep(idleOf), lookMs);
    this.#timer.unref();
  }

  /**
   * Resolves when the instance answers requests; starts it when it does not run, once for all who ask.
   * @param plan asked for only when it has to start
   * @param options `retry`: a person asked, so a failed one is tried again; `keepAwake`: it never falls asleep
   * @throws AppError `instance_failed`, with the reason and its last words, or `instance_stopped`
   */
  async ensure(
    key: string,
    plan: () => InstancePlan | Promise<InstancePlan>,
    options: { retry?: boolean; keepAwake?: boolean } = {},
  ): Promise<InstanceReport> {
    if (options.keepAwake) this.#awake.add(key);
    await this.#get(key).ensure(plan, options.retry ?? false);
    return this.status(key);
  }

  /** A connection to the instance; waits for a start that is under way, and starts nothing itself. */
  async connect(key: string): Promise<Socket> {
    const instance = this.#instances.get(key);
    if (!instance) throw new AppError('instance_asleep', 'unavailable', 'It does not run right now.');
    return await instance.connect();
  }

  /** Counts as use. */
  touch(key: string): void {
    this.#instances.get(key)?.touch();
  }

  /** A request is under way (not for HMR sockets: they keep nothing awake); call the result when it is over. */
  enter(key: string): () => void {
    return this.#instances.get(key)?.enter() ?? (() => undefined);
  }

  async stop(key: string): Promise<void> {
    this.#awake.delete(key);
    await this.#instances.get(key)?.stop();
  }

  /** Stops it and forgets its log and its state. */
  async remove(key: string): Promise<void> {
    await this.stop(key);
    this.#instances.delete(key);
  }

  /** For the end of the process. */
  async stopAll(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#instances.keys()].map((key) => this.stop(key)));
  }

  logs(key: string, options: { tail?: number } = {}): LogLine[] {
    return this.#instances.get(key)?.logs(options.tail ?? 200) ?? [];
  }

  status(key: string): InstanceReport {
    const instance = this.#instances.get(key);
    if (!instance) return { state: 'asleep', message: null, usage: undefined, idleMs: Number.POSITIVE_INFINITY };
    return {
      state: instance.state,
      message: instance.message,
      // worked out for who asks: it looks at all processes of the machine
      get usage() {
        return instance.usage();
      },
      idleMs: instance.idleMs,
    };
  }

  /** The keys that were ever asked for and not removed. */
  keys(): string[] {
    return [...this.#instances.keys()];
  }

  /** Calls `listener` at every change of state; returns the function that ends it. */
  onState(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` with every line that an instance prints; returns the function that ends it. */
  onLine(listener: LineListener): () => void {
    this.#lineListeners.add(listener);
    return () => this.#lineListeners.delete(listener);
  }

  #get(key: string): Instance {
    const found = this.#instances.get(key);
    if (found) return found;
    const made = new Instance({
      driver: this.#driver,
      slots: this.#slots,
      startTimeoutMs: this.#options.startTimeoutMs ?? 60_000,
      restarts: this.#options.restarts ?? { most: 3, pauseMs: 500 },
      onLine: (line) => {
        for (const listener of this.#lineListeners) listener(key, line);
      },
      onState: (state, message) => {
        for (const listener of this.#listeners) listener(key, state, message);
      },
    });
    this.#instances.set(key, made);
    return made;
  }

  #putToSleep(idleOf: (key: string) => number): void {
    for (const [key, instance] of this.#instances) {
      if (instance.state === 'running' && !this.#awake.has(key) && instance.idleMs > idleOf(key)) void instance.stop();
    }
  }
}
