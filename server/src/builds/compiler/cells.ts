/** How a value is shown: in a column of a list, and among the details of a row. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { starsOf } from '../spec/fields.ts';
import { isTextual, numberKind } from '../spec/kinds.ts';
import type { Context } from './context.ts';
import { choicesName } from './files/model.ts';
import { labelOf } from './names.ts';
import { attribute, quoted } from './text.ts';

export interface Shown {
  /** Svelte markup for a value that is there */
  markup: string;
  /** components and functions that the markup needs */
  components: string[];
  functions: string[];
  /** choices that the markup needs, of the entity's module */
  choices: string[];
}

const nothing = { components: [], functions: [], choices: [] };
const by = (name: string, ...args: string[]): Shown => ({
  ...nothing,
  markup: `{${name}(${args.join(', ')})}`,
  functions: [name],
});

/** @param row the variable that holds the row, `book` */
export function shown(context: Context, entity: Entity, field: Field, row: string): Shown {
  const value = `${row}.${field.column}`;
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
      return by('formatDate', value);
    case 'datetime':
      return by('formatMoment', value);
    case 'email':
    case 'phone': {
      const scheme = field.type === 'email' ? 'mailto' : 'tel';
      return { ...nothing, markup: `<a class="link" href="${scheme}:{${value}}">{${value}}</a>` };
    }
    case 'url':
      return {
        ...nothing,
        markup: `<a class="link" href={${value}} rel="noreferrer" target="_blank">{${value}.replace(/^https?:\\/\\//, '')}</a>`,
      };
    case 'image':
      return {
        ...nothing,
        markup: `<Picture id={${value}} ${attribute('label', field.name)} />`,
        components: ['Picture'],
      };
    case 'file':
      return { ...nothing, markup: `<a class="link" href="/files/{${value}}">${plainName(field)}</a>` };
    case 'reference': {
      const { slug } = context.entity(field.target!);
      return { ...nothing, markup: `<a class="link" href="/${slug}/{${value}}">{${row}.${labelOf(field)}}</a>` };
    }
  }
  switch (numberKind(field)) {
    case 'money':
      return by('formatMoney', value, quoted(field.currency!));
    case 'percent':
      return by('formatPercent', value);
    case 'duration':
      return by('formatDuration', value);
    case undefined:
      return { ...nothing, markup: `{${value}}` };
    default:
      return by('formatNumber', value);
  }
}

const plainName = (field: Field): string => `{${quoted(field.name)}}`;

/** Whether a value may be missing. */
export const maybeEmpty = (field: Field): boolean =>
  field.type === 'reference' ||
  field.type === 'image' ||
  field.type === 'file' ||
  (!field.required && field.type !== 'boolean');

/** The text that stands for a row, as an expression that is never empty. */
export function titleExpression(context: Context, entity: Entity, field: Field, one: string): string {
  const untitled = quoted(context.words.untitled);
  const ends = entity.link ? entity.fields.filter((end) => end.type === 'reference').slice(0, 2) : [];
  if (ends.length === 2) return ends.map((end) => `(${one}.${labelOf(end)} ?? ${untitled})`).join(` + ' – ' + `);
  const value = `${one}.${field.column}`;
  if (isTextual(field) || field.type === 'time') return field.required ? value : `${value} ?? ${untitled}`;
  if (field.type === 'reference') return `${one}.${labelOf(field)} ?? ${untitled}`;
  if (field.type === 'choice') {
    const label = `${choicesName(entity, field)}[${value}]`;
    return field.required ? label : `${value} ? ${label} : ${untitled}`;
  }
  const format = titleFormat(field);
  if (format) {
    const call = `${format}(${value}${format === 'formatMoney' ? `, ${quoted(field.currency!)}` : ''})`;
    return field.required ? call : `${value} === null ? ${untitled} : ${call}`;
  }
  return field.required || field.type === 'boolean' ? `String(${value})` : `String(${value} ?? ${untitled})`;
}

function titleFormat(field: Field): string | undefined {
  if (field.type === 'date') return 'formatDate';
  if (field.type === 'datetime') return 'formatMoment';
  const kind = numberKind(field);
  if (kind === 'money') return 'formatMoney';
  if (kind === 'percent') return 'formatPercent';
  return kind === 'duration' ? 'formatDuration' : undefined;
}

/** What `titleExpression` needs to be imported. */
export const titleNeeds = (entity: Entity, field: Field): { functions: string[]; choices: string[] } =>
  entity.link
    ? { functions: [], choices: [] }
    : {
        functions: [titleFormat(field)].filter((name) => name !== undefined),
        choices: field.type === 'choice' ? [choicesName(entity, field)] : [],
      };

/** Import lines for components and for named things, sorted, each once. */
export const componentImports = (names: string[]): string[] =>
  [...new Set(names)].sort().map((name) => `  import ${name} from '#lib/components/${name}.svelte';`);
export const namedImport = (names: string[], module: string): string | false =>
  names.length > 0 && `  import { ${[...new Set(names)].sort().join(', ')} } from '${module}';`;
