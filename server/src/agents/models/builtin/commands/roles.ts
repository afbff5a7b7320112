/** Who may see and change what: `only the treasurer sees the fee`, `only teachers may change grades`, `everybody can see the price`. */
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { singularOf } from '../../../../builds/spec/plural.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { type Context, nextAnswer, type Step } from '../outcome.ts';
import { exactEntity, resolveField } from '../resolve.ts';
import { items, sentenceCase, unquoted } from '../split.ts';

const act = '(see|sees|view|read|change|changes|edit|edits|add|delete|update|manage|enter|write)';
const only = new RegExp(
  `^(?:(?:i want (?:that )?)?only|just|nobody (?:but|except|else than))\\s+(.+?)\\s+(?:(?:can|may|should|must|is allowed to|are allowed to|should be able to|will)\\s+)?(?:be able to\\s+)?${act}(?:\\s+(?:and|or|,)\\s*${act})*\\s+(?:the\\s+|all\\s+)?(.+)$`,
  'i',
);
const all = new RegExp(
  `^(?:everybody|everyone|all(?: people)?|anybody|anyone)\\s+(?:(?:can|may|should|must|is allowed to)\\s+)?(?:again\\s+)?${act}\\s+(?:the\\s+)?(.+)$`,
  'i',
);

/** @returns nothing when the clause does not speak about roles */
export function roleStep(context: Context, clause: string): Step | undefined {
  return roleChange(clause) ?? limitStep(context, clause) ?? openStep(context, clause);
}

function roleChange(clause: string): Step | undefined {
  const added =
    clause.match(
      /^(?:add|create|make|there (?:is|are)|we have|introduce)\s+(?:the |an? |new |these |some )*roles?\s*(?:called|named|for|:)?\s+(.+)$/i,
    ) ?? clause.match(/^roles?:\s*(.+)$/i);
  if (added) return { operations: items(added[1]!).map((name) => ({ op: 'add_role', name: roleName(name) })) };
  const renamed = clause.match(/^rename\s+(?:the\s+)?role\s+(.+?)\s+(?:to|into|as)\s+(.+)$/i);
  if (renamed) return { operations: [{ op: 'rename_role', role: unquoted(renamed[1]!), name: roleName(renamed[2]!) }] };
  const removed =
    clause.match(/^(?:remove|delete|drop)\s+(?:the\s+)?role\s+(.+)$/i) ??
    clause.match(/^(?:remove|delete|drop)\s+(?:the\s+)?(.+?)\s+role$/i);
  if (removed) return { operations: [{ op: 'remove_role', role: unquoted(removed[1]!) }] };
  return undefined;
}

const roleName = (words: string): string => sentenceCase(unquoted(words.replace(/^(?:the|an?|our|my)\s+/i, '')));

/** The roles that are named, with operations for those that are not there yet. */
function rolesIn(context: Context, words: string): { names: string[]; operations: SpecOperation[] } {
  const operations: SpecOperation[] = [];
  const names = items(words).map((item) => {
    const wanted = roleName(item);
    const known = context.spec.roles?.find((role) =>
      [wanted, singularOf(wanted)].some((name) => comparable(name) === comparable(role.name)),
    );
    if (known) return known.name;
    const name = singularOf(wanted);
    operations.push({ op: 'add_role', name });
    return name;
  });
  return { names, operations };
}

function limitStep(context: Context, clause: string): Step | undefined {
  const else_ = clause.match(
    new RegExp(
      `^(?:the\\s+)?(.+?)\\s+(?:can|may|should)\\s+${act}\\s+(?:the\\s+)?(.+?),?\\s+(?:and\\s+|but\\s+)?(?:nobody|no one|no-one|none) else$`,
      'i',
    ),
  );
  if (else_) return limitStep(context, `only ${else_[1]} ${else_[2]} ${else_[3]}`);
  const match = clause.match(only);
  if (!match) return undefined;
  const [, who = '', first = '', second, what = ''] = match;
  const { names, operations } = rolesIn(context, who);
  const verbs = [first, second ?? ''];
  const sees = verbs.some((verb) => /^(?:see|view|read)/i.test(verb));
  const changes = verbs.some((verb) => /^(?:change|edit|add|delete|update|manage|enter|write)/i.test(verb));
  const entity = exactEntity(context, what);
  if (entity)
    return {
      operations: [
        ...operations,
        { op: 'set_access', entity: entity.plural, ...(sees && { see: names }), ...(changes && { change: names }) },
      ],
    };
  const assumed: string[] = [];
  for (const item of items(what)) {
    const resolved = resolveField(context, item);
    if (!('found' in resolved)) return resolved;
    const { entity: owner, field } = resolved.found;
    if (!sees) {
      const seen = `Only ${names.join(', ')} sees ${field.name}`;
      const whole = `Only ${names.join(', ')} changes ${owner.plural}`;
      const answer = nextAnswer(context);
      if (answer === undefined)
        return {
          ask: {
            question: `Who may change something is said of a whole list, not of one field. What about ${field.name} of ${owner.plural}?`,
            options: [seen, whole, 'Leave it as it is'].map((label) => ({ label })),
            allowText: false,
          },
        };
      if (answer === whole)
        return { operations: [...operations, { op: 'set_access', entity: owner.plural, change: names }] };
      if (answer !== seen) return { say: 'Then I leave that as it is.' };
    }
    if (field.required) {
      operations.push({ op: 'alter_field', entity: owner.plural, field: field.name, changes: { required: false } });
      assumed.push(`${field.name} may stay empty now, since others add rows without seeing it.`);
    }
    operations.push({ op: 'limit_field', entity: owner.plural, field: field.name, roles: names });
  }
  return { operations, assumed };
}

function openStep(context: Context, clause: string): Step | undefined {
  const match = clause.match(all);
  if (!match) return undefined;
  const [, verb = '', what = ''] = match;
  const entity = exactEntity(context, what);
  const sees = /^(?:see|view|read)/i.test(verb);
  if (entity)
    return { operations: [{ op: 'set_access', entity: entity.plural, ...(sees ? { see: null } : { change: null }) }] };
  const resolved = resolveField(context, what);
  if (!('found' in resolved)) return resolved;
  return {
    operations: [
      { op: 'limit_field', entity: resolved.found.entity.plural, field: resolved.found.field.name, roles: null },
    ],
  };
}
