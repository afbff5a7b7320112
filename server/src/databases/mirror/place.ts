/** Where one app's live tables and their mirror are, and what they are called. */
import { appSchema, databasesOf, type MirrorNames, mirrorNamesOf, rolesOf, siteSchema } from '../names.ts';

export interface MirrorPlace extends MirrorNames {
  containerSlug: string;
  staging: string;
  live: string;
  /** has the same name in both databases: logical replication goes by names */
  schema: string;
  /** the staging site's writable copy */
  site: string;
  /** may read the mirror and nothing more */
  readers: string[];
}

export function mirrorPlace(containerSlug: string, appSlug: string): MirrorPlace {
  const [schema, site] = [appSchema(appSlug), siteSchema(appSlug)];
  return {
    ...databasesOf(containerSlug),
    ...mirrorNamesOf(containerSlug, appSlug),
    containerSlug,
    schema,
    site,
    readers: [schema, site].map((one) => rolesOf(containerSlug, one).runtime),
  };
}
