/** The tests that an app carries: its forms without a browser, its pages with one. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../../spec/fields.ts';
import { displayOf, namesOf } from '../names.ts';
import { sample, titleOf, wrongSample } from '../samples.ts';
import { file, lower, quoted, withArticle } from '../text.ts';

/** tests/<list>.test.ts and tests/browser/<list>.spec.ts */
export function testFiles(entity: Entity): [string, string][] {
  return [
    [`tests/${entity.slug}.test.ts`, formTests(entity)],
    [`tests/browser/${entity.slug}.spec.ts`, browserTests(entity)],
  ];
}

function formTests(entity: Entity): string {
  const { one, slug } = namesOf(entity);
  const required = entity.fields.filter((field) => field.required);
  const wrong = entity.fields.flatMap((field) => outside(field).map((value) => ({ field, value })));
  return file(
    "import { describe, expect, it } from 'vitest';",
    `import { ${one}Fields } from '#lib/${slug}.ts';`,
    "import { checkForm } from '#lib/validation.ts';",
    '',
    'const filled: Record<string, string> = {',
    ...entity.fields.map((field) => `  ${field.column}: ${quoted(formText(sample(field, 0)))},`),
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
      `    expect(check({ ${field.column}: ' ' })).toMatchObject({ errors: { ${field.column}: ${quoted(`${field.name} is missing.`)} } });`,
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

const formText = (value: string | boolean): string => (typeof value === 'string' ? value : value ? 'on' : '');

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
      return [];
    case 'choice':
      return ['something else'];
    default:
      return ['many', ...(field.max === undefined ? [] : [String(field.max + 1)])];
  }
}

function browserTests(entity: Entity): string {
  const display = displayOf(entity);
  const searched = display.type === 'text' || display.type === 'longtext';
  const wrong = wrongSample(entity);
  const filling = (round: number): string[] =>
    entity.fields.map((field) => {
      const value = sample(field, round);
      return `      ${field.column}: ${typeof value === 'string' ? quoted(value) : value},`;
    });
  const required = entity.fields.filter((field) => field.required && field.type !== 'rating');
  return file(
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
    `    title: ${quoted(titleOf(display, sample(display, 0)))},`,
    `    changedTitle: ${quoted(titleOf(display, sample(display, 1)))},`,
    '  }),',
    '];',
  );
}
