/** How a list can be sorted: which direction makes sense first for a type, how people call both, and the SQL behind it. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { isDay, isTextual } from '../spec/kinds.ts';
import type { Context } from './context.ts';
import { labelOf, sortedFields } from './names.ts';

type Sense = 'number' | 'date' | 'text' | 'choice' | 'yes';

function senseOf(field: Field): Sense {
  if (isTextual(field) || field.type === 'reference') return 'text';
  if (isDay(field) || field.type === 'time') return 'date';
  if (field.type === 'boolean') return 'yes';
  return field.type === 'choice' ? 'choice' : 'number';
}

/** `title`, but `-rating`: the direction to start with. */
export const firstSort = (field: Field): string =>
  `${['number', 'date', 'yes'].includes(senseOf(field)) && field.type !== 'time' ? '-' : ''}${field.column}`;

/** Everything that an entity's list can be sorted by, as values and labels. The first is how it starts. */
export function sortOptions({ words }: Context, entity: Entity): { value: string; label: string }[] {
  const options = [
    { value: '-created_at', label: words.newest },
    { value: 'created_at', label: words.oldest },
  ];
  for (const field of sortedFields(entity)) {
    const sense = senseOf(field);
    const both = [
      { value: field.column, label: `${field.name}, ${words.ascending[sense]}` },
      { value: `-${field.column}`, label: `${field.name}, ${words.descending[sense]}` },
    ];
    options.push(...(firstSort(field).startsWith('-') ? both.reverse() : both));
  }
  const first = startSort(entity);
  return [...options.filter((option) => option.value === first), ...options.filter((option) => option.value !== first)];
}

/** How the list starts: as the spec says, else the newest first. */
export function startSort(entity: Entity): string {
  const field = entity.fields.find((one) => one.id === entity.sort?.field);
  return field ? `${entity.sort!.descending ? '-' : ''}${field.column}` : '-created_at';
}

/** What Postgres sorts by: words without regard to case, choices in the order in which they were named. */
export function orderExpression(field: Field): string {
  if (isTextual(field)) return `lower(${field.column})`;
  // a name that the SELECT gives stands alone in ORDER BY
  if (field.type === 'reference') return labelOf(field);
  if (field.type !== 'choice') return field.column;
  const values = field.choices!.map((choice) => `'${choice.value}'`).join(', ');
  return `array_position(ARRAY[${values}], ${field.column})`;
}
