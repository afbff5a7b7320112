/** `rename author to writer`, `call the app My books`, `remove the rating from books`. */
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { cleanName } from '../field-phrase.ts';
import { pluralIn, singularIn } from '../language/number.ts';
import { nearest } from '../nearest.ts';
import { type Context, nextAnswer, type Step } from '../outcome.ts';
import { exactEntity, exactFields, partsOf, resolveEntity, resolveField } from '../resolve.ts';
import { onlyRules } from '../rules.ts';
import { say } from '../say.ts';
import { items, sentenceCase, unquoted } from '../split.ts';
import { typeNamed } from '../type-words.ts';
import { removeChoice, renameChoice } from './choices.ts';

const nameOf = (text: string): string => sentenceCase(unquoted(text.trim().replace(/[.!]+$/, '')));

/** The app's title. */
export function retitle(clause: string): Step | undefined {
  const app = '(?:the |this |my |our )?(?:whole )?(?:app|application|it|thing|site|website|tool|project)';
  const match =
    clause.match(new RegExp(`^(?:call|name|rename|title|retitle)\\s+${app}(?:\\s+(?:to|as|into))?\\s+(.+)$`, 'i')) ??
    clause.match(
      /^(?:change|set|make)\s+the\s+(?:title|name)(?:\s+of\s+(?:the|this|my|our)\s+(?:app|application|site|tool))?\s+(?:to|into|be)?\s*(.+)$/i,
    ) ??
    clause.match(
      new RegExp(
        `^(?:the\\s+title|the name|${app})\\s+(?:should be|shall be|is|must be)\\s+(?:(?:called|named|titled)\\s+)?(.+)$`,
        'i',
      ),
    );
  // `the title is optional` speaks about a field
  if (!match || onlyRules(match[1]!) || typeNamed(match[1]!)) return undefined;
  return { operations: [{ op: 'set_title', title: nameOf(match[1]!) }] };
}

/** A list or a field gets another name. */
export function rename(context: Context, clause: string): Step | undefined {
  const match =
    clause.match(/^(?:rename|relabel)\s+(.+?)\s+(?:to|as|into)\s+(.+)$/i) ??
    clause.match(/^change\s+(?:the\s+)?(?:name|label)\s+of\s+(.+?)\s+(?:to|into)\s+(.+)$/i) ??
    clause.match(/^(?:the\s+)?(.+?)\s+(?:should|shall|must)\s+be\s+(?:called|named|renamed to)\s+(.+)$/i) ??
    clause.match(/^(?:call|name)\s+(.+?)\s+(["“].+["”])$/i) ??
    calledWithoutQuotes(context, clause);
  if (!match) return undefined;
  const name = nameOf(match[2]!);
  const entity = exactEntity(context, match[1]!);
  const field = /\b(?:field|column)\b/i.test(match[1]!) || !entity;
  if (!field) return { operations: [renamed(context, entity.plural, name)] };
  const { name: said, within } = partsOf(context, match[1]!);
  if (exactFields(context, said, within).length === 0) {
    const asChoice = renameChoice(context, match[1]!, match[2]!);
    if (asChoice) return asChoice;
  }
  const plurals = context.spec.entities.map((one) => one.plural);
  const names = context.spec.entities.flatMap((one) => one.fields.map((each) => each.name));
  if (!within && nearest(match[1]!, names).length === 0 && nearest(match[1]!, plurals).length > 0) {
    const meant = resolveEntity(context, match[1]!);
    return 'found' in meant ? { operations: [renamed(context, meant.found.plural, name)] } : meant;
  }
  const resolved = resolveField(context, match[1]!);
  if (!('found' in resolved)) return resolved;
  const { entity: owner, field: found } = resolved.found;
  return { operations: [{ op: 'rename_field', entity: owner.plural, field: found.name, name }] };
}

/** What one of it is called from now on, and several: the new name may be either. */
function renamed(context: Context, entity: string, name: string): SpecOperation {
  const language = context.spec.language ?? context.language;
  const one = sentenceCase(singularIn(name, language));
  return {
    op: 'rename_entity',
    entity,
    name: one,
    ...(language !== 'en' && { plural: one === name ? pluralIn(name, language) : name }),
  };
}

/** `call author writer`: the longest beginning that is known is what gets the name. */
function calledWithoutQuotes(context: Context, clause: string): [string, string, string] | undefined {
  const rest = clause.match(/^(?:call|name)\s+(.+)$/i)?.[1];
  const words = rest?.split(/\s+/) ?? [];
  for (let count = words.length - 1; count > 0; count--) {
    const subject = words.slice(0, count).join(' ');
    const { name, within } = partsOf(context, subject);
    if (exactEntity(context, subject) || exactFields(context, name, within).length > 0)
      return [clause, subject, words.slice(count).join(' ')];
  }
  return undefined;
}

/** A list or fields go away. */
export function remove(context: Context, clause: string): Step | undefined {
  const match =
    clause.match(/^(?:remove|delete|drop|get rid of|take (?:out|away)|throw (?:out|away)|erase|kill)\s+(.+)$/i) ??
    clause.match(/^(?:we|i)\s+(?:don't|do not|don’t|no longer)\s+(?:need|want)\s+(.+?)(?:\s+any ?more)?$/i) ??
    clause.match(/^no more\s+(.+)$/i);
  if (!match) return undefined;
  const what = match[1]!.replace(/[.!]+$/, '');
  if (
    /^(?:everything|all|all of it|it all|the (?:whole )?app|the data(?:base)?|all (?:the )?(?:data|lists|tables))$/i.test(
      what,
    )
  )
    return { say: 'I do not remove a whole app. Name the list or the field that should go.' };
  const whole = /^(?:the )?(?:list|table)\b|\s(?:list|table)$/i.test(what) ? exactEntity(context, what) : undefined;
  if (whole) return { operations: [{ op: 'remove_entity', entity: whole.plural }] };
  const { name, within } = partsOf(context, what);
  const operations: SpecOperation[] = [];
  for (const item of items(name)) {
    const entity = within ? undefined : exactEntity(context, item);
    const isField = exactFields(context, item, within).length > 0 || /\b(?:field|column)\b/i.test(item);
    const asChoice = isField || entity ? undefined : removeChoice(context, items(name).length === 1 ? what : item);
    if (asChoice && !('operations' in asChoice)) return asChoice;
    if (asChoice) {
      operations.push(...asChoice.operations);
      continue;
    }
    const pointer = exactFields(context, item, within).find((one) => one.field.type === 'reference');
    if (entity && pointer && !/\b(?:list|table|field|column)\b/i.test(item)) {
      const asList = `The list of ${entity.plural.toLowerCase()} with its rows`;
      const asField = `Only ${pointer.field.name} of ${pointer.entity.plural}`;
      const answer = nextAnswer(context);
      if (answer === undefined)
        return {
          ask: {
            question: `What should go when you say ${say(item)}?`,
            options: [asField, asList].map((label) => ({ label })),
            allowText: false,
          },
        };
      operations.push(
        answer === asList
          ? { op: 'remove_entity', entity: entity.plural }
          : { op: 'remove_field', entity: pointer.entity.plural, field: pointer.field.name },
      );
      continue;
    }
    if (entity && (!isField || /\b(?:list|table)\b/i.test(item))) {
      operations.push({ op: 'remove_entity', entity: entity.plural });
      continue;
    }
    const resolved = resolveField(context, within ? `${item} of ${within.plural}` : item);
    if (!('found' in resolved)) return resolved;
    operations.push({ op: 'remove_field', entity: resolved.found.entity.plural, field: resolved.found.field.name });
  }
  return operations.length > 0 ? { operations } : { say: `I did not find what to remove in ${say(cleanName(what))}.` };
}
