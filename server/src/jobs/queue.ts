/**
 * Jobs, by name. `enqueue` works inside the caller's transaction, so that what was acknowledged and its job are never apart.
 * Every job may run twice (a worker may die after the work and before the tick): handlers are written to be repeated.
 */
import { Logger, type Runner, runMigrations, run as runWorker, type TaskList } from 'graphile-worker';
import type { Logger as Log } from 'pino';
import { z } from 'zod';
import { type Db, many, run, sql } from '../db/database.ts';

/** What each job carries. A name that is not here does not exist. */
export const jobSchemas = {
  'container.provision': z.object({ containerId: z.uuid() }),
  'turn.run': z.object({ chatId: z.uuid() }),
  'app.release': z.object({ releaseId: z.uuid() }),
  'chat.remove': z.object({ chatId: z.uuid() }),
  'app.remove': z.object({ appId: z.uuid() }),
  'app.delete': z.object({ appId: z.uuid() }),
  'outside.leave': z.object({ containerId: z.uuid() }),
  'app.live': z.object({ appId: z.uuid() }),
} as const;

export type JobName = keyof typeof jobSchemas;
export type JobPayload<N extends JobName> = z.infer<(typeof jobSchemas)[N]>;
export type JobHandlers = { [N in JobName]: (payload: JobPayload<N>) => Promise<void> };

/** Adds a job in the caller's transaction. With a `key` a waiting job of that key is replaced, not doubled. */
export async function enqueue<N extends JobName>(
  db: Db,
  name: N,
  payload: JobPayload<N>,
  options: { key?: string; delayMs?: number; attempts?: number } = {},
): Promise<void> {
  await run(
    db,
    sql`select graphile_worker.add_job(${name}, ${JSON.stringify(payload)}::json, job_key := ${options.key ?? null},
      run_at := now() + ${options.delayMs ?? 0} * interval '1 millisecond', max_attempts := ${options.attempts ?? 25})`,
  );
}

/** Creates or updates the queue's own tables. */
export async function migrateQueue(url: string): Promise<void> {
  await runMigrations({ connectionString: url, logger: new Logger(() => () => {}) });
}

/**
 * Frees the jobs that killed workers left locked. The library alone waits hours; a worker here is known dead when its process
 * connection is gone, which at start-up of a one-machine installation is every other one.
 */
export async function freeLockedJobs(db: Db): Promise<number> {
  const workers = await many(
    db,
    sql<{ locked_by: string }>`select distinct locked_by from graphile_worker._private_jobs where locked_by is not null
      union select locked_by from graphile_worker._private_job_queues where locked_by is not null`,
  );
  if (workers.length === 0) return 0;
  const ids = workers.map((worker) => worker.locked_by);
  await run(db, sql`select graphile_worker.force_unlock_workers(${ids}::text[])`);
  // a job whose key was given to a newer one while it ran is marked as done with all its tries: nothing is left to do for it
  await run(
    db,
    sql`delete from graphile_worker._private_jobs where locked_at is null and key is null and attempts >= max_attempts and last_error is null`,
  );
  // a job that was being worked on is tried again at once, not after the back-off of its attempt
  await run(
    db,
    sql`update graphile_worker._private_jobs set run_at = now(), attempts = greatest(attempts - 1, 0) where locked_at is null and run_at > now() and last_error is null`,
  );
  return ids.length;
}

/** Starts taking jobs. `stop()` waits for those that run. */
export function startQueue(url: string, handlers: JobHandlers, log: Log, concurrency = 6): Promise<Runner> {
  const tasks: TaskList = {};
  for (const name of Object.keys(jobSchemas) as JobName[]) {
    tasks[name] = async (payload) => {
      const handler = handlers[name] as (input: unknown) => Promise<void>;
      await handler(jobSchemas[name].parse(payload));
    };
  }
  return runWorker({
    connectionString: url,
    concurrency,
    noHandleSignals: true,
    pollInterval: 1000,
    taskList: tasks,
    maxPoolSize: concurrency + 2,
    logger: new Logger(() => (level, message, meta) => {
      if (level === 'error') log.error({ meta }, message);
      else log.debug(message);
    }),
  });
}
