/** Where an app's things are: repository, schema, releases. */
import { join } from 'node:path';
import type { Git } from '../containers/git.ts';
import { repositoryOf } from '../containers/repository.ts';
import { appSchema, databasesOf } from '../databases/names.ts';
import { type Db, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';

export interface AppPlace {
  appId: string;
  slug: string;
  name: string;
  containerId: string;
  containerSlug: string;
  git: Git;
  database: string;
  schema: string;
  releasesFolder: string;
}

/** @throws AppError `app_not_found` */
export async function appPlace(db: Db, dataDir: string, appId: string): Promise<AppPlace> {
  const row = await maybe(
    db,
    sql<{
      slug: string;
      name: string;
      container_id: string;
      container_slug: string;
    }>`select a.slug, a.name, a.container_id, c.slug as container_slug
      from apps a join containers c on c.id = a.container_id where a.id = ${appId}`,
  );
  if (!row) throw new AppError('app_not_found', 'missing', 'There is no such app.');
  return {
    appId,
    slug: row.slug,
    name: row.name,
    containerId: row.container_id,
    containerSlug: row.container_slug,
    git: repositoryOf(dataDir, row.container_id),
    database: databasesOf(row.container_slug).staging,
    schema: appSchema(row.slug),
    releasesFolder: join(dataDir, 'releases', appId),
  };
}
