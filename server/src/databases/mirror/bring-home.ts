/**
 * The rows of an app whose live database is gone become its own on staging again. Nothing is asked of the server that is gone. Every step looks
 * at what is there, so a killed one is repeated from the start.
 */
import type { DataCluster } from '../cluster.ts';
import { turnIntoOwn, turnIntoSite } from './convert.ts';
import type { MirrorPlace } from './place.ts';
import { isWhole } from './position.ts';
import { removeMirrorHere } from './set-up.ts';
import { refreshSite } from './site.ts';

/** To be called while nothing writes to the app's tables on staging. */
export async function bringRowsHome(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await turnIntoSite(cluster, place);
  // one that is not whole, or that an earlier attempt took apart, is worth less than what the staging site has
  if (await isWhole(cluster, place)) await refreshSite(cluster, place, []);
  await removeMirrorHere(cluster, place);
  await turnIntoOwn(cluster, place);
}
