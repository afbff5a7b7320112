/** What the builder says: what it understood, what it assumed, what will be lost, and how to go on. */
import type { Entity, Field, Spec } from '../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../contract/spec-operations.ts';
import { applyOperations } from '../../../builds/spec/apply.ts';
import { starsOf } from '../../../builds/spec/fields.ts';
import type { Interpretation } from './interpret.ts';
import { escaped } from './say.ts';

type Doing = Extract<Interpretation, { kind: 'do' }>;

/** `rating (1 to 5 stars)` */
function describeField(field: Field): string {
  const said: string[] = [];
  if (field.type === 'rating') said.push(`1 to ${starsOf(field)} stars`);
  else if (field.type === 'choice') said.push(field.choices!.map((choice) => escaped(choice.label)).join(', '));
  else if (field.type === 'boolean') said.push('yes or no');
  else if (field.type === 'integer') said.push('whole number');
  else if (field.type === 'longtext') said.push('long text');
  else if (field.type !== 'text') said.push(field.type);
  if (field.type !== 'rating' && field.min !== undefined) said.push(`from ${field.min}`);
  if (field.type !== 'rating' && field.max !== undefined) said.push(`up to ${field.max}`);
  if (field.required) said.push('must be filled in');
  if (field.unique) said.push('different in every row');
  if (field.default !== undefined && field.default !== false) said.push(`starts as ${escaped(String(field.default))}`);
  return `${escaped(field.name)}${said.length > 0 ? ` (${said.join('; ')})` : ''}`;
}

/** `**Books** with Title (must be filled in), Author` */
export const describeEntity = (entity: Entity): string =>
  `**${escaped(entity.plural)}** with ${entity.fields.map(describeField).join(', ')}`;

/** The plan, before anything is done. */
export function planText(doing: Doing, newApp: boolean): string {
  const lines: string[] = [];
  const added = doing.operations.every((operation) => operation.op === 'add_entity' || operation.op === 'set_title');
  const fresh = doing.after.entities.filter((entity) => !doing.before.entities.some((other) => other.id === entity.id));
  if (newApp) lines.push(`I understood: an app called **${escaped(doing.title)}** that keeps`);
  else lines.push('I understood:');
  if (added && fresh.length > 0) {
    if (!newApp && doing.after.title !== doing.before.title)
      lines.push(`- the app is called **${escaped(doing.after.title)}**`);
    lines.push(...fresh.map((entity) => `- ${describeEntity(entity)}`));
  } else lines.push(...operationLines(doing).map((line) => `- ${line}`));
  const text = [lines[0]!, '', ...lines.slice(1)].join('\n');
  const lost = lostText(doing.operations, doing.before);
  return [text, assumedText(doing.assumed), lost, ...doing.left].filter(Boolean).join('\n\n');
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

/** One line per operation, as the compiler words it. */
function operationLines(doing: Doing): string[] {
  const applied = applyOperations(doing.before, doing.operations);
  return applied.ok ? applied.summary.map(escaped) : [];
}

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
  const entity = doing.after.entities.at(-1);
  const example = entity
    ? ` Say what should change next, for example “add a notes field to ${escaped(entity.plural.toLowerCase())}”.`
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
