/** src/lib/<list>.ts: the fields of an entity, as the browser and the server both know them. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../../spec/fields.ts';
import { isStored, isTextual } from '../../spec/kinds.ts';
import type { Context } from '../context.ts';
import { labelOf, namesOf, storedFields } from '../names.ts';
import { sortOptions } from '../sorting.ts';
import { file, key, quoted } from '../text.ts';

/** The name of the object that holds a choice's labels: `orderStatusChoices`. */
export function choicesName(entity: Entity, field: Field): string {
  const pascal = field.column.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
  return `${namesOf(entity).one}${pascal}Choices`;
}

/** src/lib/<list>.ts */
export function modelFile(context: Context, entity: Entity): string {
  const { type, one } = namesOf(entity);
  const fields = storedFields(entity);
  const builders = [...new Set(fields.map((field) => builders_[field.type] ?? field.type))].sort();
  const choices = fields.filter((field) => field.type === 'choice');
  const more = [
    'id: string;',
    ...entity.fields.filter((field) => field.type === 'reference').map((field) => `${labelOf(field)}: string | null;`),
    ...entity.fields.filter((field) => !isStored(field)).map((field) => `${field.column}: number | null;`),
    'created_at: Date;',
    'updated_at: Date;',
  ];
  return file(
    "import { z } from 'zod';",
    `import { ${builders.join(', ')} } from './fields.ts';`,
    "import type { SortOption } from './list-query.ts';",
    '',
    ...choices.flatMap((field) => [
      `export const ${choicesName(entity, field)} = {`,
      ...field.choices!.map((choice) => `  ${key(choice.value)}: ${quoted(choice.label)},`),
      '};',
      '',
    ]),
    `/** What the form of \`${type}\` asks for, and what is right and wrong about it. */`,
    `export const ${one}Fields = z.object({`,
    ...fields.map((field) => `  ${field.column}: ${schemaOf(entity, field)},`),
    '});',
    '',
    `export type ${type}Values = z.output<typeof ${one}Fields>;`,
    `export type ${type} = ${type}Values & {`,
    ...more.map((line) => `  ${line}`),
    '};',
    '',
    '/** How the list can be sorted. The first is how it starts. */',
    `export const ${one}Sorts = [`,
    ...sortOptions(context, entity).map(
      (option) => `  { value: ${quoted(option.value)}, label: ${quoted(option.label)} },`,
    ),
    '] as const satisfies SortOption[];',
  );
}

/** The function of `fields.ts` that reads a type, where it has another name. */
const builders_: Partial<Record<Field['type'], string>> = {
  longtext: 'text',
  boolean: 'checkbox',
  money: 'amount',
  percent: 'amount',
  image: 'upload',
  file: 'upload',
};

function schemaOf(entity: Entity, field: Field): string {
  if (field.type === 'boolean') return 'checkbox()';
  const rules: string[] = [];
  if (field.required) rules.push('required: true');
  if (isTextual(field)) rules.push(`max: ${maxLengthOf(field)}`);
  if (field.type === 'rating') rules.push(`max: ${starsOf(field)}`);
  else {
    if (field.min !== undefined) rules.push(`min: ${field.min}`);
    else if (field.type === 'duration') rules.push('min: 0');
    if (field.max !== undefined) rules.push(`max: ${field.max}`);
  }
  const label = quoted(field.name);
  const object = rules.length > 0 ? `{ ${rules.join(', ')} }` : '{}';
  return field.type === 'choice'
    ? `choice(${label}, ${choicesName(entity, field)}, ${object})`
    : `${builders_[field.type] ?? field.type}(${label}, ${object})`;
}
