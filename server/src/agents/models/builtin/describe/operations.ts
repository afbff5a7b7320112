/** From a description to operations: lists first that others point at, relations of both sides last, then the order that was said. */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import type { NewField, SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { pluralIn } from '../language/number.ts';
import { sentenceCase } from '../split.ts';
import type { DraftEntity, DraftRelation } from './draft.ts';

/** @returns operations on a spec without those lists */
export function operationsFor(
  entities: DraftEntity[],
  relations: DraftRelation[],
  language: AppLanguage,
): SpecOperation[] {
  const operations: SpecOperation[] = [];
  const placed = new Set<string>();
  const waiting = [...entities];
  const late: DraftRelation[] = [];
  const toOne = (name: string) => relations.filter((one) => one.kind === 'one' && one.from === name);
  while (waiting.length > 0) {
    const ready = waiting.findIndex((entity) => toOne(entity.name).every((one) => placed.has(one.to)));
    // a circle: what cannot be pointed at yet is tied afterwards
    const entity = waiting.splice(Math.max(ready, 0), 1)[0]!;
    const fields = fieldsOf(entity, toOne(entity.name), placed, late);
    operations.push({
      op: 'add_entity',
      name: entity.name,
      ...(language !== 'en' && { plural: sentenceCase(pluralIn(entity.name, language)) }),
      fields,
    });
    placed.add(entity.name);
  }
  for (const { from, to, name } of late)
    operations.push({ op: 'relate', from, to, kind: 'one', ...(name && name !== to && { name }) });
  for (const { from, to } of relations.filter((one) => one.kind === 'many'))
    operations.push({ op: 'relate', from, to, kind: 'many' });
  const names = entities.map((entity) => entity.name);
  const made = operations.flatMap((operation) => (operation.op === 'add_entity' ? [operation.name] : []));
  if (names.some((name, at) => made[at] !== name)) operations.push({ op: 'order_entities', entities: names });
  return operations;
}

/** Its own fields, with those that point elsewhere where they were said, or first. */
function fieldsOf(
  entity: DraftEntity,
  pointers: DraftRelation[],
  placed: Set<string>,
  late: DraftRelation[],
): NewField[] {
  const fields: NewField[] = [];
  const usedNames = () => fields.map((field) => field.name);
  const own = entity.fields.filter((field) => field.type !== 'reference');
  const said = entity.fields.filter((field) => field.type === 'reference').map((field) => field.name);
  const unsaid = pointers.filter((one) => !said.includes(one.name ?? ''));
  const pointer = ({ to, name, part }: DraftRelation): NewField => ({
    name: free(name ?? to, [...usedNames(), ...own.map((field) => field.name)]),
    type: 'reference',
    target: to,
    ...(part && { required: true, onDelete: 'delete' as const }),
  });
  for (const one of unsaid) {
    if (placed.has(one.to)) fields.push(pointer(one));
    else late.push(one);
  }
  for (const field of entity.fields) {
    if (field.type !== 'reference') fields.push(field);
    else if (placed.has(field.target!)) fields.push(field);
    else late.push({ from: entity.name, to: field.target!, kind: 'one', name: field.name });
  }
  return fields.length > 0 ? fields : [{ name: 'Name', required: true }];
}

/** A name that no other field has: a second one from the same list is the other one. */
const free = (name: string, taken: string[]): string =>
  taken.some((one) => one.toLowerCase() === name.toLowerCase()) ? `${name} (list)` : name;
