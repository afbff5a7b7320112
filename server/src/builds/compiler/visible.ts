/**
 * Who sees what, followed to its end: a role that does not see a list does not see the names of its rows where others point at them, nor
 * what was worked out from it. The compiler works on the spec with these limits written out, so that hiding, searching, sorting, charts,
 * totals and exports all obey one table.
 */
import type { Entity, Field, Spec } from '../../../../contract/spec.ts';
import { type Formula, parseFormula } from '../spec/formula.ts';
import { isPointer, isStored, isTextual } from '../spec/kinds.ts';

type Seers = readonly string[] | undefined;

/** Those whom every limit lets through; undefined: everybody. */
export function both(...limits: Seers[]): string[] | undefined {
  const named = limits.filter((limit) => limit !== undefined);
  if (named.length === 0) return undefined;
  return named.reduce<readonly string[]>(
    (some, others) => some.filter((id) => others.includes(id)),
    named[0]!,
  ) as string[];
}

/** The spec with every limit written out where it acts. What has no roles stays as it is. */
export function withLimits(spec: Spec): Spec {
  if (!spec.roles?.length) return spec;
  const entityOf = (id: string) => spec.entities.find((entity) => entity.id === id)!;
  const known = new Map<string, Seers>();

  /** Who sees the words that stand for a row of a list, wherever they are shown. */
  const seersOfLabel = (entity: Entity): Seers => {
    const ends = entity.fields.filter((field) => field.type === 'reference').slice(0, 2);
    const shown = entity.link && ends.length === 2 ? ends : [displayOf(entity)];
    return both(entity.access?.see, ...shown.map((field) => seersOf(entity, field)));
  };
  const seersOf = (entity: Entity, field: Field): Seers => {
    const key = `${entity.id} ${field.id}`;
    // a field that leads back to itself limits nothing further
    if (known.has(key)) return known.get(key);
    known.set(key, field.roles);
    const made = both(field.roles, ...reached(entity, field));
    known.set(key, made);
    return made;
  };
  const reached = (entity: Entity, field: Field): Seers[] => {
    if (field.type === 'reference') return [seersOfLabel(entityOf(field.target!))];
    if (field.type !== 'computed') return [];
    const parsed = parseFormula(field.formula!, spec, entity);
    return 'problem' in parsed ? [] : within(parsed.formula, entity);
  };
  const within = (formula: Formula, entity: Entity): Seers[] => {
    switch (formula.kind) {
      case 'field':
        return [seersOf(entity, formula.field)];
      case 'through':
        return [entity.access?.see, formula.entity.access?.see, seersOf(formula.entity, formula.field)];
      case 'total':
        return [formula.entity.access?.see, formula.field && seersOf(formula.entity, formula.field)];
      case 'negative':
        return within(formula.of, entity);
      case 'operation':
        return [...within(formula.left, entity), ...within(formula.right, entity)];
      default:
        return [];
    }
  };

  return {
    ...spec,
    entities: spec.entities.map((entity) => {
      const fields = entity.fields.map((field): Field => {
        const seers = seersOf(entity, field);
        return seers ? { ...field, roles: [...seers] } : field;
      });
      // who does not see what must be filled in cannot add or change a row
      const needed = fields.filter(({ required }) => required).map(({ roles }) => roles);
      const change = both(entity.access?.change ?? entity.access?.see, ...needed);
      const access = { ...entity.access, ...(change ? { change } : {}) };
      return { ...entity, fields, displayField: openName(entity, fields).id, ...(change ? { access } : {}) };
    }),
  };
}

const displayOf = (entity: Entity): Field =>
  entity.fields.find(({ id }) => id === entity.displayField) ?? entity.fields[0]!;

/** The field that names a row to whoever sees the list: the one that was chosen, or the first that all of them see. */
function openName(entity: Entity, fields: Field[]): Field {
  const chosen = fields.find(({ id }) => id === entity.displayField) ?? fields[0]!;
  const open = (field: Field) =>
    isStored(field) && (!field.roles || both(field.roles, entity.access?.see)?.length === entity.access?.see?.length);
  if (open(chosen)) return chosen;
  return (
    fields.find((field) => open(field) && isTextual(field)) ??
    fields.find((field) => open(field) && !isPointer(field)) ??
    chosen
  );
}
