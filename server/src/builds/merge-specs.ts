/** Merges two specs that grew from one. Things are matched by id; where both sides changed the same, ours stays and it is said so. */
import { type Entity, type Field, type Page, type Spec, specLimits, specSchema } from '../../../contract/spec.ts';
import { columnFor, slugFor } from './spec/naming.ts';
import { prune } from './spec/prune.ts';
import { comparable } from './spec/references.ts';

export interface MergedSpecs {
  spec: Spec;
  /** what both sides changed differently, in plain words */
  conflicts: string[];
}

/** @returns a valid spec; conflicts are for people to look at */
export function mergeSpecs(base: Spec, ours: Spec, theirs: Spec): MergedSpecs {
  const conflicts: string[] = [];
  const pick = picker(conflicts);
  const title = pick('the title', base.title, ours.title, theirs.title);
  const merged = mergeById(base.entities, ours.entities, theirs.entities, {
    what: (entity) => `the list ${entity.plural}`,
    merge: (before, mine, other) => mergeEntity(before, mine, other, conflicts),
    conflicts,
  });
  const entities: Entity[] = [];
  for (const entity of merged) entities.push(separate(entity, entities, conflicts));
  const named = <T extends { id: string; name: string }>(what: string, of: (spec: Spec) => T[] | undefined) => {
    const all = mergeById(of(base) ?? [], of(ours) ?? [], of(theirs) ?? [], {
      what: (one) => `the ${what} ${one.name}`,
      merge: (before, mine, other) => pick(`the ${what} ${mine.name}`, before, mine, other),
      conflicts,
    });
    return all.length > 0 ? all : undefined;
  };
  const rest = <Key extends 'language' | 'icon' | 'colour' | 'home'>(key: Key, what: string) =>
    pick(what, base[key], ours[key], theirs[key]);
  const whole: Spec = {
    version: 1,
    title,
    language: rest('language', 'the language'),
    icon: rest('icon', 'the icon'),
    colour: rest('colour', 'the colour'),
    roles: named('role', (spec) => spec.roles)?.slice(0, specLimits.roles),
    entities: entities.slice(0, specLimits.entities),
    pages: apart(
      named('page', (spec) => spec.pages),
      entities.map(({ slug }) => slug),
    )?.slice(0, specLimits.pages),
    home: rest('home', 'the home page'),
  };
  // one side may have removed what the other built on
  return { spec: specSchema.parse(prune(whole).spec), conflicts };
}

/** Two pages that both sides added under one address, or one under that of a list: it gets a number. */
function apart(pages: Page[] | undefined, taken: string[]): Page[] | undefined {
  const slugs = [...taken];
  return pages?.map((page) => {
    const slug = slugs.includes(page.slug) ? slugFor(numbered(page.name), slugs) : page.slug;
    slugs.push(slug);
    return slug === page.slug ? page : { ...page, slug, name: numbered(page.name) };
  });
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

type Pick = <T>(what: string, base: T | undefined, ours: T, theirs: T) => T;
function picker(conflicts: string[]): Pick {
  return (what, base, ours, theirs) => {
    if (equal(ours, theirs) || equal(base, theirs)) return ours;
    if (equal(base, ours)) return theirs;
    conflicts.push(`Both sides changed ${what}. This side’s stays.`);
    return ours;
  };
}

interface Merging<T> {
  what(item: T): string;
  merge(base: T | undefined, ours: T, theirs: T): T;
  conflicts: string[];
}

function mergeById<T extends { id: string }>(base: T[], ours: T[], theirs: T[], merging: Merging<T>): T[] {
  const find = (items: T[], id: string) => items.find((item) => item.id === id);
  const merged: T[] = [];
  for (const id of new Set([...ours, ...theirs].map((item) => item.id))) {
    const [before, mine, other] = [find(base, id), find(ours, id), find(theirs, id)];
    if (mine && other) merged.push(merging.merge(before, mine, other));
    const single = mine && other ? undefined : (mine ?? other);
    if (!single || (before && equal(before, single))) continue;
    if (before) merging.conflicts.push(`One side removed ${merging.what(single)}, the other changed it. It stays.`);
    merged.push(single);
  }
  return merged;
}

function mergeEntity(base: Entity | undefined, ours: Entity, theirs: Entity, conflicts: string[]): Entity {
  const pick = picker(conflicts);
  const names = ({ name, plural, slug }: Entity) => ({ name, plural, slug });
  const fields = mergeById(base?.fields ?? [], ours.fields, theirs.fields, {
    what: (field) => `the field ${field.name} of ${ours.plural}`,
    merge: (before, mine, other) => mergeField(ours.plural, before, mine, other, conflicts),
    conflicts,
  });
  const parted: Field[] = [];
  for (const field of fields.length > 0 ? fields : ours.fields)
    parted.push(separateField(field, ours.plural, parted, conflicts));
  const rules = ({ link, sort, access }: Entity) => ({ link, sort, access });
  const display = pick(`what stands for ${ours.plural}`, base?.displayField, ours.displayField, theirs.displayField);
  return {
    id: ours.id,
    ...pick(`the name of ${ours.plural}`, base && names(base), names(ours), names(theirs)),
    fields: parted.slice(0, specLimits.fields),
    displayField: parted.some((field) => field.id === display) ? display : parted[0]!.id,
    ...pick(`the order and rights of ${ours.plural}`, base && rules(base), rules(ours), rules(theirs)),
  };
}

function mergeField(plural: string, base: Field | undefined, ours: Field, theirs: Field, conflicts: string[]): Field {
  const pick = picker(conflicts);
  const names = ({ name, column }: Field) => ({ name, column });
  const rules = ({ id: _, name: __, column: ___, required: ____, unique: _____, ...rest }: Field) => rest;
  const said = `${ours.name} of ${plural}`;
  return {
    id: ours.id,
    ...pick(`the name of ${said}`, base && names(base), names(ours), names(theirs)),
    ...pick(`the rules of ${said}`, base && rules(base), rules(ours), rules(theirs)),
    required: pick(`whether ${said} must be filled in`, base?.required, ours.required, theirs.required),
    unique: pick(`whether ${said} must differ`, base?.unique, ours.unique, theirs.unique),
  };
}

/** Two things that both sides added under one name: the second gets a number. */
function separate(entity: Entity, others: Entity[], conflicts: string[]): Entity {
  const clash = others.some(
    (other) => other.slug === entity.slug || comparable(other.plural) === comparable(entity.plural),
  );
  if (!clash) return entity;
  conflicts.push(`Both sides have a list called ${entity.plural}. The second is called ${entity.plural} 2 now.`);
  const [name, plural] = [numbered(entity.name), numbered(entity.plural)];
  return {
    ...entity,
    name,
    plural,
    slug: slugFor(
      plural,
      others.map((other) => other.slug),
    ),
  };
}

function separateField(field: Field, plural: string, others: Field[], conflicts: string[]): Field {
  const clash = others.some(
    (other) => other.column === field.column || comparable(other.name) === comparable(field.name),
  );
  if (!clash) return field;
  const name = numbered(field.name);
  conflicts.push(`Both sides have a field called ${field.name} in ${plural}. The second is called ${name} now.`);
  return {
    ...field,
    name,
    column: columnFor(
      name,
      others.map((other) => other.column),
    ),
  };
}

const numbered = (label: string): string => `${label.slice(0, specLimits.label - 2)} 2`;
