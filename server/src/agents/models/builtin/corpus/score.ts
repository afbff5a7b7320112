/** Counts what a spec has of what was expected: precision and recall of entities, fields, types and relations. */
import type { Entity, Field, Spec } from '../../../../../../contract/spec.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import type { Case, Expected } from './case.ts';

export const measures = ['entities', 'fields', 'types', 'relations'] as const;
export type Measure = (typeof measures)[number];
export interface Count {
  /** found and expected */
  right: number;
  /** found, expected or not; what is optional is left out */
  found: number;
  expected: number;
}
export type Counts = Record<Measure, Count>;
type Described = Extract<Expected, { entities: unknown }>;

export const noCounts = (): Counts =>
  Object.fromEntries(measures.map((measure) => [measure, { right: 0, found: 0, expected: 0 }])) as Counts;

/** Adds what one case gives. @param spec undefined where no spec was made @returns what is missing or too much, for people */
export function countCase(counts: Counts, expected: Described, spec: Spec | undefined): string[] {
  const said: string[] = [];
  const entities = spec?.entities.filter((entity) => !entity.link) ?? [];
  const paired = new Map<Entity, string>();
  const wanted = Object.entries(expected.entities).map(([key, fields]) => ({ ...named(key), key, fields }));
  for (const want of wanted) {
    const found = entities.find((entity) => !paired.has(entity) && isCalled(entity, want.names));
    if (found) paired.set(found, want.key);
    if (!want.optional) tally(counts.entities, said, want.names[0]!, Boolean(found));
    countFields(counts, said, want.fields, found);
  }
  for (const entity of entities) {
    if (paired.has(entity)) continue;
    counts.entities.found++;
    said.push(`+ ${entity.name}`);
    for (const field of own(entity)) {
      counts.fields.found++;
      counts.types.found++;
      said.push(`+ ${entity.name}.${field.name}`);
    }
  }
  countRelations(counts, said, expected, spec);
  return said;
}

const named = (text: string) => ({ optional: text.startsWith('?'), names: text.replace(/^\?/, '').split('/') });
const isCalled = (entity: Entity, names: string[]) =>
  names.some((name) => [entity.name, entity.plural].some((one) => comparable(one) === comparable(name)));
/** What is no relation. */
const own = (entity: Entity): Field[] => entity.fields.filter((field) => field.type !== 'reference');

function tally(count: Count, said: string[], what: string, right: boolean): void {
  count.expected++;
  if (!right) said.push(`- ${what}`);
  else {
    count.right++;
    count.found++;
  }
}

function countFields(counts: Counts, said: string[], line: string, entity: Entity | undefined): void {
  const left = new Set(entity ? own(entity) : []);
  for (const part of line.split(/,\s*/)) {
    const [head = '', choices] = part.split('=');
    const [name = '', types] = head.split(':');
    const { optional, names } = named(name);
    // a name that is said to be of another list may be a relation instead
    const field = [...left].find((one) => names.some((wanted) => comparable(wanted) === comparable(one.name)));
    if (field) left.delete(field);
    const pointer = entity?.fields.find(
      (one) => one.type === 'reference' && names.some((wanted) => comparable(wanted) === comparable(one.name)),
    );
    if (optional || (!field && pointer && !types && !choices)) continue;
    const what = `${entity?.name ?? '?'}.${names[0]}`;
    tally(counts.fields, said, what, Boolean(field));
    const right =
      field &&
      (choices
        ? field.type === 'choice' &&
          same(
            field.choices!.map((one) => one.label),
            choices.split('|'),
          )
        : (types ?? 'text').split('/').includes(field.type));
    counts.types.expected++;
    if (field) counts.types.found++;
    if (right) counts.types.right++;
    else if (field) said.push(`! ${what} is ${field.type} ${field.choices?.map((one) => one.label).join('|') ?? ''}`);
  }
  for (const field of left) {
    counts.fields.found++;
    counts.types.found++;
    said.push(`+ ${entity!.name}.${field.name}`);
  }
}

const same = (a: string[], b: string[]) =>
  a.length === b.length && a.every((one) => b.some((other) => comparable(other) === comparable(one)));

/** `Order > Customer`; the two ends of a link stand in the order of their names. */
function relationsOf(spec: Spec): string[] {
  const name = (id: string | undefined) => spec.entities.find((entity) => entity.id === id)!;
  return spec.entities.flatMap((entity) => {
    const targets = entity.fields.filter((field) => field.type === 'reference').map((field) => name(field.target));
    if (entity.link) return [ends(targets[0]!.name, '<>', targets[1]!.name)];
    return targets.map((target) => ends(entity.name, '>', target.name));
  });
}
const ends = (a: string, kind: string, b: string) => {
  const [one, other] = [comparable(a), comparable(b)];
  return kind === '<>' && other < one ? `${other} <> ${one}` : `${one} ${kind} ${other}`;
};

function countRelations(counts: Counts, said: string[], { entities, relations = [] }: Described, spec?: Spec): void {
  const left = spec ? relationsOf(spec) : [];
  const all = Object.keys(entities).map((key) => named(key).names);
  const also = (name: string) => all.find((names) => names.includes(name)) ?? [name];
  for (const line of relations) {
    const [from = '', kind = '', to = ''] =
      line.replace(/^\?/, '').split(' > ').length === 2
        ? [line.replace(/^\?/, '').split(' > ')[0], '>', line.split(' > ')[1]]
        : [line.replace(/^\?/, '').split(' <> ')[0], '<>', line.split(' <> ')[1]];
    const forms = also(from).flatMap((a) => also(to).map((b) => ends(a, kind, b)));
    const at = left.findIndex((one) => forms.includes(one));
    if (at >= 0) left.splice(at, 1);
    if (!line.startsWith('?')) tally(counts.relations, said, line, at >= 0);
  }
  // a person or a thing that is named beside a list may be a list of its own: not counted
  const hinted = Object.entries(entities).flatMap(([key, line]) =>
    line
      .split(/,\s*/)
      .flatMap((part) =>
        /[:=]/.test(part)
          ? []
          : named(key).names.flatMap((name) => named(part).names.map((field) => ends(name, '>', field))),
      ),
  );
  for (const relation of left.filter((one) => !hinted.includes(one))) {
    counts.relations.found++;
    said.push(`+ ${relation}`);
  }
}

export const precision = ({ right, found }: Count): number => (found === 0 ? 1 : right / found);
export const recall = ({ right, expected }: Count): number => (expected === 0 ? 1 : right / expected);
export const f1 = (count: Count): number => {
  const [p, r] = [precision(count), recall(count)];
  return p + r === 0 ? 0 : (2 * p * r) / (p + r);
};

export const isDescribed = (one: Case): one is Case & { expect: Described } => 'entities' in one.expect;
