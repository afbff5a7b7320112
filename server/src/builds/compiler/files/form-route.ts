/** The form of an entity, and the two pages that use it: to add one and to change one. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../../spec/fields.ts';
import { componentImports, namedImport, titleExpression, titleNeeds } from '../cells.ts';
import { displayOf, namesOf } from '../names.ts';
import { attribute, file, lower, markup, quoted, slot, template } from '../text.ts';
import { choicesName } from './model.ts';

const components: Record<Field['type'], string> = {
  text: 'TextField',
  longtext: 'LongTextField',
  number: 'NumberField',
  integer: 'NumberField',
  boolean: 'CheckboxField',
  date: 'DateField',
  choice: 'ChoiceField',
  rating: 'RatingField',
};

/** src/routes/<list>/<Type>Form.svelte, new/ and [id]/edit/ */
export function formRoute(entity: Entity): [string, string][] {
  const route = `src/routes/${entity.slug}`;
  return [
    [`${route}/${namesOf(entity).type}Form.svelte`, form(entity)],
    [`${route}/new/+page.server.ts`, create(entity)],
    [`${route}/new/+page.svelte`, newPage(entity)],
    [`${route}/[id]/edit/+page.server.ts`, update(entity)],
    [`${route}/[id]/edit/+page.svelte`, editPage(entity)],
  ];
}

function form(entity: Entity): string {
  const { one, slug } = namesOf(entity);
  const choices = entity.fields.filter((field) => field.type === 'choice').map((field) => choicesName(entity, field));
  return file(
    '<script lang="ts">',
    namedImport([`${one}Fields`, ...choices], `#lib/${slug}.ts`),
    ...componentImports(['Form', ...entity.fields.map((field) => components[field.type])]),
    "  import type { Entered, Errors } from '#lib/validation.ts';",
    '',
    '  interface Props {',
    '    entered: Entered;',
    '    errors?: Errors;',
    '    submit: string;',
    '    cancel: string;',
    '  }',
    '  let { entered, errors, submit, cancel }: Props = $props();',
    '</script>',
    '',
    `<Form schema={${one}Fields} {entered} {errors} {submit} {cancel}>`,
    '  {#snippet children(field)}',
    ...entity.fields.map((field) => `    ${fieldMarkup(entity, field)}`),
    '  {/snippet}',
    '</Form>',
  );
}

function fieldMarkup(entity: Entity, field: Field): string {
  const more: string[] = [];
  if (field.required) more.push('required');
  if (field.type === 'text' || field.type === 'longtext') more.push(`maxlength={${maxLengthOf(field)}}`);
  if (field.type === 'rating') more.push(`max={${starsOf(field)}}`);
  if (field.type === 'choice') more.push(`choices={${choicesName(entity, field)}}`);
  if (field.type === 'number' || field.type === 'integer') {
    if (field.min !== undefined) more.push(`min={${field.min}}`);
    if (field.max !== undefined) more.push(`max={${field.max}}`);
    if (field.type === 'integer') more.push('step={1}');
  }
  const parts = [attribute('label', field.name), `{...field('${field.column}')}`, ...more];
  return `<${components[field.type]} ${parts.join(' ')} />`;
}

/** The catch of a write: a value that another row has already is shown at its field. */
function takenLines(entity: Entity, indent: string): string[] {
  const unique = entity.fields.filter((field) => field.unique);
  if (unique.length === 0) return [];
  return [
    `${indent}const column = takenColumn(error, '${namesOf(entity).table}');`,
    `${indent}if (!column) throw error;`,
    `${indent}return fail(409, { entered: enteredFrom(checked.values), errors: { [column]: 'This is taken already.' } });`,
  ];
}

function saving(entity: Entity, statement: string): string[] {
  const taken = takenLines(entity, '      ');
  if (taken.length === 0) return [`    ${statement}`];
  return ['    try {', `      ${statement}`, '    } catch (error) {', ...taken, '    }'];
}

function create(entity: Entity): string {
  const { type, one, slug } = namesOf(entity);
  const unique = entity.fields.some((field) => field.unique);
  const defaults = entity.fields.filter((field) => field.default !== undefined && field.default !== false);
  return file(
    "import { fail, redirect } from '@sveltejs/kit';",
    `import { ${one}Fields } from '#lib/${slug}.ts';`,
    `import { create${type} } from '#lib/server/${slug}.ts';`,
    unique && "import { takenColumn } from '#lib/server/db.ts';",
    "import { setFlash } from '#lib/server/flash.ts';",
    `import { checkForm${unique ? ', enteredFrom' : ''} } from '#lib/validation.ts';`,
    `import type { Actions${defaults.length > 0 ? ', PageServerLoad' : ''} } from './$types';`,
    '',
    ...(defaults.length > 0
      ? [
          '/** What the form starts with. */',
          'export const load: PageServerLoad = () => ({',
          '  entered: {',
          ...defaults.map((field) => `    ${field.column}: ${defaultExpression(field)},`),
          '  },',
          '});',
          '',
        ]
      : []),
    'export const actions: Actions = {',
    '  default: async ({ request, cookies }) => {',
    `    const checked = checkForm(${one}Fields, await request.formData());`,
    '    if (!checked.ok) return fail(400, { entered: checked.entered, errors: checked.errors });',
    ...saving(entity, `await create${type}(checked.values);`),
    `    setFlash(cookies, ${quoted(`The ${lower(entity.name)} was added.`)});`,
    `    redirect(303, '/${slug}');`,
    '  },',
    '};',
  );
}

function defaultExpression(field: Field): string {
  if (field.type === 'boolean') return "'on'";
  if (field.type === 'date' && field.default === 'today') return 'new Date().toISOString().slice(0, 10)';
  return quoted(String(field.default));
}

function newPage(entity: Entity): string {
  const { type, slug } = namesOf(entity);
  const defaults = entity.fields.some((field) => field.default !== undefined && field.default !== false);
  const heading = `Add ${/^[aeiou]/i.test(entity.name) ? 'an' : 'a'} ${lower(entity.name)}`;
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    `  import ${type}Form from '../${type}Form.svelte';`,
    '',
    `  let { ${defaults ? 'data, ' : ''}form } = $props();`,
    '</script>',
    '',
    '<svelte:head>',
    `  <title>${markup(heading)} · {title}</title>`,
    '</svelte:head>',
    '',
    `<h1 class="mb-6 text-2xl font-bold">${markup(heading)}</h1>`,
    '',
    `<${type}Form`,
    `  entered={form?.entered ?? ${defaults ? 'data.entered' : '{}'}}`,
    '  errors={form?.errors}',
    `  ${attribute('submit', `Add ${lower(entity.name)}`)}`,
    `  cancel="/${slug}"`,
    '/>',
  );
}

function update(entity: Entity): string {
  const { type, one, slug } = namesOf(entity);
  const unique = entity.fields.some((field) => field.unique);
  return file(
    "import { error as httpError, fail, redirect } from '@sveltejs/kit';",
    `import { ${one}Fields } from '#lib/${slug}.ts';`,
    unique && "import { takenColumn } from '#lib/server/db.ts';",
    "import { setFlash } from '#lib/server/flash.ts';",
    `import { update${type} } from '#lib/server/${slug}.ts';`,
    `import { checkForm${unique ? ', enteredFrom' : ''} } from '#lib/validation.ts';`,
    "import type { Actions } from './$types';",
    '',
    'export const actions: Actions = {',
    '  default: async ({ params, request, cookies }) => {',
    `    const checked = checkForm(${one}Fields, await request.formData());`,
    '    if (!checked.ok) return fail(400, { entered: checked.entered, errors: checked.errors });',
    ...(unique ? ['    let found = false;'] : []),
    ...saving(entity, `${unique ? '' : 'const '}found = await update${type}(params.id, checked.values);`),
    '    if (!found) httpError(404);',
    "    setFlash(cookies, 'The changes were saved.');",
    `    redirect(303, ${template(`/${slug}/${slot('params.id')}`)});`,
    '  },',
    '};',
  );
}

function editPage(entity: Entity): string {
  const { type, one, slug } = namesOf(entity);
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    namedImport(needs.choices, `#lib/${slug}.ts`),
    namedImport(needs.functions, '#lib/format.ts'),
    "  import { enteredFrom } from '#lib/validation.ts';",
    `  import ${type}Form from '../../${type}Form.svelte';`,
    '',
    '  let { data, form } = $props();',
    '',
    `  const ${one} = $derived(data.${one});`,
    '</script>',
    '',
    '<svelte:head>',
    `  <title>${markup(`Edit ${lower(entity.name)}`)} · {title}</title>`,
    '</svelte:head>',
    '',
    `<h1 class="mb-6 text-2xl font-bold">Edit {${titleExpression(entity, display, one)}}</h1>`,
    '',
    `<${type}Form`,
    `  entered={form?.entered ?? enteredFrom(${one})}`,
    '  errors={form?.errors}',
    '  submit="Save changes"',
    `  cancel="/${slug}/{${one}.id}"`,
    '/>',
  );
}
