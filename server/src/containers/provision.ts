/** Makes a container's repository and databases. Every step can be repeated: a job that died halfway is simply run again. */

import type { DataCluster } from '../databases/cluster.ts';
import { databasesOf } from '../databases/names.ts';
import { type Db, maybe, notify, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../jobs/queue.ts';
import { createRepository, repositoryOf } from './repository.ts';

export interface ProvisionParts {
  db: Db;
  cluster: DataCluster;
  dataDir: string;
}

/** @throws AppError `container_not_found` */
export async function provision(parts: ProvisionParts, containerId: string): Promise<void> {
  const container = await maybe(
    parts.db,
    sql<{
      slug: string;
      name: string;
      state: string;
    }>`select slug, name, state from containers where id = ${containerId}`,
  );
  if (!container) throw new AppError('container_not_found', 'missing', 'There is no such container.');
  await createRepository(repositoryOf(parts.dataDir, containerId), container.name, {
    name: 'Vibe',
    email: 'vibe@localhost',
  });
  await parts.cluster.createDatabases(databasesOf(container.slug));
  await transaction(parts.db, async (tx) => {
    await run(tx, sql`update containers set state = 'ready', problem = null where id = ${containerId}`);
    await notify(tx, 'vibe_access', 'container');
    // messages that came while the container was being made
    const waiting = await sql<{
      chat_id: string;
    }>`select distinct t.chat_id from turns t join chats h on h.id = t.chat_id
      where h.container_id = ${containerId} and t.state = 'queued'`.execute(tx);
    for (const { chat_id } of waiting.rows)
      await enqueue(tx, 'turn.run', { chatId: chat_id }, { key: `turn.run:${chat_id}` });
  });
}
