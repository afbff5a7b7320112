/** How a list can be sorted: which direction makes sense first for a type, how people call both, and the SQL behind it. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { sortedFields } from './names.ts';
import { lower } from './text.ts';

interface Directions {
  /** what is on offer first comes first */
  first: '' | '-';
  up: string;
  down: string;
}

function directions(field: Field): Directions {
  switch (field.type) {
    case 'number':
    case 'integer':
    case 'rating':
      return { first: '-', up: `${field.name}, lowest first`, down: `${field.name}, highest first` };
    case 'date':
      return { first: '-', up: `${field.name}, earliest first`, down: `${field.name}, latest first` };
    case 'boolean':
      return { first: '-', up: `${field.name} last`, down: `${field.name} first` };
    case 'choice':
      return { first: '', up: `${field.name}, first to last`, down: `${field.name}, last to first` };
    default:
      return { first: '', up: `${field.name}, A to Z`, down: `${field.name}, Z to A` };
  }
}

/** `title`, but `-rating`: the direction to start with. */
export const firstSort = (field: Field): string => `${directions(field).first}${field.column}`;

/** Everything that an entity's list can be sorted by, as values and labels. The first is how it starts. */
export function sortOptions(entity: Entity): { value: string; label: string }[] {
  const options = [
    { value: '-created_at', label: 'Newest first' },
    { value: 'created_at', label: 'Oldest first' },
  ];
  for (const field of sortedFields(entity)) {
    const { first, up, down } = directions(field);
    const both = [
      { value: field.column, label: up },
      { value: `-${field.column}`, label: down },
    ];
    options.push(...(first === '-' ? both.reverse() : both));
  }
  return options;
}

/** What Postgres sorts by: words without regard to case, choices in the order in which they were named. */
export function orderExpression(field: Field): string {
  if (field.type === 'text') return `lower(${field.column})`;
  if (field.type !== 'choice') return field.column;
  const values = field.choices!.map((choice) => `'${choice.value}'`).join(', ');
  return `array_position(ARRAY[${values}], ${field.column})`;
}

/** `title or author`: what the search looks through, for people to read. */
export const searchedWords = (fields: Field[]): string[] => fields.map((field) => lower(field.name));
