/** What belongs to one row: the rows of other entities that point at it, on the row's own page. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { isAmount } from '../../spec/kinds.ts';
import { namedImport, shown, titleExpression, titleNeeds } from '../cells.ts';
import type { Context, Pointer } from '../context.ts';
import { displayOf, labelOf, listedFields, namesOf } from '../names.ts';
import { attribute, file, markup, quoted } from '../text.ts';
import { cell } from './list-route.ts';
import { listByName } from './queries.ts';
import { hasRoles } from './rules.ts';

/** The name under which the rows are loaded: `ordersByCustomerId`. */
const keyOf = ({ entity, field }: Pointer): string => {
  const name = listByName(entity, field.column).slice('list'.length);
  return name[0]!.toLowerCase() + name.slice(1);
};

/** src/routes/<list>/[id]/+page.server.ts, when anything points here. */
export function relatedLoader(context: Context, entity: Entity): string | undefined {
  const pointers = context.pointersTo(entity);
  if (pointers.length === 0) return undefined;
  const guarded = hasRoles(context) && pointers.some(({ entity: other }) => other.access?.see);
  const modules = Map.groupBy(pointers, (pointer) => pointer.entity.slug);
  return file(
    ...[...modules]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([slug, ones]) =>
          `import { ${ones
            .map((one) => listByName(one.entity, one.field.column))
            .sort()
            .join(', ')} } from '#lib/server/${slug}.ts';`,
      ),
    guarded && "import { maySee } from '#lib/server/access.ts';",
    "import { isId } from '#lib/server/page.ts';",
    "import { error } from '@sveltejs/kit';",
    "import type { PageServerLoad } from './$types';",
    '',
    guarded
      ? 'export const load: PageServerLoad = async ({ params, locals }) => {'
      : 'export const load: PageServerLoad = async ({ params }) => {',
    '  if (!isId(params.id)) error(404);',
    `  const [${pointers.map(keyOf).join(', ')}] = await Promise.all([`,
    ...pointers.map(({ entity: other, field }) => {
      const rows = `${listByName(other, field.column)}(params.id)`;
      return hasRoles(context) && other.access?.see
        ? `    maySee(locals.rights, '${other.slug}') ? ${rows} : [],`
        : `    ${rows},`;
    }),
    '  ]);',
    `  return { ${pointers.map(keyOf).join(', ')} };`,
    '};',
  );
}

export interface RelatedParts {
  imports: (string | false)[];
  functions: string[];
  components: string[];
  /** markup below the row's own fields */
  sections: string[];
}

export function relatedParts(context: Context, entity: Entity): RelatedParts {
  const parts: RelatedParts = { imports: [], functions: [], components: [], sections: [] };
  const choices = new Map<string, string[]>();
  const pointers = context.pointersTo(entity);
  for (const pointer of pointers) {
    const { entity: other, field } = pointer;
    const row = namesOf(other).one === namesOf(entity).one ? 'other' : namesOf(other).one;
    // what ties two together is called by its other end
    const end = other.link ? other.fields.find((one) => one.type === 'reference' && one !== field) : undefined;
    const columns = (end ? other.fields : listedFields(other).slice(1))
      .filter((one) => one !== field && one !== end)
      .slice(0, 4);
    const cells = columns.map((column) => shown(context, other, column, row));
    const display = displayOf(other);
    const needs = end ? { functions: [], choices: [] } : titleNeeds(other, display);
    parts.functions.push(...needs.functions, ...cells.flatMap((one) => one.functions));
    parts.components.push(...cells.flatMap((one) => one.components));
    const named = [...needs.choices, ...cells.flatMap((one) => one.choices)];
    if (other !== entity) choices.set(other.slug, [...(choices.get(other.slug) ?? []), ...named]);
    const title = end
      ? `<a class="font-semibold text-ink hover:underline" href="/${context.entity(end.target!).slug}/{${row}.${end.column}}">{${row}.${labelOf(end)} ?? ${quoted(context.words.untitled)}}</a>`
      : `<a class="font-semibold text-ink hover:underline" href="/${other.slug}/{${row}.id}">{${titleExpression(context, other, display, row)}}</a>`;
    const add = end ? context.entity(end.target!).name : other.name;
    const several = pointers.filter((one) => one.entity === other).length > 1;
    const heads = [
      { label: end ? context.entity(end.target!).name : display.name, amount: false },
      ...columns.map((column) => ({ label: column.name, amount: isAmount(column) })),
      ...(end ? [{ label: '', amount: true }] : []),
    ];
    parts.sections.push(
      '',
      `<Related ${attribute('title', headingOf(context, other, field, end, several))} amount={data.${keyOf(pointer)}.length} href="/${other.slug}/new?${field.column}={${namesOf(entity).one}.id}&from=/${entity.slug}/{${namesOf(entity).one}.id}" ${attribute('action', context.words.add(add))} columns={[${heads.map((head) => `{ label: ${quoted(head.label)}, amount: ${head.amount} }`).join(', ')}]}>`,
      `  {#each data.${keyOf(pointer)} as ${row} (${row}.id)}`,
      '    <tr>',
      `      <td>${title}</td>`,
      ...columns.map((column, index) => `      ${cell(column, cells[index]!, row)}`),
      ...(end
        ? [
            `      <td class="amount"><a class="link" href="/${other.slug}/{${row}.id}" aria-label={${quoted(`${context.words.edit}: `)} + (${row}.${labelOf(end)} ?? '')}>${markup(context.words.edit)}</a></td>`,
          ]
        : []),
      '    </tr>',
      '  {/each}',
      '</Related>',
    );
  }
  if (pointers.length > 0) parts.components.push('Related');
  for (const [slug, names] of choices) parts.imports.push(namedImport(names, `#lib/${slug}.ts`));
  return parts;
}

function headingOf(context: Context, other: Entity, field: Field, end: Field | undefined, several: boolean): string {
  if (end) return context.entity(end.target!).plural;
  return several ? `${other.plural} (${field.name})` : other.plural;
}
