/** What applying one operation gives, and the small things that every operation needs. */
import type { z } from 'zod';
import type { Entity, Field, Spec } from '../../../../contract/spec.ts';
import type { specOperationSchema } from '../../../../contract/spec-operations.ts';
import type { Refusal } from './fields.ts';
import { comparable } from './references.ts';

export type Operation = z.output<typeof specOperationSchema>;
export type Of<Op extends Operation['op']> = Extract<Operation, { op: Op }>;
export type Step = { spec: Spec; said: string } | Refusal;
/** An id that depends only on where it is made; one that the operation brings is taken. */
export type FreshId = (prefix: string, given: string | undefined, ...parts: unknown[]) => string;

export const replaceEntity = (spec: Spec, entity: Entity): Spec => ({
  ...spec,
  entities: spec.entities.map((other) => (other.id === entity.id ? entity : other)),
});

export const replaceField = (spec: Spec, entity: Entity, field: Field): Spec =>
  replaceEntity(spec, { ...entity, fields: entity.fields.map((other) => (other.id === field.id ? field : other)) });

export function nameTaken(spec: Spec, names: string[]): Refusal | undefined {
  const wanted = names.map(comparable);
  const same = spec.entities.find((entity) =>
    [entity.name, entity.plural].some((name) => wanted.includes(comparable(name))),
  );
  return same && { code: 'name_taken', message: `There is a list called “${same.plural}” already.` };
}

export function fieldNameTaken(plural: string, fields: Field[], name: string): Refusal | undefined {
  const same = fields.find((field) => comparable(field.name) === comparable(name));
  return same && { code: 'name_taken', message: `${plural} have a field called “${same.name}” already.` };
}

/** Puts the named ones first, in their order; the others follow as they were. */
export function inOrder<T extends { id: string }>(items: T[], first: T[]): T[] {
  const named = [...new Set(first)];
  return [...named, ...items.filter((item) => !named.includes(item))];
}
