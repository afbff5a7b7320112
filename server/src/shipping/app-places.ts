/** Where an app's things are: repository, schema, releases. */
import { join } from 'node:path';
import type { App } from '../../../contract/apps.ts';
import type { Git } from '../containers/git.ts';
import { repositoryOf } from '../containers/repository.ts';
import type { MirrorApp } from '../databases/mirror/record.ts';
import { appSchema, databasesOf, siteSchema } from '../databases/names.ts';
import { type Db, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';

export interface AppPlace {
  appId: string;
  slug: string;
  name: string;
  containerId: string;
  containerSlug: string;
  git: Git;
  mode: App['mode'];
  /** where production is: live for an app that has a live database, staging for any other */
  database: string;
  /** where drafts and rehearsals are */
  staging: string;
  schema: string;
  releasesFolder: string;
}

/** Where a release serves: the app as its people use it, or the staging site of an app that has a live database. */
export type Environment = 'live' | 'staging';

/** The tables of one of an app's places. */
export function tablesOf(place: AppPlace, environment: Environment): { database: string; schema: string } {
  return environment === 'live'
    ? { database: place.database, schema: place.schema }
    : { database: place.staging, schema: siteSchema(place.slug) };
}

export const mirrorAppOf = (place: AppPlace): MirrorApp => ({
  id: place.appId,
  slug: place.slug,
  containerId: place.containerId,
  containerSlug: place.containerSlug,
});

/** @throws AppError `app_not_found` */
export async function appPlace(db: Db, dataDir: string, appId: string): Promise<AppPlace> {
  const row = await maybe(
    db,
    sql<{
      slug: string;
      name: string;
      mode: App['mode'];
      container_id: string;
      container_slug: string;
    }>`select a.slug, a.name, a.mode, a.container_id, c.slug as container_slug
      from apps a join containers c on c.id = a.container_id where a.id = ${appId}`,
  );
  if (!row) throw new AppError('app_not_found', 'missing', 'There is no such app.');
  const { staging, live } = databasesOf(row.container_slug);
  return {
    appId,
    slug: row.slug,
    name: row.name,
    containerId: row.container_id,
    containerSlug: row.container_slug,
    git: repositoryOf(dataDir, row.container_id),
    mode: row.mode,
    database: row.mode === 'dual-repository' ? live : staging,
    staging,
    schema: appSchema(row.slug),
    releasesFolder: join(dataDir, 'releases', appId),
  };
}
