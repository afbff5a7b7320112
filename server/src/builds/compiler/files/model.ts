/** src/lib/<list>.ts: the fields of an entity, as the browser and the server both know them. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../../spec/fields.ts';
import { namesOf } from '../names.ts';
import { sortOptions } from '../sorting.ts';
import { file, key, quoted } from '../text.ts';

/** The name of the object that holds a choice's labels: `orderStatusChoices`. */
export function choicesName(entity: Entity, field: Field): string {
  const pascal = field.column.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
  return `${namesOf(entity).one}${pascal}Choices`;
}

/** src/lib/<list>.ts */
export function modelFile(entity: Entity): string {
  const { type, one } = namesOf(entity);
  const builders = [...new Set(entity.fields.map((field) => builderOf(field)))].sort();
  const choices = entity.fields.filter((field) => field.type === 'choice');
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
    ...entity.fields.map((field) => `  ${field.column}: ${schemaOf(entity, field)},`),
    '});',
    '',
    `export type ${type}Values = z.output<typeof ${one}Fields>;`,
    `export type ${type} = ${type}Values & { id: string; created_at: Date; updated_at: Date };`,
    '',
    '/** How the list can be sorted. The first is how it starts. */',
    `export const ${one}Sorts = [`,
    ...sortOptions(entity).map((option) => `  { value: ${quoted(option.value)}, label: ${quoted(option.label)} },`),
    '] as const satisfies SortOption[];',
  );
}

function builderOf(field: Field): string {
  if (field.type === 'longtext') return 'text';
  return field.type === 'boolean' ? 'checkbox' : field.type;
}

function schemaOf(entity: Entity, field: Field): string {
  if (field.type === 'boolean') return 'checkbox()';
  const rules: string[] = [];
  if (field.required) rules.push('required: true');
  if (field.type === 'text' || field.type === 'longtext') rules.push(`max: ${maxLengthOf(field)}`);
  if (field.type === 'rating') rules.push(`max: ${starsOf(field)}`);
  if (field.type === 'number' || field.type === 'integer') {
    if (field.min !== undefined) rules.push(`min: ${field.min}`);
    if (field.max !== undefined) rules.push(`max: ${field.max}`);
  }
  const label = quoted(field.name);
  const object = rules.length > 0 ? `{ ${rules.join(', ')} }` : '{}';
  return field.type === 'choice'
    ? `choice(${label}, ${choicesName(entity, field)}, ${object})`
    : `${builderOf(field)}(${label}, ${object})`;
}
