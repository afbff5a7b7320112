/**
 * One preview or release through its life: asleep → starting → running → stopping → asleep, or failed with a reason. It starts
 * once however many ask, comes back after it died, and gives up when it dies again and again.
 */
import type { Socket } from 'node:net';
import { AppError, messageOf } from '../../errors.ts';
import type { Sandbox, SandboxDriver, SandboxStatus } from '../driver.ts';
import type { LogLine } from '../log-buffer.ts';
import type { InstancePlan } from '../plans.ts';
import { waitUntilReady } from './ready.ts';
import type { Slots } from './slots.ts';

export type InstanceState = 'asleep' | 'starting' | 'running' | 'stopping' | 'failed';

export interface InstanceSettings {
  driver: SandboxDriver;
  slots: Slots;
  startTimeoutMs: number;
  /** How often it may die within a minute before it counts as failed, and the pause before it comes back (then doubled). */
  restarts: { most: number; pauseMs: number };
  onState: (state: InstanceState, message: string | null) => void;
  onLine: (line: LogLine) => void;
}

export class Instance {
  readonly #settings: InstanceSettings;
  #state: InstanceState = 'asleep';
  #message: string | null = null;
  #plan: InstancePlan | undefined;
  #sandbox: Sandbox | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #deaths: number[] = [];
  #comeBack: NodeJS.Timeout | undefined;
  #open = 0;
  #usedAt = performance.now();
  /** Goes up with each wish to stop, so that a start that is under way knows that it is not wanted any more. */
  #epoch = 0;

  constructor(settings: InstanceSettings) {
    this.#settings = settings;
  }

  get state(): InstanceState {
    return this.#state;
  }
  /** Why it failed, or what it waits for. */
  get message(): string | null {
    return this.#message;
  }
  /** Milliseconds since it was last used; 0 while a connection is open. */
  get idleMs(): number {
    return this.#open > 0 ? 0 : performance.now() - this.#usedAt;
  }

  usage(): SandboxStatus | undefined {
    return this.#sandbox?.status();
  }
  logs(tail: number): LogLine[] {
    return this.#sandbox?.logs.tail(tail) ?? [];
  }
  touch(): void {
    this.#usedAt = performance.now();
  }

  /** Counts an open connection; call the result when it closes. */
  enter(): () => void {
    this.#open++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#open--;
      this.touch();
    };
  }

  /** Resolves when it runs. A failed one is tried again only with `retry` (a person asked for it). */
  async ensure(makePlan: () => InstancePlan | Promise<InstancePlan>, retry: boolean): Promise<void> {
    this.touch();
    if (this.#state === 'running') return;
    if (this.#state === 'failed' && !retry) throw this.#failure();
    if (this.#state === 'failed') this.#deaths = [];
    clearTimeout(this.#comeBack);
    this.#starting ??= this.#start(makePlan).finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  async connect(): Promise<Socket> {
    if (this.#starting) await this.#starting;
    if (this.#state === 'failed') throw this.#failure();
    const [sandbox, plan] = [this.#sandbox, this.#plan];
    if (this.#state !== 'running' || !sandbox || !plan) {
      throw new AppError('instance_asleep', 'unavailable', 'It does not run right now.');
    }
    return await sandbox.connect(plan.socket);
  }

  /** Resolves when no process is left. */
  async stop(): Promise<void> {
    this.#epoch++;
    clearTimeout(this.#comeBack);
    this.#stopping ??= this.#end().finally(() => {
      this.#stopping = undefined;
    });
    await this.#stopping;
  }

  async #start(makePlan: () => InstancePlan | Promise<InstancePlan>): Promise<void> {
    const epoch = this.#epoch;
    this.#become('starting', null);
    await this.#stopping;
    const leave = await this.#settings.slots.take();
    try {
      if (epoch !== this.#epoch) throw new AppError('instance_stopped', 'unavailable', 'It was stopped before it ran.');
      const plan = await makePlan();
      this.#plan = plan;
      const sandbox = await this.#settings.driver.start(plan.spec);
      this.#sandbox = sandbox;
      sandbox.logs.subscribe(this.#settings.onLine);
      const problem = await waitUntilReady(sandbox, plan, this.#settings.startTimeoutMs);
      if (problem !== undefined) {
        await sandbox.stop(0);
        throw new AppError('instance_failed', 'unavailable', problem, { detail: lastWords(sandbox) });
      }
      if (epoch !== this.#epoch) {
        await sandbox.stop(0);
        throw new AppError('instance_stopped', 'unavailable', 'It was stopped before it ran.');
      }
      void sandbox.exited.then((exit) => this.#onDeath(sandbox, exit.message));
      this.touch();
      this.#become('running', null);
    } catch (error) {
      const stopped = error instanceof AppError && error.code === 'instance_stopped';
      const detail = error instanceof AppError && error.detail ? `\n${error.detail}` : '';
      this.#become(
        stopped || epoch !== this.#epoch ? 'asleep' : 'failed',
        stopped ? null : `${messageOf(error)}${detail}`,
      );
      throw error;
    } finally {
      leave();
    }
  }

  async #end(): Promise<void> {
    const sandbox = this.#sandbox;
    const starting = this.#starting;
    if (sandbox && sandbox.status().state !== 'ended') {
      this.#become('stopping', null);
      // One that never ran has nothing to finish.
      await sandbox.stop(starting ? 0 : (this.#plan?.graceMs ?? 0));
    }
    await starting?.catch(() => undefined);
    if (this.#state !== 'asleep') this.#become('asleep', null);
  }

  #onDeath(sandbox: Sandbox, reason: string): void {
    if (sandbox !== this.#sandbox || this.#state !== 'running') return;
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
    const { most, pauseMs } = this.#settings.restarts;
    const words = [reason, lastWords(sandbox)].filter(Boolean).join('\n');
    if (this.#deaths.length > most) {
      this.#become('failed', `It ended ${this.#deaths.length} times within a minute. ${words}`);
      return;
    }
    this.#become('starting', words);
    const plan = this.#plan!;
    const pause = pauseMs * 2 ** (this.#deaths.length - 1);
    this.#comeBack = setTimeout(() => void this.ensure(() => plan, false).catch(() => undefined), pause);
    this.#comeBack.unref();
  }

  #failure(): AppError {
    return new AppError('instance_failed', 'unavailable', this.#message ?? 'It does not start.');
  }

  #become(state: InstanceState, message: string | null): void {
    this.#state = state;
    this.#message = message;
    this.#settings.onState(state, message);
  }
}

function lastWords(sandbox: Sandbox): string | undefined {
  return sandbox.logs.text(20).trim().slice(-2_000) || undefined;
}
