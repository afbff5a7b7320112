/** How a value is shown: in a column of a list, and among the details of a row. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { starsOf } from '../spec/fields.ts';
import { choicesName } from './files/model.ts';
import { attribute } from './text.ts';

export interface Shown {
  /** Svelte markup for a value that is there */
  markup: string;
  /** components and functions that the markup needs */
  components: string[];
  functions: string[];
  /** choices that the markup needs, of the entity's module */
  choices: string[];
}

/** @param value the expression that holds the value, `book.rating` */
export function shown(entity: Entity, field: Field, value: string): Shown {
  const nothing = { components: [], functions: [], choices: [] };
  switch (field.type) {
    case 'rating':
      return { ...nothing, markup: `<Stars value={${value}} max={${starsOf(field)}} />`, components: ['Stars'] };
    case 'boolean':
      return { ...nothing, markup: `<Yes value={${value}} ${attribute('label', field.name)} />`, components: ['Yes'] };
    case 'choice': {
      const choices = choicesName(entity, field);
      return { ...nothing, markup: `<Tag label={${choices}[${value}]} />`, components: ['Tag'], choices: [choices] };
    }
    case 'date':
      return { ...nothing, markup: `{formatDate(${value})}`, functions: ['formatDate'] };
    case 'number':
    case 'integer':
      return { ...nothing, markup: `{formatNumber(${value})}`, functions: ['formatNumber'] };
    default:
      return { ...nothing, markup: `{${value}}` };
  }
}

/** Whether a value may be missing. */
export const maybeEmpty = (field: Field): boolean => !field.required && field.type !== 'boolean';

/** The text that stands for a row, as an expression that is never empty. */
export function titleExpression(entity: Entity, field: Field, one: string): string {
  const value = `${one}.${field.column}`;
  if (field.type === 'text' || field.type === 'longtext') return field.required ? value : `${value} ?? 'Untitled'`;
  if (field.type === 'choice') {
    const label = `${choicesName(entity, field)}[${value}]`;
    return field.required ? label : `${value} ? ${label} : 'Untitled'`;
  }
  if (field.type === 'date')
    return field.required ? `formatDate(${value})` : `${value} ? formatDate(${value}) : 'Untitled'`;
  return field.required || field.type === 'boolean' ? `String(${value})` : `String(${value} ?? 'Untitled')`;
}

/** What `titleExpression` needs to be imported. */
export const titleNeeds = (entity: Entity, field: Field): { functions: string[]; choices: string[] } => ({
  functions: field.type === 'date' ? ['formatDate'] : [],
  choices: field.type === 'choice' ? [choicesName(entity, field)] : [],
});

/** Import lines for components and for named things, sorted, each once. */
export const componentImports = (names: string[]): string[] =>
  [...new Set(names)].sort().map((name) => `  import ${name} from '#lib/components/${name}.svelte';`);
export const namedImport = (names: string[], module: string): string | false =>
  names.length > 0 && `  import { ${[...new Set(names)].sort().join(', ')} } from '${module}';`;
