/** The tests that an app carries: its forms without a browser, its pages with one. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../../spec/fields.ts';
import { isNumeric, isStored, isTextual, isUpload } from '../../spec/kinds.ts';
import type { Context } from '../context.ts';
import { displayOf, namesOf } from '../names.ts';
import { FIRST, filledFields, sample, wrongSample } from '../samples.ts';
import { file, lower, quoted, withArticle } from '../text.ts';

/** tests/<list>.test.ts and tests/browser/<list>.spec.ts */
export function testFiles(context: Context, entity: Entity): [string, string][] {
  const files: [string, string][] = [[`tests/${entity.slug}.test.ts`, formTests(context, entity)]];
  // what ties two others together is driven on their pages
  if (!entity.link && displayOf(entity).type !== 'reference')
    files.push([`tests/browser/${entity.slug}.spec.ts`, browserTests(context, entity)]);
  return files;
}

const ID = '00000000-0000-7000-8000-000000000001';

function formTests({ words }: Context, entity: Entity): string {
  const { one, slug } = namesOf(entity);
  const fields = entity.fields.filter(isStored);
  const required = fields.filter((field) => field.required);
  const wrong = fields.flatMap((field) => outside(field).map((value) => ({ field, value })));
  return file(
    "import { describe, expect, it } from 'vitest';",
    `import { ${one}Fields } from '#lib/${slug}.ts';`,
    "import { checkForm } from '#lib/validation.ts';",
    '',
    'const filled: Record<string, string> = {',
    ...fields.map((field) => `  ${field.column}: ${quoted(isUpload(field) ? ID : formText(sample(field, 0)))},`),
    '};',
    '',
    'function check(changes: Record<string, string> = {}) {',
    '  const form = new FormData();',
    '  for (const [name, value] of Object.entries({ ...filled, ...changes })) form.set(name, value);',
    `  return checkForm(${one}Fields, form);`,
    '}',
    '',
    `describe(${quoted(`the form of ${withArticle(entity.name)}`)}, () => {`,
    "  it('takes what is filled in well', () => {",
    '    expect(check()).toMatchObject({ ok: true });',
    '  });',
    ...required.flatMap((field) => [
      '',
      `  it(${quoted(`says that ${lower(field.name)} is missing`)}, () => {`,
      `    expect(check({ ${field.column}: ' ' })).toMatchObject({ errors: { ${field.column}: ${quoted(words.missing(field.name))} } });`,
      '  });',
    ]),
    ...wrong.flatMap(({ field, value }) => [
      '',
      `  it(${quoted(`refuses ${value.length > 20 ? 'too long a text' : value} as ${lower(field.name)} and keeps what was typed`)}, () => {`,
      `    const value = ${value.length > 20 ? `'x'.repeat(${value.length})` : quoted(value)};`,
      `    const result = check({ ${field.column}: value });`,
      `    expect(result).toMatchObject({ ok: false, entered: { ${field.column}: value } });`,
      `    expect(result).toHaveProperty('errors.${field.column}');`,
      '  });',
    ]),
    '});',
  );
}

const formText = (value: string | boolean): string =>
  value === FIRST ? ID : typeof value === 'string' ? value : value ? 'on' : '';

/** Values that a field refuses. */
function outside(field: Field): string[] {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return ['x'.repeat(Math.max(21, maxLengthOf(field) + 1))];
    case 'rating':
      return [String(starsOf(field) + 1)];
    case 'date':
      return ['2026-02-30'];
    case 'boolean':
    case 'computed':
      return [];
    case 'url':
      return ['javascript:alert(1)'];
    case 'datetime':
      return ['2026-02-30T10:00'];
    case 'time':
      return ['25:00'];
    case 'choice':
      return ['something else'];
    default:
      return ['many', ...(isNumeric(field) && field.max !== undefined ? [String(field.max + 1)] : [])];
  }
}

function browserTests(context: Context, entity: Entity): string {
  const display = displayOf(entity);
  const searched = isTextual(display);
  const before = rowsBefore(context, entity, []);
  const wrong = wrongSample(entity);
  const filling = (round: number): string[] =>
    filledFields(entity).map((field) => {
      const value = sample(field, round);
      return `      ${field.column}: ${typeof value === 'string' ? quoted(value) : value},`;
    });
  const required = entity.fields.filter((field) => field.required && field.type !== 'rating' && !isUpload(field));
  return file(
    display.type === 'date' && "import { formatDate } from '#lib/format.ts';",
    display.type === 'datetime' && "import { formatMoment } from '#lib/format.ts';",
    "import { listChecks } from './list-checks.ts';",
    '',
    'export const checks = [',
    '  ...listChecks({',
    `    href: '/${entity.slug}',`,
    `    display: '${display.column}',`,
    `    searched: ${searched},`,
    `    required: [${required.map((field) => `'${field.column}'`).join(', ')}],`,
    '    filled: {',
    ...filling(0),
    '    },',
    '    changed: {',
    ...filling(1),
    '    },',
    wrong !== undefined &&
      `    wrong: { filling: { ${wrong.field.column}: ${quoted(wrong.value)} }, field: '${wrong.field.column}' },`,
    `    one: ${quoted(entity.name)},`,
    `    title: ${titleOf(display, sample(display, 0))},`,
    `    changedTitle: ${titleOf(display, sample(display, 1))},`,
    ...(before.length > 0
      ? [
          '    before: [',
          ...before.map((other) => `      { href: '/${other.slug}', filled: { ${filling_(other)} } },`),
          '    ],',
        ]
      : []),
    '  }),',
    '];',
  );
}

/** Entities of which a row must be there before one of this can be added, in order. */
function rowsBefore(context: Context, entity: Entity, above: string[]): Entity[] {
  const needed = entity.fields.filter((field) => field.type === 'reference' && field.required);
  const found: Entity[] = [];
  for (const field of needed) {
    const target = context.entity(field.target!);
    if (target.id === entity.id || above.includes(target.id)) continue;
    for (const other of [...rowsBefore(context, target, [...above, entity.id]), target])
      if (!found.includes(other)) found.push(other);
  }
  return found;
}

const filling_ = (entity: Entity): string =>
  filledFields(entity)
    .map((field) => {
      const value = sample(field, 0);
      return `${field.column}: ${typeof value === 'string' ? quoted(value) : value}`;
    })
    .join(', ');

/** What the list calls a row with this value of the field that stands for it, as an expression. */
function titleOf(field: Field, value: string | boolean): string {
  if (field.type === 'choice') return quoted(field.choices!.find((choice) => choice.value === value)!.label);
  if (field.type === 'date') return `formatDate(${quoted(String(value))})`;
  if (field.type === 'datetime') return `formatMoment(${quoted(String(value))})`;
  return quoted(String(value));
}
