/** The databases of a Vibe that a test has started: to look at what is stored, and to let time pass. */
import { join } from 'node:path';
import { runDirOf } from '../../server/src/config.ts';
import type { Vibe } from './vibe.ts';

/** The platform database's address, as the launcher makes it. */
export const platformUrl = (vibe: Vibe): string => clusterUrl(vibe, 'platform', 'vibe');

export function clusterUrl(vibe: Vibe, cluster: 'platform' | 'data', database: string): string {
  const folder = encodeURIComponent(join(runDirOf(vibe.dataDir), `pg-${cluster}`));
  return `postgresql:///${encodeURIComponent(database)}?host=${folder}&user=vibe`;
}
