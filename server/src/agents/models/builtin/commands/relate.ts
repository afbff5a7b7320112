/** `each order belongs to a customer`, `link books and authors`: relations between lists that are there, or that one of them calls for. */
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { singularOf } from '../../../../builds/spec/plural.ts';
import { complete } from '../describe/complete.ts';
import { operationsFor } from '../describe/operations.ts';
import { readRelation } from '../describe/relations.ts';
import { isPluralIn, pluralIn, singularIn } from '../language/number.ts';
import { type Context, nextAnswer, type Step } from '../outcome.ts';
import { exactEntity } from '../resolve.ts';
import { say } from '../say.ts';
import { sentenceCase } from '../split.ts';

/** @returns nothing when the clause does not relate two lists */
export function relateStep(context: Context, clause: string): Step | undefined {
  const said = readRelation(
    clause,
    (words) =>
      exactEntity(context, words) !== undefined ||
      isPluralIn(words, context.language) ||
      /^(?:each|every|an?|all|the)\s/i.test(clause),
  );
  const relation = said?.relations[0];
  const known = relation?.kind === 'one' && tieBetween(context, relation.from, relation.to);
  // said of a list that the same message made: it was read already
  if (known && known.from === context.subject) return { operations: [] };
  if (known) return { say: `${say(known.from)} has a field ${say(known.field)} for that already.` };
  if (relation && (exactEntity(context, relation.from) || exactEntity(context, relation.to)))
    return related(context, relation.from, relation.to, relation.kind);
  const link =
    clause.match(
      /^(?:link|connect|relate|tie|associate)\s+(?:the\s+)?(.+?)\s+(?:and|with|to)\s+(?:the\s+)?(.+?)(?:\s+(?:together|with each other))?$/i,
    ) ??
    clause.match(
      /^(?:add|make|create)?\s*(?:an?\s+|the\s+)?(?:link|relation(?:ship)?|connection|reference)s?\s+(?:between|from)\s+(?:the\s+)?(.+?)\s+(?:and|to|with)\s+(?:the\s+)?(.+)$/i,
    );
  if (!link || !(exactEntity(context, link[1]!) || exactEntity(context, link[2]!))) return undefined;
  const [one, other] = [nameOf(context, link[1]!), nameOf(context, link[2]!)];
  const many = (name: string) => pluralIn(name, context.language).toLowerCase();
  const options = [
    `Each ${one.toLowerCase()} has one ${other.toLowerCase()}`,
    `Each ${other.toLowerCase()} has one ${one.toLowerCase()}`,
    `${sentenceCase(many(one))} and ${many(other)} both have several`,
  ];
  const answer = nextAnswer(context);
  if (answer === undefined)
    return {
      ask: {
        question: `How do ${many(one)} and ${many(other)} belong together?`,
        options: options.map((label) => ({ label })),
        allowText: false,
      },
    };
  const at = options.indexOf(answer);
  if (at === 1) return related(context, other, one, 'one');
  return related(context, one, other, at === 2 ? 'many' : 'one');
}

/** The field of one list that points at another, when both are there. */
function tieBetween(context: Context, from: string, to: string): { from: string; field: string } | undefined {
  const [one, other] = [exactEntity(context, from), exactEntity(context, to)];
  const field = one?.fields.find((candidate) => candidate.target === other?.id && other !== undefined);
  return one && field && { from: one.name, field: field.name };
}

const nameOf = (context: Context, words: string): string =>
  exactEntity(context, words)?.name ?? sentenceCase(singularIn(words.trim(), context.language));

/** The relation, with the list that is missing made first. */
export function related(
  context: Context,
  from: string,
  to: string,
  kind: 'one' | 'many',
): { operations: SpecOperation[]; assumed: string[] } {
  const operations: SpecOperation[] = [];
  const assumed: string[] = [];
  const names = [from, to].map((words) => {
    const known = exactEntity(context, words);
    if (known) return known.name;
    const name = sentenceCase(singularIn(words, context.language)) || singularOf(words);
    operations.push(
      ...operationsFor([complete({ name, fields: [] }, context.language, assumed, 0)], [], context.language),
    );
    return name;
  });
  operations.push({ op: 'relate', from: names[0]!, to: names[1]!, kind });
  return { operations, assumed };
}
