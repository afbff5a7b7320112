/** What the builder says: what it understood, what it assumed, what will be lost, and how to go on. */
import type { Entity, Field, Spec } from '../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../contract/spec-operations.ts';
import { applyOperations } from '../../../builds/spec/apply.ts';
import { starsOf } from '../../../builds/spec/fields.ts';
import { typeWords } from '../../../builds/spec/kinds.ts';
import type { Doing } from './interpret.ts';
import { escaped } from './say.ts';

/** `rating (1 to 5 stars)` */
function describeField(field: Field, spec: Spec): string {
  const said: string[] = [];
  if (field.type === 'rating') said.push(`1 to ${starsOf(field)} stars`);
  else if (field.type === 'choice') said.push(field.choices!.map((choice) => escaped(choice.label)).join(', '));
  else if (field.type === 'money') said.push(`in ${field.currency}`);
  else if (field.type === 'reference')
    said.push(`one of ${escaped(spec.entities.find((entity) => entity.id === field.target)?.plural ?? '')}`);
  else if (field.type === 'computed') said.push('worked out');
  else if (field.type !== 'text') said.push(typeWords[field.type]);
  if (field.type !== 'rating' && field.min !== undefined) said.push(`from ${field.min}`);
  if (field.type !== 'rating' && field.max !== undefined) said.push(`up to ${field.max}`);
  if (field.required) said.push('must be filled in');
  if (field.unique) said.push('different in every row');
  if (field.default !== undefined && field.default !== false) said.push(`starts as ${escaped(defaultWords(field))}`);
  return `${escaped(field.name)}${said.length > 0 ? ` (${said.join('; ')})` : ''}`;
}

const defaultWords = ({ default: value, choices }: Field): string =>
  choices?.find((choice) => choice.value === value)?.label ?? String(value);

/** `**Books** with Title (must be filled in), Author` */
export const describeEntity = (entity: Entity, spec: Spec): string =>
  `**${escaped(entity.plural)}** with ${entity.fields.map((field) => describeField(field, spec)).join(', ')}`;

/** The plan, before anything is done. */
export function planText(doing: Doing, newApp: boolean): string {
  const { before, after } = doing;
  const fresh = after.entities.filter(
    (entity) => !entity.link && !before.entities.some((other) => other.id === entity.id),
  );
  const lines = [
    newApp ? `I understood: an app called **${escaped(doing.title)}** that keeps` : 'I understood:',
    '',
    ...fresh.map((entity) => `- ${describeEntity(entity, after)}`),
    ...otherLines(doing, fresh).map((line) => `- ${line}`),
  ];
  const lost = lostText(doing.operations, before);
  return [lines.join('\n'), assumedText(doing.assumed), lost, ...doing.left].filter(Boolean).join('\n\n');
}

/** One line for each operation that the lists above do not show already, as the compiler words it. */
function otherLines({ before, title, operations }: Doing, fresh: Entity[]): string[] {
  const applied = applyOperations(before.entities.length === 0 ? { ...before, title } : before, operations);
  if (!applied.ok) return [];
  const isFresh = (name: string) => fresh.some((entity) => [entity.name, entity.plural].includes(name));
  const shown = (operation: SpecOperation) =>
    ['add_entity', 'order_entities', 'set_language'].includes(operation.op) ||
    (operation.op === 'relate' && operation.kind === 'one' && isFresh(operation.from)) ||
    (operation.op === 'add_field' && isFresh(operation.entity));
  return applied.summary.filter((_, at) => !shown(operations[at]!)).map(escaped);
}

/** What a turn that only plans answers: what would be done, and that nothing was. */
export function planOnlyText(doing: Doing, newApp: boolean): string {
  const steps = newApp
    ? 'I would make the app, its lists and forms, and its tables in this chat’s draft.'
    : 'I would change the spec; lists, forms and the tables of this chat’s draft follow from it.';
  return `${planText(doing, newApp)}\n\n${steps} Nothing has been changed: this is a plan.`;
}

const assumedText = (assumed: string[]): string =>
  assumed.length === 0
    ? ''
    : assumed.length === 1
      ? `I assumed: ${assumed[0]!.replace(/^An? /, (article) => article.toLowerCase())}`
      : `I assumed:\n\n${assumed.map((line) => `- ${line}`).join('\n')}`;

/** What goes away for good, said before it goes. */
function lostText(operations: SpecOperation[], before: Spec): string {
  const lost = operations.flatMap((operation) => {
    if (operation.op === 'remove_entity') return [`all rows of ${escaped(operation.entity)}`];
    if (operation.op === 'remove_field')
      return [`what ${escaped(operation.field)} of ${escaped(operation.entity)} holds`];
    return [];
  });
  if (lost.length === 0 || before.entities.length === 0) return '';
  return `In this chat’s draft ${lost.join(' and ')} will be gone. What others use stays as it is until this chat is merged, and Undo brings it back here.`;
}

/** After it worked. */
export function closingText(doing: Doing, conflicts: string[]): string {
  const entity = doing.after.entities.findLast((one) => !one.link);
  const example = doing.next
    ? ` ${doing.next}`
    : entity
      ? ` Say what should change next, for example “add a notes field to ${escaped(entity.plural.toLowerCase())}”${doing.before.entities.length === 0 ? ', or “add sample rows” to see it filled' : ''}.`
      : '';
  const kept =
    conflicts.length === 0
      ? ''
      : `\n\nWhere edits made by hand were in the way, they stayed as they are:\n\n${conflicts.map((line) => `- ${escaped(line)}`).join('\n')}`;
  return `Done: the preview shows it.${example}${kept}`;
}

/** One sentence for the commit. */
export function summaryOf(doing: Doing): string {
  const applied = applyOperations({ ...doing.before, title: doing.title }, doing.operations);
  const text = applied.ok ? applied.summary.join('. ') : doing.title;
  return text.length > 300 ? `${text.slice(0, 297)}…` : text;
}
