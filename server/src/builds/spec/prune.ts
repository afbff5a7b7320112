/** Takes out of a spec what hangs on something that was removed, and says what that was. */
import type { Entity, Field, Spec } from '../../../../contract/spec.ts';
import { parseFormula } from './formula.ts';

export interface Pruned {
  spec: Spec;
  /** in plain words, what had to go too */
  gone: string[];
}

/** @param spec as it is after the removal, dangling ends included */
export function prune(spec: Spec): Pruned {
  const gone: string[] = [];
  let current = spec;
  for (;;) {
    const next = once(current, gone);
    if (next === current) return { spec: current, gone };
    current = next;
  }
}

function once(spec: Spec, gone: string[]): Spec {
  for (const entity of spec.entities) {
    const field = entity.fields.find((one) => dangles(spec, entity, one));
    if (field) {
      gone.push(`${field.name} of ${entity.plural}`);
      return withEntity(spec, without(entity, field));
    }
    if (entity.fields.length === 0 || (entity.link && references(entity).length < 2)) {
      gone.push(entity.plural);
      return { ...spec, entities: spec.entities.filter((other) => other !== entity) };
    }
    const tidy = tidied(spec, entity);
    if (tidy !== entity) return withEntity(spec, tidy);
  }
  const shows = (part: { entity: string; field?: string; value?: string }) => {
    const entity = spec.entities.find((one) => one.id === part.entity);
    const has = (id: string | undefined) => id === undefined || entity?.fields.some((field) => field.id === id);
    return entity !== undefined && has(part.field) && has(part.value);
  };
  const page = spec.pages?.find((one) => !shows(one));
  if (page) {
    gone.push(`the page ${page.name}`);
    return { ...spec, pages: spec.pages!.filter((one) => one !== page) };
  }
  if (spec.home?.some((block) => !shows(block))) return { ...spec, home: spec.home.filter(shows) };
  return spec;
}

const references = (entity: Entity): Field[] => entity.fields.filter((field) => field.type === 'reference');

function dangles(spec: Spec, entity: Entity, field: Field): boolean {
  if (field.type === 'reference') return !spec.entities.some((one) => one.id === field.target);
  return field.type === 'computed' && 'problem' in parseFormula(field.formula!, spec, entity);
}

const without = (entity: Entity, field: Field): Entity => ({
  ...entity,
  fields: entity.fields.filter((other) => other !== field),
});

const withEntity = (spec: Spec, entity: Entity): Spec => ({
  ...spec,
  entities: spec.entities.map((other) => (other.id === entity.id ? entity : other)),
});

/** Its display field, its order and its roles, as far as they are still there. */
function tidied(spec: Spec, entity: Entity): Entity {
  const has = (id: string) => entity.fields.some((field) => field.id === id);
  const role = (id: string) => spec.roles?.some((one) => one.id === id) ?? false;
  let tidy = entity;
  if (!has(entity.displayField)) tidy = { ...tidy, displayField: displayFieldOf(entity.fields) };
  if (entity.sort && !has(entity.sort.field)) tidy = { ...tidy, sort: undefined };
  const { see, change } = entity.access ?? {};
  if ([...(see ?? []), ...(change ?? [])].some((id) => !role(id)))
    tidy = { ...tidy, access: accessOf(see?.filter(role), change?.filter(role)) };
  if (entity.fields.some((field) => field.roles?.some((id) => !role(id))))
    tidy = {
      ...tidy,
      fields: tidy.fields.map((field) => ({ ...field, roles: nonEmpty(field.roles?.filter(role)) })),
    };
  return tidy;
}

const nonEmpty = <T>(items: T[] | undefined): T[] | undefined => (items?.length ? items : undefined);

/** Nobody in particular means everybody. */
export function accessOf(see: string[] | undefined, change: string[] | undefined): Entity['access'] {
  const access = { ...(see?.length && { see }), ...(change?.length && { change }) };
  return Object.keys(access).length > 0 ? access : undefined;
}

/** The field that stands for a row: the first text that must be filled in, else the first text, else the first. */
export function displayFieldOf(fields: Field[]): string {
  const texts = fields.filter((field) => field.type === 'text');
  const plain = fields.find((field) => !['image', 'file', 'computed', 'longtext'].includes(field.type));
  return (texts.find((field) => field.required) ?? texts[0] ?? plain ?? fields[0]!).id;
}
