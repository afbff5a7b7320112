/** From words to the entity or field that they name. What is not there is asked for, with what is near as options. */
import type { Entity } from '../../../../../contract/spec.ts';
import { pluralOf, singularOf } from '../../../builds/spec/plural.ts';
import { comparable, findEntity, findField } from '../../../builds/spec/references.ts';
import { cleanName } from './field-phrase.ts';
import { singularIn } from './language/number.ts';
import { byNearness, nearest } from './nearest.ts';
import { type Context, type FoundField, NONE, nextAnswer, type Question, type Resolved } from './outcome.ts';
import { say } from './say.ts';

/** What is longer names nothing: a label has 60 signs at most, with its list and some words around. */
const LONGEST_NAME = 200;

/** The entity that a phrase names exactly, singular or plural. */
export function exactEntity(context: Context, phrase: string): Entity | undefined {
  if (phrase.length > LONGEST_NAME) return undefined;
  const name =
    cleanName(phrase.replace(/\b(?:list|table|entity)\b(?: of)?/gi, ' ').replace(/\s+/g, ' ')) || cleanName(phrase);
  for (const form of [phrase, name, singularOf(name), pluralOf(name), singularIn(name, context.language)]) {
    const result = form.trim() ? findEntity(context.spec, form) : undefined;
    if (result && 'found' in result) return result.found;
  }
  return undefined;
}

/** The fields that a phrase names exactly, in all entities or in one. */
export function exactFields(context: Context, phrase: string, within?: Entity): FoundField[] {
  if (phrase.length > LONGEST_NAME) return [];
  const name = cleanName(phrase);
  const entities = within ? [within] : context.spec.entities;
  return entities.flatMap((entity) => {
    for (const form of [name, singularOf(name), pluralOf(name)]) {
      const result = form ? findField(entity, form) : undefined;
      if (result && 'found' in result) return [{ entity, field: result.found }];
    }
    return [];
  });
}

/** The entity that a phrase names, asking when it is not clear. */
export function resolveEntity(context: Context, phrase: string): Resolved<Entity> {
  const exact = exactEntity(context, phrase);
  if (exact) return { found: exact };
  const plurals = context.spec.entities.map((entity) => entity.plural);
  const name = cleanName(phrase);
  const near = nearest(name, plurals);
  const options = near.length > 0 ? near : byNearness(name, plurals).slice(0, 5);
  return choose(context, options, `There is no list called ${say(name)}. Which one do you mean?`, (label) =>
    context.spec.entities.find((entity) => comparable(entity.plural) === comparable(label)),
  );
}

/** The entity for a new field when none was named. */
export function whichEntity(
  context: Context,
  what: string,
  among: Entity[] = context.spec.entities.filter((entity) => !entity.link),
): Resolved<Entity> {
  const [only, ...others] = among;
  if (only && others.length === 0) return { found: only };
  const options = among.slice(0, 6).map((entity) => entity.plural);
  return choose(context, options, `Which list gets ${what}?`, (label) =>
    context.spec.entities.find((entity) => comparable(entity.plural) === comparable(label)),
  );
}

/** The field that a phrase names: `rating`, `rating of books`, `the author field in books`, `books’ author`. */
export function resolveField(context: Context, phrase: string): Resolved<FoundField> {
  const { name, within } = partsOf(context, phrase);
  const exact = exactFields(context, name, within);
  if (exact.length === 1) return { found: exact[0]! };
  const candidates = (within ? [within] : context.spec.entities).flatMap((entity) =>
    entity.fields.map((field) => ({ entity, field })),
  );
  const label = ({ entity, field }: FoundField) =>
    within || context.spec.entities.length === 1 ? field.name : `${field.name} of ${entity.plural}`;
  const byLabel = (wanted: string) =>
    candidates.find((candidate) => comparable(label(candidate)) === comparable(wanted));
  if (exact.length > 1)
    return choose(context, exact.map(label).slice(0, 6), `Which ${say(name)} do you mean?`, byLabel);
  const names = [...new Set(candidates.map(({ field }) => field.name))];
  const near = nearest(cleanName(name), names);
  const options = candidates.filter(({ field }) => near.includes(field.name)).map(label);
  const where = within ? `${within.plural} have` : 'There is';
  if (options.length === 0)
    return {
      say: `${where} no field called ${say(cleanName(name))}. There is ${candidates.map(label).slice(0, 12).join(', ')}.`,
    };
  return choose(
    context,
    options.slice(0, 5),
    `${where} no field called ${say(cleanName(name))}. Which one do you mean?`,
    byLabel,
  );
}

/** Parts `author of books`, `books author` and `books' author` into a field's name and an entity. */
export function partsOf(context: Context, phrase: string): { name: string; within: Entity | undefined } {
  if (phrase.length > LONGEST_NAME) return { name: phrase, within: undefined };
  const after = phrase.match(/^(.+)\s+(?:of|in|from|on|for)\s+(?:the |all |each |every )?(.+)$/i);
  const entity = after && exactEntity(context, after[2]!);
  if (entity) return { name: after[1]!, within: entity };
  const words = phrase.trim().split(/\s+/);
  for (let count = 1; count < words.length; count++) {
    const owner = exactEntity(
      context,
      words
        .slice(0, count)
        .join(' ')
        .replace(/['’]s?$/, ''),
    );
    if (owner) return { name: words.slice(count).join(' '), within: owner };
  }
  return { name: phrase, within: undefined };
}

function choose<T>(
  context: Context,
  labels: string[],
  question: string,
  find: (label: string) => T | undefined,
): Resolved<T> {
  const asked: Question = {
    question,
    options: [...labels, NONE].slice(0, 6).map((label) => ({ label })),
    allowText: true,
  };
  const answer = nextAnswer(context);
  if (answer === undefined) return { ask: asked };
  const found = find(answer) ?? find(nearest(answer, labels, 1)[0] ?? '');
  if (found) return { found };
  return {
    say:
      answer === NONE ? 'Then I leave that as it is.' : `I do not know ${say(answer)} here, so I left that as it is.`,
  };
}
