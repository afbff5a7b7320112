/**
 * Formulas of computed fields: + - * / and brackets over fields in curly brackets, through a reference, and totals over rows that point
 * here. A small recursive-descent parser (precedence climbing); what it accepts is a tree, so nobody's text ever reaches SQL.
 */
import { type Entity, type Field, type Spec, specLimits } from '../../../../contract/spec.ts';
import { isNumeric, isStored } from './kinds.ts';
import { comparable } from './references.ts';

export type Total = 'sum' | 'avg' | 'min' | 'max' | 'count';
export type Formula =
  | { kind: 'number'; value: number }
  | { kind: 'today' }
  | { kind: 'field'; field: Field }
  | { kind: 'through'; reference: Field; entity: Entity; field: Field }
  | { kind: 'total'; total: Total; entity: Entity; by: Field; field: Field | undefined }
  | { kind: 'negative'; of: Formula }
  | { kind: 'operation'; sign: '+' | '-' | '*' | '/'; left: Formula; right: Formula };

/** What a part of a formula is: numbers can be calculated with, days and moments only be subtracted from each other. */
type Kind = 'number' | 'date' | 'datetime';
const totals: readonly string[] = ['sum', 'avg', 'min', 'max', 'count'] satisfies Total[];
const DEPTH = 40;

export type ParsedFormula = { formula: Formula } | { problem: string };

class Wrong extends Error {}

/** @param text with names or ids in curly brackets @returns the tree, or in plain words what is wrong with it */
export function parseFormula(text: string, spec: Spec, entity: Entity): ParsedFormula {
  const tokens = text.match(/\{[^{}]*\}|\d+(?:\.\d+)?|[a-z]+|[-+*/()]|\S/gi) ?? [];
  let at = 0;
  let depth = 0;
  const expect = (token: string) => {
    if (tokens[at++] !== token) throw new Wrong(`“${token}” is missing.`);
  };

  const sum = (): Formula => operations(product, '+', '-');
  const product = (): Formula => operations(factor, '*', '/');
  function operations(part: () => Formula, ...signs: ('+' | '-' | '*' | '/')[]): Formula {
    let left = part();
    for (;;) {
      const sign = signs.find((one) => one === tokens[at]);
      if (!sign) return left;
      at++;
      left = { kind: 'operation', sign, left, right: part() };
    }
  }
  function factor(): Formula {
    if (++depth > DEPTH) throw new Wrong('The formula is nested too deeply.');
    const token = tokens[at++];
    if (token === undefined) throw new Wrong('The formula ends too early.');
    let made: Formula;
    if (token === '(') {
      made = sum();
      expect(')');
    } else if (token === '-') made = { kind: 'negative', of: factor() };
    else if (/^\d/.test(token)) made = { kind: 'number', value: Number(token) };
    else if (token.startsWith('{') && token.endsWith('}')) made = ownField(spec, entity, token.slice(1, -1).trim());
    else if (token.toLowerCase() === 'today') made = { kind: 'today' };
    else if (totals.includes(token.toLowerCase())) {
      expect('(');
      const inner = tokens[at++] ?? '';
      if (!/^\{.*\}$/.test(inner)) throw new Wrong(`${token}(…) needs a name in curly brackets.`);
      made = totalOf(spec, entity, token.toLowerCase() as Total, inner.slice(1, -1).trim());
      expect(')');
    } else throw new Wrong(`“${token}” is not understood; fields are written in curly brackets.`);
    depth--;
    return made;
  }

  try {
    if (text.length > specLimits.formula * 2) throw new Wrong('The formula is too long.');
    const formula = sum();
    if (at < tokens.length) throw new Wrong(`“${tokens[at]}” is not understood.`);
    if (kindOf(formula) !== 'number') throw new Wrong('The result is not a number.');
    return { formula };
  } catch (error) {
    if (error instanceof Wrong) return { problem: error.message };
    throw error;
  }
}

const fieldOf = (entity: Entity, name: string): Field | undefined =>
  entity.fields.find((field) => field.id === name) ??
  entity.fields.find((field) => comparable(field.name) === comparable(name));
const entityOf = (spec: Spec, name: string): Entity | undefined =>
  spec.entities.find((entity) => entity.id === name) ??
  spec.entities.find((entity) => [entity.name, entity.plural].some((one) => comparable(one) === comparable(name)));

/** `a.b` at every dot, since a name may hold one. */
const splits = (name: string): [string, string][] =>
  [...name.matchAll(/\./g)].map(({ index }) => [name.slice(0, index).trim(), name.slice(index + 1).trim()]);

function ownField(spec: Spec, entity: Entity, name: string): Formula {
  const own = fieldOf(entity, name);
  if (own) return { kind: 'field', field: usable(own) };
  for (const [first, second] of splits(name)) {
    const reference = fieldOf(entity, first);
    const target = reference?.type === 'reference' ? entityOf(spec, reference.target!) : undefined;
    const field = target && fieldOf(target, second);
    if (reference && target && field) return { kind: 'through', reference, entity: target, field: usable(field) };
  }
  const numbers = entity.fields.filter((field) => isNumeric(field) || field.type === 'computed');
  const there = numbers.length > 0 ? ` There is ${numbers.map((field) => `“${field.name}”`).join(', ')}.` : '';
  throw new Wrong(`${entity.plural} have no number called “${name}”.${there}`);
}

function totalOf(spec: Spec, entity: Entity, total: Total, name: string): Formula {
  for (const [first, second] of [[name, ''] as const, ...splits(name)]) {
    const other = entityOf(spec, first);
    if (!other) continue;
    const by = other.fields.find((field) => field.type === 'reference' && field.target === entity.id);
    if (!by) throw new Wrong(`${other.plural} have no field that points at ${entity.plural}.`);
    if (total === 'count') return { kind: 'total', total, entity: other, by, field: undefined };
    const field = fieldOf(other, second);
    if (field) return { kind: 'total', total, entity: other, by, field: usable(field) };
  }
  throw new Wrong(`“${name}” is not found: name the list and its number, for example {Order lines.Amount}.`);
}

function usable(field: Field): Field {
  if (isNumeric(field) || ['computed', 'rating', 'date', 'datetime', 'boolean'].includes(field.type)) return field;
  throw new Wrong(`${field.name} is no number.`);
}

function kindOf(formula: Formula): Kind {
  switch (formula.kind) {
    case 'number':
      return 'number';
    case 'today':
      return 'date';
    case 'field':
    case 'through':
    case 'total': {
      const type = formula.field?.type;
      if (formula.kind === 'total' && type && ['date', 'datetime'].includes(type))
        throw new Wrong('Dates cannot be added up.');
      return type === 'date' || type === 'datetime' ? type : 'number';
    }
    case 'negative':
      if (kindOf(formula.of) !== 'number') throw new Wrong('A date cannot be negative.');
      return 'number';
    case 'operation': {
      const [left, right] = [kindOf(formula.left), kindOf(formula.right)];
      if (left === 'number' && right === 'number') return 'number';
      if (formula.sign === '-' && left === right) return 'number';
      throw new Wrong('Dates can only be subtracted from each other.');
    }
  }
}

/** Whether the parts of a subtraction are moments, whose difference is minutes. */
export const isMoments = (formula: Formula): boolean => kindOf(formula) === 'datetime';

/** The formula as text. @param named with names for people; else with ids, as a spec keeps it */
export function printFormula(formula: Formula, named: boolean): string {
  const word = (thing: Field | Entity) => (named ? ('plural' in thing ? thing.plural : thing.name) : thing.id);
  const print = (part: Formula, tight: boolean): string => {
    switch (part.kind) {
      case 'number':
        return String(part.value);
      case 'today':
        return 'today';
      case 'field':
        return `{${word(part.field)}}`;
      case 'through':
        return `{${word(part.reference)}.${word(part.field)}}`;
      case 'total':
        return `${part.total}({${word(part.entity)}${part.field ? `.${word(part.field)}` : ''}})`;
      case 'negative':
        return `-${print(part.of, true)}`;
      case 'operation': {
        const loose = part.sign === '+' || part.sign === '-';
        const text = `${print(part.left, !loose)} ${part.sign} ${print(part.right, !loose || part.sign === '-')}`;
        return tight && loose ? `(${text})` : part.sign === '/' && tight ? `(${text})` : text;
      }
    }
  };
  return print(formula, false);
}

/** Why a spec's formulas cannot be worked out: one names what is gone, or they go in a circle. */
export function formulaProblem(spec: Spec): string | undefined {
  for (const entity of spec.entities)
    for (const field of entity.fields) {
      if (isStored(field)) continue;
      const problem = followed(spec, entity, field, []);
      if (problem) return `${field.name} of ${entity.plural}: ${problem}`;
    }
  return undefined;
}

function followed(spec: Spec, entity: Entity, field: Field, above: string[]): string | undefined {
  if (above.includes(field.id)) return 'it would be worked out from itself.';
  if (above.length > 6) return 'it builds on too many other computed fields.';
  const parsed = parseFormula(field.formula!, spec, entity);
  if ('problem' in parsed) return parsed.problem;
  for (const [owner, used] of fieldsIn(parsed.formula, entity)) {
    if (isStored(used)) continue;
    const problem = followed(spec, owner, used, [...above, field.id]);
    if (problem) return problem;
  }
  return undefined;
}

/** Every field that a formula uses, with the entity that it belongs to. */
export function fieldsIn(formula: Formula, entity: Entity): [Entity, Field][] {
  switch (formula.kind) {
    case 'field':
      return [[entity, formula.field]];
    case 'through':
      return [[formula.entity, formula.field]];
    case 'total':
      return formula.field ? [[formula.entity, formula.field]] : [];
    case 'negative':
      return fieldsIn(formula.of, entity);
    case 'operation':
      return [...fieldsIn(formula.left, entity), ...fieldsIn(formula.right, entity)];
    default:
      return [];
  }
}
