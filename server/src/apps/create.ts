/** Making an app's row: a unique address, reserved for good. */

import { appColours } from '../../../contract/apps.ts';
import type { Spec } from '../../../contract/spec.ts';
import { isSlug, slugOf, suffixed } from '../containers/slugs.ts';
import { type Db, maybe, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { iconFor } from './icons.ts';

/** @throws AppError `bad_slug` for a given slug that cannot be an address */
export async function createAppRow(
  db: Db,
  input: { containerId: string; name: string; slug?: string | undefined; description?: string | undefined; by: string },
): Promise<{ id: string; slug: string }> {
  if (input.slug !== undefined && !isSlug(input.slug)) {
    throw new AppError('bad_slug', 'invalid', 'This cannot be an address.', {
      fields: { slug: 'Use 3 to 20 small letters, digits and single dashes' },
    });
  }
  const wanted = input.slug ?? slugOf(input.name, 'app');
  const colour =
    appColours[
      [...input.name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 9973, 7) % appColours.length
    ]!;
  for (let attempt = 1; attempt < 10_000; attempt++) {
    const slug = suffixed(wanted, attempt);
    if (!isSlug(slug)) continue;
    const row = await maybe(
      db,
      sql<{
        id: string;
        slug: string;
      }>`insert into apps (container_id, slug, name, icon, colour, description, created_by)
        values (${input.containerId}, ${slug}, ${input.name}, ${iconFor(input.name)}, ${colour}, ${input.description ?? ''}, ${input.by})
        on conflict (container_id, slug) do nothing returning id, slug`,
    );
    if (row) return row;
  }
  throw new AppError('no_slug', 'conflict', 'No free address was found for this name.');
}

/** The title and the look of the spec are the app's: they follow when the spec changes. What it does not say stays. */
export async function followSpec(db: Db, appId: string, spec: Pick<Spec, 'title' | 'icon' | 'colour'>): Promise<void> {
  await run(
    db,
    sql`update apps set name = ${spec.title}, icon = coalesce(${spec.icon ?? null}, icon), colour = coalesce(${spec.colour ?? null}, colour) where id = ${appId}`,
  );
}
