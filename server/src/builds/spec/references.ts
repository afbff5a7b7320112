/** Finds what an operation names: by its id, or by what people call it, ignoring case, plurals' spelling and punctuation. */
import type { Entity, Field, Spec } from '../../../../contract/spec.ts';
import { transliterate } from './naming.ts';

export type Found<T> = { found: T } | { code: string; message: string };

const list = (names: string[]): string => names.map((name) => `“${name}”`).join(', ');

/** The entity that `reference` names. The message of a miss says which ones there are. */
export function findEntity(spec: Spec, reference: string): Found<Entity> {
  const matches = spec.entities.filter((entity) =>
    matchesReference(reference, entity.id, [entity.name, entity.plural, entity.slug]),
  );
  const known = spec.entities.map((entity) => entity.plural);
  if (matches.length === 1) return { found: matches[0]! };
  if (matches.length > 1)
    return {
      code: 'ambiguous_entity',
      message: `“${reference}” could be ${list(matches.map((entity) => entity.plural))}.`,
    };
  const hint = known.length === 0 ? 'The app keeps no lists yet.' : `There is ${list(known)}.`;
  return { code: 'unknown_entity', message: `There is no list called “${reference}”. ${hint}` };
}

/** The field of an entity that `reference` names. */
export function findField(entity: Entity, reference: string): Found<Field> {
  const matches = entity.fields.filter((field) => matchesReference(reference, field.id, [field.name, field.column]));
  if (matches.length === 1) return { found: matches[0]! };
  if (matches.length > 1)
    return {
      code: 'ambiguous_field',
      message: `“${reference}” could be ${list(matches.map((field) => `${field.name} (${field.id})`))}.`,
    };
  const known = list(entity.fields.map((field) => field.name));
  return {
    code: 'unknown_field',
    message: `${entity.plural} have no field called “${reference}”. They have ${known}.`,
  };
}

function matchesReference(reference: string, id: string, names: string[]): boolean {
  if (reference === id) return true;
  const wanted = comparable(reference);
  return names.some((name) => comparable(name) === wanted);
}

/** Letters and digits alone; a label without any Latin letter is compared as it is. */
export function comparable(name: string): string {
  return transliterate(name).replaceAll(' ', '') || name.trim().toLowerCase();
}
