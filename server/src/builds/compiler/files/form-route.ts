/** The form of an entity, and the two pages that use it: to add one and to change one. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../../spec/fields.ts';
import { hasLength, isUpload } from '../../spec/kinds.ts';
import { componentImports, namedImport } from '../cells.ts';
import type { Context } from '../context.ts';
import { namesOf, storedFields } from '../names.ts';
import { attribute, file, markup, quoted, slot, template } from '../text.ts';
import { choicesName } from './model.ts';
import { optionsName } from './queries.ts';
import { rowHead } from './row-head.ts';
import { limitedFields } from './rules.ts';

const components: Record<Exclude<Field['type'], 'computed'>, string> = {
  text: 'TextField',
  longtext: 'LongTextField',
  email: 'TextField',
  phone: 'TextField',
  url: 'TextField',
  number: 'NumberField',
  integer: 'NumberField',
  money: 'AmountField',
  percent: 'AmountField',
  duration: 'AmountField',
  boolean: 'CheckboxField',
  date: 'DateField',
  datetime: 'DateField',
  time: 'DateField',
  choice: 'ChoiceField',
  rating: 'RatingField',
  image: 'UploadField',
  file: 'UploadField',
  reference: 'ReferenceField',
};
const componentOf = (field: Field): string => components[field.type as keyof typeof components];

/** src/routes/<list>/<Type>Form.svelte, new/ and [id]/edit/ */
export function formRoute(context: Context, entity: Entity): [string, string][] {
  const route = `src/routes/${entity.slug}`;
  return [
    [`${route}/${namesOf(entity).type}Form.svelte`, form(context, entity)],
    [`${route}/new/+page.server.ts`, create(context, entity)],
    [`${route}/new/+page.svelte`, newPage(context, entity)],
    [`${route}/[id]/edit/+page.server.ts`, update(context, entity)],
    [`${route}/[id]/edit/+page.svelte`, editPage(context, entity)],
  ];
}

const referencesOf = (entity: Entity): Field[] => entity.fields.filter((field) => field.type === 'reference');
const uploadsOf = (entity: Entity): Field[] => entity.fields.filter(isUpload);

function form(context: Context, entity: Entity): string {
  const { one, slug } = namesOf(entity);
  const fields = storedFields(entity);
  const choices = fields.filter((field) => field.type === 'choice').map((field) => choicesName(entity, field));
  const references = referencesOf(entity);
  const options = references.length > 0;
  const limits = limitedFields(context, entity).length > 0;
  return file(
    '<script lang="ts">',
    namedImport([`${one}Fields`, ...choices], `#lib/${slug}.ts`),
    ...componentImports(['Form', ...fields.map(componentOf)]),
    "  import type { Entered, Errors } from '#lib/validation.ts';",
    '',
    '  interface Props {',
    '    entered: Entered;',
    '    errors?: Errors;',
    ...(options
      ? [
          `    options: Record<${references.map((field) => `'${field.column}'`).join(' | ')}, { value: string; label: string }[]>;`,
        ]
      : []),
    limits && '    /** what the person does not see */',
    limits && '    hidden: string[];',
    '    submit: string;',
    '    cancel: string;',
    '  }',
    `  let { entered, errors, ${options ? 'options, ' : ''}${limits ? 'hidden, ' : ''}submit, cancel }: Props = $props();`,
    '</script>',
    '',
    `<Form schema={${one}Fields} {entered} {errors} {submit} {cancel}${uploadsOf(entity).length > 0 ? ' files' : ''}>`,
    '  {#snippet children(field)}',
    ...fields.map((field) => {
      const made = fieldMarkup(context, entity, field);
      return limits && field.roles?.length
        ? `    {#if !hidden.includes('${field.column}')}${made}{/if}`
        : `    ${made}`;
    }),
    '  {/snippet}',
    '</Form>',
  );
}

const inputTypes: Partial<Record<Field['type'], string>> = {
  email: 'email',
  phone: 'tel',
  url: 'url',
  datetime: 'datetime-local',
  time: 'time',
};

function fieldMarkup(context: Context, entity: Entity, field: Field): string {
  const more: string[] = [];
  if (field.required && field.type !== 'boolean') more.push('required');
  if (inputTypes[field.type]) more.push(`type="${inputTypes[field.type]}"`);
  if (hasLength(field) || ['email', 'phone', 'url'].includes(field.type))
    more.push(`maxlength={${maxLengthOf(field)}}`);
  if (field.type === 'rating') more.push(`max={${starsOf(field)}}`);
  if (field.type === 'choice') more.push(`choices={${choicesName(entity, field)}}`);
  if (field.type === 'money') more.push(`${attribute('unit', field.currency!)} cents`);
  if (field.type === 'percent') more.push('unit="%"');
  if (field.type === 'duration') more.push(`${attribute('unit', context.words.hours)} clock`);
  if (field.type === 'image') more.push('picture');
  if (field.type === 'reference') {
    const target = context.entity(field.target!);
    more.push(`options={options.${field.column}} href="/${target.slug}/new" ${attribute('one', target.name)}`);
  }
  if (field.type === 'number' || field.type === 'integer') {
    if (field.min !== undefined) more.push(`min={${field.min}}`);
    if (field.max !== undefined) more.push(`max={${field.max}}`);
    if (field.type === 'integer') more.push('step={1}');
  }
  const parts = [attribute('label', field.name), `{...field('${field.column}')}`, ...more];
  return `<${componentOf(field)} ${parts.join(' ')} />`;
}

/** What is loaded for the references of a form: what each can choose from. */
function optionLines(context: Context, entity: Entity): { imports: string[]; property: string[] } {
  const references = referencesOf(entity);
  const targets = new Map(references.map((field) => [field.target!, context.entity(field.target!)]));
  return {
    imports: [
      ...(limitedFields(context, entity).length > 0 ? ["import { hiddenColumns } from '#lib/server/access.ts';"] : []),
      ...[...targets.values()].map(
        (target) => `import { ${optionsName(target)} } from '#lib/server/${target.slug}.ts';`,
      ),
    ],
    property: [
      ...(limitedFields(context, entity).length > 0 ? [`    hidden: hiddenColumns('${entity.slug}'),`] : []),
      ...(references.length === 0
        ? []
        : [
            '    options: {',
            ...references.map((field) => `      ${field.column}: await ${optionsName(targets.get(field.target!)!)}(),`),
            '    },',
          ]),
    ],
  };
}

/** The lines that read and check a form, uploads included. */
function checkLines(entity: Entity): string[] {
  const { one } = namesOf(entity);
  const uploads = uploadsOf(entity);
  if (uploads.length === 0)
    return [
      `    const checked = checkForm(${one}Fields, await request.formData());`,
      '    if (!checked.ok) return fail(400, { entered: checked.entered, errors: checked.errors });',
    ];
  return [
    '    const form = await request.formData();',
    '    const uploaded = await storeUploads(form, {',
    ...uploads.map(
      (field) => `      ${field.column}: { label: ${quoted(field.name)}, picture: ${field.type === 'image'} },`,
    ),
    '    });',
    `    const checked = checkForm(${one}Fields, form);`,
    '    if (!checked.ok) return fail(400, { entered: checked.entered, errors: { ...checked.errors, ...uploaded } });',
    '    if (Object.keys(uploaded).length > 0)',
    '      return fail(400, { entered: enteredFrom(checked.values), errors: uploaded });',
  ];
}

/** The catch of a write: a value that another row has already, or a row that is gone, is shown at its field. */
function saving(context: Context, entity: Entity, statement: string): string[] {
  const unique = isUnique(entity);
  const references = referencesOf(entity);
  if (!unique && references.length === 0) return [`    ${statement}`];
  const entered = 'entered: enteredFrom(checked.values)';
  return [
    '    try {',
    `      ${statement}`,
    '    } catch (error) {',
    ...(references.length > 0
      ? [
          `      if (isTied(error)) return fail(409, { ${entered}, errors: { ${references[0]!.column}: ${quoted(context.words.notThere)} } as Errors });`,
        ]
      : []),
    ...(entity.link
      ? [
          `      if (takenColumn(error, '${namesOf(entity).table}') === 'pair') return fail(409, { ${entered}, errors: { ${references[1]!.column}: ${quoted(context.words.tied)} } as Errors });`,
        ]
      : []),
    ...(unique
      ? [
          `      const column = takenColumn(error, '${namesOf(entity).table}');`,
          '      if (!column) throw error;',
          `      return fail(409, { ${entered}, errors: { [column]: ${quoted(context.words.taken)} } as Errors });`,
        ]
      : ['      throw error;']),
    '    }',
  ];
}

const isUnique = (entity: Entity): boolean => entity.fields.some((field) => field.unique);

/** The imports that reading, checking and saving a form need. */
function actionImports(entity: Entity, write: string): (string | false)[] {
  const { one, slug } = namesOf(entity);
  const caught = isUnique(entity) || entity.link;
  const tied = referencesOf(entity).length > 0;
  const uploads = uploadsOf(entity).length > 0;
  const fromDb = [...(tied ? ['isTied'] : []), ...(caught ? ['takenColumn'] : [])];
  return [
    `import { ${one}Fields } from '#lib/${slug}.ts';`,
    `import { ${write} } from '#lib/server/${slug}.ts';`,
    fromDb.length > 0 && `import { ${fromDb.join(', ')} } from '#lib/server/db.ts';`,
    uploads && "import { storeUploads } from '#lib/server/files.ts';",
    "import { setFlash } from '#lib/server/flash.ts';",
    `import { checkForm${caught || tied ? ', type Errors' : ''}${caught || tied || uploads ? ', enteredFrom' : ''} } from '#lib/validation.ts';`,
  ];
}

function create(context: Context, entity: Entity): string {
  const { type, slug } = namesOf(entity);
  const defaults = entity.fields.filter((field) => field.default !== undefined && field.default !== false);
  const references = referencesOf(entity);
  const options = optionLines(context, entity);
  const loads = defaults.length > 0 || options.property.length > 0;
  return file(
    "import { fail, redirect } from '@sveltejs/kit';",
    ...options.imports.filter((line) => !line.includes(`'#lib/server/${slug}.ts'`)),
    ...actionImports(entity, [`create${type}`, ...(referencesItself(entity) ? [optionsName(entity)] : [])].join(', ')),
    references.length > 0 && "import { localPath } from '#lib/local-path.ts';",
    `import type { Actions${loads ? ', PageServerLoad' : ''} } from './$types';`,
    '',
    ...(loads
      ? [
          '/** What the form starts with. */',
          `export const load: PageServerLoad = ${references.length > 0 ? 'async ({ url }) => ({' : '() => ({'}`,
          '  entered: {',
          ...defaults.map((field) => `    ${field.column}: ${defaultExpression(field)},`),
          ...references.map((field) => `    ${field.column}: url.searchParams.get('${field.column}') ?? '',`),
          '  },',
          ...options.property.map((line) => line.slice(2)),
          ...(references.length > 0 ? [`  back: localPath(url.searchParams.get('from')) ?? '/${slug}',`] : []),
          '});',
          '',
        ]
      : []),
    'export const actions: Actions = {',
    `  default: async ({ request, cookies${references.length > 0 ? ', url' : ''} }) => {`,
    ...checkLines(entity),
    ...saving(context, entity, `await create${type}(checked.values);`),
    `    setFlash(cookies, ${quoted(context.words.wasAdded(entity.name))});`,
    references.length > 0
      ? `    redirect(303, localPath(url.searchParams.get('from')) ?? '/${slug}');`
      : `    redirect(303, '/${slug}');`,
    '  },',
    '};',
  );
}

const referencesItself = (entity: Entity): boolean => referencesOf(entity).some((field) => field.target === entity.id);

function defaultExpression(field: Field): string {
  if (field.type === 'boolean') return "'on'";
  if (field.type === 'date' && field.default === 'today') return 'new Date().toISOString().slice(0, 10)';
  if (field.type === 'datetime' && field.default === 'now') return 'new Date().toISOString().slice(0, 16)';
  if (field.type === 'time' && field.default === 'now') return 'new Date().toISOString().slice(11, 16)';
  return quoted(String(field.default));
}

function newPage(context: Context, entity: Entity): string {
  const { words } = context;
  const { type, slug } = namesOf(entity);
  const references = referencesOf(entity).length > 0;
  const limits = limitedFields(context, entity).length > 0;
  const loads =
    references || limits || entity.fields.some((field) => field.default !== undefined && field.default !== false);
  const heading = words.add(entity.name);
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    `  import ${type}Form from '../${type}Form.svelte';`,
    '',
    `  let { ${loads ? 'data, ' : ''}form } = $props();`,
    '</script>',
    '',
    '<svelte:head>',
    `  <title>${markup(heading)} · {title}</title>`,
    '</svelte:head>',
    '',
    `<h1 class="mb-6 text-2xl font-bold">${markup(heading)}</h1>`,
    '',
    `<${type}Form`,
    `  entered={form?.entered ?? ${loads ? 'data.entered' : '{}'}}`,
    '  errors={form?.errors}',
    references && '  options={data.options}',
    limits && '  hidden={data.hidden}',
    `  ${attribute('submit', words.addThis(entity.name))}`,
    references ? '  cancel={data.back}' : `  cancel="/${slug}"`,
    '/>',
  );
}

function update(context: Context, entity: Entity): string {
  const { type, slug } = namesOf(entity);
  const caught = isUnique(entity) || referencesOf(entity).length > 0;
  const options = optionLines(context, entity);
  const loads = options.property.length > 0;
  return file(
    "import { error as httpError, fail, redirect } from '@sveltejs/kit';",
    ...options.imports.filter((line) => !line.includes(`'#lib/server/${slug}.ts'`)),
    ...actionImports(entity, [...(referencesItself(entity) ? [optionsName(entity)] : []), `update${type}`].join(', ')),
    `import type { Actions${loads ? ', PageServerLoad' : ''} } from './$types';`,
    '',
    ...(loads
      ? [
          'export const load: PageServerLoad = async () => ({',
          ...options.property.map((line) => line.slice(2)),
          '});',
          '',
        ]
      : []),
    'export const actions: Actions = {',
    '  default: async ({ params, request, cookies }) => {',
    ...checkLines(entity),
    ...(caught ? ['    let found = false;'] : []),
    ...saving(context, entity, `${caught ? '' : 'const '}found = await update${type}(params.id, checked.values);`),
    '    if (!found) httpError(404);',
    `    setFlash(cookies, ${quoted(context.words.wasSaved)});`,
    `    redirect(303, ${template(`/${slug}/${slot('params.id')}`)});`,
    '  },',
    '};',
  );
}

function editPage(context: Context, entity: Entity): string {
  const { words } = context;
  const { type, one, slug } = namesOf(entity);
  const head = rowHead(context, entity);
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    ...head.imports,
    "  import { enteredFrom } from '#lib/validation.ts';",
    `  import ${type}Form from '../../${type}Form.svelte';`,
    '',
    '  let { data, form } = $props();',
    '',
    ...head.lines,
    '</script>',
    '',
    '<svelte:head>',
    `  <title>${markup(words.editOne(entity.name))} · {title}</title>`,
    '</svelte:head>',
    '',
    `<h1 class="mb-6 text-2xl font-bold">${markup(words.edit)}: {name}</h1>`,
    '',
    `<${type}Form`,
    `  entered={form?.entered ?? enteredFrom(${one})}`,
    '  errors={form?.errors}',
    referencesOf(entity).length > 0 && '  options={data.options}',
    limitedFields(context, entity).length > 0 && '  hidden={data.hidden}',
    `  ${attribute('submit', words.save)}`,
    `  cancel="/${slug}/{${one}.id}"`,
    '/>',
  );
}
