/** Operations on entities: add, rename, remove, order, and how two are related. */
import { type Entity, type Field, type Spec, specLimits } from '../../../../contract/spec.ts';
import { makeGiven, renameField } from './apply-fields.ts';
import { typeWords } from './kinds.ts';
import { slugFor } from './naming.ts';
import { pluralOf } from './plural.ts';
import { displayFieldOf, prune } from './prune.ts';
import { comparable, findEntity } from './references.ts';
import { type FreshId, fieldNameTaken, inOrder, nameTaken, type Of, replaceEntity, type Step } from './step.ts';

const slugs = (spec: Spec, entities: Entity[]): string[] =>
  [...entities, ...(spec.pages ?? [])].map(({ slug }) => slug);

export function addEntity(spec: Spec, operation: Omit<Of<'add_entity'>, 'op'>, fresh: FreshId, link = false): Step {
  const plural = operation.plural ?? pluralOf(operation.name).slice(0, specLimits.label);
  const taken = nameTaken(spec, [operation.name, plural]);
  if (taken) return taken;
  if (spec.entities.length >= specLimits.entities)
    return { code: 'too_many', message: `An app has at most ${specLimits.entities} lists.` };
  const id = fresh('ent', operation.id, 'entity', operation.name);
  const slug = slugFor(plural, slugs(spec, spec.entities));
  let entity: Entity = { id, name: operation.name, plural, slug, fields: [], displayField: '', ...(link && { link }) };
  let current: Spec = { ...spec, entities: [...spec.entities, entity] };
  // what is worked out comes last, so that it may name any field
  const given = operation.fields.map((field, position) => ({ field, position }));
  const late = (item: (typeof given)[number]) => Number(item.field.type === 'computed');
  const made: { field: Field; position: number }[] = [];
  for (const { field, position } of given.toSorted((a, b) => late(a) - late(b))) {
    const refusal = fieldNameTaken(plural, entity.fields, field.name);
    if (refusal) return refusal;
    const settled = makeGiven(current, entity, field, fresh('fld', field.id, id, position, field.name));
    if ('code' in settled) return settled;
    made.push({ field: settled.field, position });
    entity = { ...entity, fields: [...entity.fields, settled.field] };
    current = replaceEntity(current, entity);
  }
  const fields = made.toSorted((a, b) => a.position - b.position).map((item) => item.field);
  entity = { ...entity, fields, displayField: displayFieldOf(fields) };
  const words = fields.map((field) => `${field.name} (${typeWords[field.type]})`).join(', ');
  return { spec: replaceEntity(current, entity), said: `Adds ${plural} with ${words}` };
}

export function renameEntity(spec: Spec, entity: Entity, operation: Of<'rename_entity'>): Step {
  const others = spec.entities.filter((other) => other.id !== entity.id);
  const plural = operation.plural ?? pluralOf(operation.name).slice(0, specLimits.label);
  const taken = nameTaken({ ...spec, entities: others }, [operation.name, plural]);
  if (taken) return taken;
  const renamed = { ...entity, name: operation.name, plural, slug: slugFor(plural, slugs(spec, others)) };
  const next = withPointersRenamed(replaceEntity(spec, renamed), entity, renamed);
  const followed = next.entities.some((other, at) => other.id !== entity.id && other !== spec.entities[at]);
  return { spec: next, said: `Calls ${entity.plural} “${plural}”${followed ? ', also where others point at it' : ''}` };
}

/** A field that points at a list and is called like it is called like it still. Where that name is taken, it stays as it is. */
function withPointersRenamed(spec: Spec, before: Entity, after: Entity): Spec {
  let next = spec;
  for (const { id, fields } of spec.entities)
    for (const { id: fieldId } of fields) {
      const entity = next.entities.find((one) => one.id === id)!;
      const field = entity.fields.find((one) => one.id === fieldId)!;
      if (field.type !== 'reference' || field.target !== before.id) continue;
      const name = [
        { was: before.name, is: after.name },
        { was: before.plural, is: after.plural },
      ].find(({ was }) => comparable(was) === comparable(field.name))?.is;
      if (name === undefined || name === field.name) continue;
      const step = renameField(next, entity, field, name);
      if ('spec' in step) next = step.spec;
    }
  return next;
}

export function removeEntity(spec: Spec, entity: Entity): Step {
  const { spec: next, gone } = prune({ ...spec, entities: spec.entities.filter((other) => other.id !== entity.id) });
  const with_ = gone.length > 0 ? `, and with it ${gone.join(', ')}` : '';
  return { spec: next, said: `Removes ${entity.plural} with all its rows${with_}` };
}

export function orderEntities(spec: Spec, operation: Of<'order_entities'>): Step {
  const first: Entity[] = [];
  for (const name of operation.entities) {
    const found = findEntity(spec, name);
    if (!('found' in found)) return found;
    first.push(found.found);
  }
  return {
    spec: { ...spec, entities: inOrder(spec.entities, first) },
    said: `Puts ${first.map((entity) => entity.plural).join(', ')} first`,
  };
}

export function relate(spec: Spec, operation: Of<'relate'>, fresh: FreshId): Step {
  const [from, to] = [findEntity(spec, operation.from), findEntity(spec, operation.to)];
  if (!('found' in from)) return from;
  if (!('found' in to)) return to;
  const pointer = (entity: Entity, name = entity.name) => ({ name, type: 'reference' as const, target: entity.id });
  if (operation.kind === 'one') {
    const field = {
      ...pointer(to.found, operation.name),
      required: operation.required,
      ...(operation.onDelete && { onDelete: operation.onDelete }),
    };
    const refusal = fieldNameTaken(from.found.plural, from.found.fields, field.name);
    if (refusal) return refusal;
    const settled = makeGiven(spec, from.found, field, fresh('fld', undefined, from.found.id, field.name));
    if ('code' in settled) return settled;
    return {
      spec: replaceEntity(spec, { ...from.found, fields: [...from.found.fields, settled.field] }),
      said: `Each ${from.found.name} now has a ${field.name} from ${to.found.plural}`,
    };
  }
  const name = operation.name ?? `${from.found.name} ${to.found.name}`.slice(0, specLimits.label - 3);
  const twice = from.found.id === to.found.id;
  const ends = [pointer(from.found), pointer(to.found, twice ? `Other ${to.found.name}` : to.found.name)];
  const fields = [
    ...ends.map((end) => ({ ...end, required: true, onDelete: 'delete' as const })),
    ...(operation.fields ?? []),
  ];
  const step = addEntity(spec, { name, plural: operation.plural, fields }, fresh, true);
  if ('code' in step) return step;
  const kept = operation.fields?.length ? `, each with ${operation.fields.map((field) => field.name).join(', ')}` : '';
  return { ...step, said: `${from.found.plural} and ${to.found.plural} are now tied together${kept}` };
}
