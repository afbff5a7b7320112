/** How the parts of a spec are called on the screen. */
import type { Entity, Field, FieldType, PageKind, Spec } from '../../../../contract/spec.ts';
import type { SpecEffect } from '../../../../contract/spec-operations.ts';
import { count } from '../../lib/text.ts';

export const typeNames: Record<FieldType, string> = {
  text: 'Text',
  longtext: 'Long text',
  number: 'Number',
  integer: 'Whole number',
  money: 'Money',
  percent: 'Per cent',
  boolean: 'Yes or no',
  date: 'Date',
  datetime: 'Date and time',
  time: 'Time of day',
  duration: 'Duration',
  choice: 'Choice',
  rating: 'Rating',
  email: 'Email',
  phone: 'Phone',
  url: 'Web address',
  image: 'Picture',
  file: 'File',
  reference: 'Link to a list',
  computed: 'Worked out',
};

export const pageNames: Record<PageKind, string> = {
  board: 'Board',
  calendar: 'Calendar',
  gallery: 'Gallery',
  chart: 'Chart',
  print: 'Page to print',
};

/** The rules of a field, a few words each. */
export function rulesOf(spec: Spec, field: Field): string[] {
  const rules: string[] = [];
  if (field.type === 'choice') rules.push(field.choices!.map((choice) => choice.label).join(', '));
  if (field.type === 'reference')
    rules.push(`from ${spec.entities.find((entity) => entity.id === field.target)?.plural ?? '?'}`);
  if (field.formula) rules.push(formulaText(spec, field.formula));
  if (field.type === 'rating') rules.push(`${field.max ?? 5} stars`);
  else if (field.min !== undefined && field.max !== undefined) rules.push(`${field.min} to ${field.max}`);
  else if (field.min !== undefined) rules.push(`at least ${field.min}`);
  else if (field.max !== undefined) rules.push(`at most ${field.max}`);
  if (field.currency) rules.push(field.currency);
  if (field.maxLength) rules.push(`up to ${field.maxLength} characters`);
  if (field.required) rules.push('must be filled in');
  if (field.unique) rules.push('different in every row');
  if (field.default !== undefined && field.default !== false) rules.push(`starts as ${defaultText(field)}`);
  if (field.listed === false) rules.push('no column');
  if (field.roles?.length)
    rules.push(`only for ${field.roles.map((id) => spec.roles?.find((role) => role.id === id)?.name).join(', ')}`);
  return rules;
}

const defaultText = (field: Field): string => {
  if (field.type === 'choice') return field.choices!.find((choice) => choice.value === field.default)?.label ?? '';
  return field.default === true ? 'yes' : String(field.default);
};

/** A formula with names for ids. */
export function formulaText(spec: Spec, formula: string): string {
  const names = new Map<string, string>();
  for (const entity of spec.entities) {
    names.set(entity.id, entity.plural);
    for (const field of entity.fields) names.set(field.id, field.name);
  }
  return formula.replace(
    /\{([^}]*)\}/g,
    (_, inner: string) =>
      `{${inner
        .split('.')
        .map((id) => names.get(id) ?? id)
        .join('.')}}`,
  );
}

/** `12 rows lose Author of Books`. */
export function effectText({ kind, what, rows }: SpecEffect): string {
  const of = count(rows, 'row');
  switch (kind) {
    case 'removes':
      return `${what}: ${of} ${rows === 1 ? 'loses' : 'lose'} what is there`;
    case 'empties':
      return `${what}: ${count(rows, 'value')} cannot be kept and ${rows === 1 ? 'becomes' : 'become'} empty`;
    case 'cuts':
      return `${what}: ${count(rows, 'value')} ${rows === 1 ? 'is' : 'are'} changed to fit`;
    case 'fills':
      return `${what}: ${of} without a value ${rows === 1 ? 'gets' : 'get'} a plain one`;
    case 'clashes':
      return `${what}: ${of} ${rows === 1 ? 'is' : 'are'} the same. Make them differ first`;
  }
}

/** What stands for a row of an entity. */
export const displayName = (entity: Entity): string =>
  entity.fields.find((field) => field.id === entity.displayField)?.name ?? '';
