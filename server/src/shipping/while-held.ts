/** Moves an app's rows while nobody asks for them: requests wait, and what serves starts anew afterwards, where its rows are then. */
import { many, sql } from '../db/database.ts';
import type { Environment } from './app-places.ts';
import type { ReleaseParts } from './release.ts';

/** Of each place. Also those that were just replaced and still answer: a way back to one would find its rows where they were. */
const MOST_RUNNING = 10;

/** @param quiet lets what is under way in the release that serves come to its end; without it that is cut off */
export async function whileHeld(
  parts: ReleaseParts,
  appId: string,
  environments: Environment[],
  work: () => Promise<void>,
  quiet?: (serving: string) => Promise<void>,
): Promise<void> {
  const { db, runtime, routes } = parts;
  const running = await many(
    db,
    sql<{ id: string }>`select id from releases
      where app_id = ${appId} and environment = any(${environments}::text[]) and state in ('serving', 'retired')
      order by state = 'serving' desc, number desc limit ${MOST_RUNNING * environments.length}`,
  );
  const letGo = environments.map((environment) => routes.hold(appId, environment));
  try {
    if (running[0]) await quiet?.(running[0].id);
    for (const { id } of running) {
      routes.dropConnections(`release:${id}`);
      await runtime.stop(`release:${id}`, `r-${id.slice(-12)}`);
    }
    await work();
    routes.forget();
  } finally {
    for (const go of letGo) go();
  }
}
