/** src/lib/server/rules.ts: which roles may see and change what, for an app that has roles. */
import type { Entity } from '../../../../../contract/spec.ts';
import type { Context } from '../context.ts';
import { file, key, quoted } from '../text.ts';
import { both } from '../visible.ts';

export const hasRoles = ({ spec }: Context): boolean => (spec.roles?.length ?? 0) > 0;

/** The fields of an entity that only some roles see. */
export const limitedFields = (context: Context, entity: Entity) =>
  hasRoles(context) ? entity.fields.filter((field) => field.roles?.length) : [];

const list = (ids: readonly string[]): string => `[${ids.map(quoted).join(', ')}]`;

/** Who may see a page or a part of one: whoever sees the list, and the fields that it is made of. Undefined: everybody. */
export function seersOf(entity: Entity, part: object = {}): readonly string[] | undefined {
  const shown = ['field' in part ? part.field : undefined, 'value' in part ? part.value : undefined];
  return both(entity.access?.see, ...entity.fields.filter(({ id }) => shown.includes(id)).map(({ roles }) => roles));
}

export function rulesFile(context: Context): string {
  const { spec } = context;
  const rules = spec.entities.flatMap((entity) => {
    const own = (spec.pages ?? []).filter((page) => page.entity === entity.id);
    return [
      { slug: entity.slug, see: seersOf(entity) },
      ...own.map((page) => ({ slug: page.slug, see: seersOf(entity, page) })),
    ].map(({ slug, see }) => ({ slug, see, change: entity.access?.change ?? see }));
  });
  const limited = spec.entities.filter((entity) => limitedFields(context, entity).length > 0);
  return file(
    '/** The roles of this app by their ids. */',
    'export const roles: Record<string, string> = {',
    ...spec.roles!.map((role) => `  ${key(role.id)}: ${quoted(role.name)},`),
    '};',
    '',
    '/** Who may see and change a list or a page; left out: everybody. */',
    'export const rules: { slugs: string[]; see?: string[]; change?: string[] }[] = [',
    ...rules
      .filter(({ see, change }) => see || change)
      .map(
        ({ slug, see, change }) =>
          `  { slugs: ['${slug}']${see ? `, see: ${list(see)}` : ''}${change ? `, change: ${list(change)}` : ''} },`,
      ),
    '];',
    '',
    '/** Fields that only some see, by list and column. */',
    'export const hiddenFields: Record<string, Record<string, string[]>> = {',
    ...limited.map(
      (entity) =>
        `  ${quoted(entity.slug)}: { ${limitedFields(context, entity)
          .map((field) => `${field.column}: ${list(field.roles!)}`)
          .join(', ')} },`,
    ),
    '};',
  );
}
