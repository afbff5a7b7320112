/** `add a notes field to books`, `books need a publisher`, `also track authors with name and country`. */
import type { Entity } from '../../../../../../contract/spec.ts';
import type { NewField, SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { isPlural } from '../../../../builds/spec/plural.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { belonging } from '../describe/belonging.ts';
import { readDescription } from '../describe/describe.ts';
import { operationsFor } from '../describe/operations.ts';
import { usualRelations } from '../describe/relations.ts';
import { readFields } from '../field-phrase.ts';
import { withFirstState } from '../first-state.ts';
import { computedField } from '../formula-words.ts';
import { pluralIn, singularIn } from '../language/number.ts';
import { type Context, nextAnswer, type Step } from '../outcome.ts';
import { exactEntity, exactFields, resolveEntity, whichEntity } from '../resolve.ts';
import { escaped, say } from '../say.ts';
import { choicesIn, cut, items, sentenceCase } from '../split.ts';
import { generic } from '../vocabulary.ts';
import { mentionedEntity, mentionedFields } from './mentions.ts';
import { related } from './relate.ts';
import { typedField } from './typed-field.ts';

const verb =
  /^(?:also\s+)?(?:add|include|put|give|insert|create|make(?= (?:an?|another|the) (?:new |separate |second )*(?:list|table|field|column|entity)\b)|record|store|track|keep track of|keep|attach|append|introduce|need|want|have)\s+(?:in\s+)?/i;
const newList =
  /^(?:(?:an?|the|another|new|second|separate)\s+)*(?:list|table|entity|collection|page)\s+(?:of|for|called|named|with)\s+/i;
const nameless = /^(?:(?:new|another|more) )?(?:field|column|property|attribute|thing|something|list|table)s?$/i;
const says = /\b(?:fields?|columns?|propert(?:y|ies)|attributes?)\b/i;

/** @returns nothing when the clause does not ask for something new */
export function add(context: Context, clause: string): Step | undefined {
  const options = typedField(context, clause) ?? withOptions(context, clause);
  if (options) return options;
  if (/[=×*]|\b(?:times|divided by|plus|minus)\b/.test(clause)) {
    const [first] = mentionedFields(context, clause.replace(/^[^=]*?(?:=|\bthat is\b|\bis\b)/i, ''));
    const computed =
      first && !/=?\s+to\s+[\p{L} ]+$/iu.test(clause)
        ? computedStep(first.entity, clause.replace(verb, ''))
        : undefined;
    if (computed) return computed;
  }
  const owner = ownerOf(context, clause);
  if (owner) return addFields(context, owner.entity, owner.what);
  const rest = clause.replace(verb, '');
  if (rest === clause && says.test(clause) && clause.split(/\s+/).length <= 6) return add(context, `add ${clause}`);
  if (rest === clause) return describedBeside(context, clause, false);
  if (newList.test(rest)) return addLists(context, rest.replace(newList, ''), true);
  const target = targetOf(context, rest);
  if (target && 'found' in target.resolved) return addFields(context, target.resolved.found, target.what);
  if (target) return target.resolved as Step;
  if (!says.test(rest)) {
    const described = describedBeside(context, rest, true);
    if (described) return described;
    const asked = listOrField(context, rest);
    if (asked) return asked;
  }
  const fields = readFields(items(rest));
  if (fields.length === 0) return undefined;
  if (fields.every((field) => nameless.test(field.name)))
    return {
      say: `Say what it is called, for example “add a notes field to ${context.spec.entities[0]!.plural.toLowerCase()}”.`,
    };
  const about = /^(?:where|when|who|whether|how|what)\b/i.test(rest) ? mentionedEntity(context, rest) : undefined;
  if (about) return addFields(context, about, rest);
  const resolved = whichEntity(context, fields.map((field) => escaped(field.name)).join(', '));
  return 'found' in resolved ? addFields(context, resolved.found, rest) : resolved;
}

/** `a status field with to read, reading, read`; `status: to read, reading, read`. */
function withOptions(context: Context, clause: string): Step | undefined {
  const match =
    clause.match(
      /^(?:add\s+)?(?:(?:an?|the|new)\s+)*(.+?)\s+(?:field|column)\s+with\s+(?:the\s+)?(?:options|choices|values)?:?\s*(.+(?:,|\sor\s).+)$/i,
    ) ?? clause.match(/^(?:add\s+)?(?:(?:an?|the|new)\s+)*([\p{L} -]{2,30}):\s*(.+(?:,|\sor\s).+)$/iu);
  // `add priority to orders: low, medium, high`
  const owned = match?.[1]?.match(/^(.+?)\s+(?:to|of|for|in)\s+(?:(?:the|each|every|all|my|our)\s+)?(.+)$/i);
  const owner = owned && exactEntity(context, owned[2]!);
  const name = match && readFields([owner ? owned[1]! : match[1]!])[0]?.name;
  if (!name || isPlural(name) || /\(|\bwith\b/.test(match[2]!)) return undefined;
  const choices = choicesIn(match[2]!);
  const [known] = exactFields(context, name, owner || undefined);
  if (known)
    return {
      operations: [
        {
          op: 'alter_field',
          entity: known.entity.plural,
          field: known.field.name,
          changes: { type: 'choice', choices },
        },
      ],
    };
  const resolved = owner ? { found: owner } : whichEntity(context, escaped(name));
  if (!('found' in resolved)) return resolved;
  return {
    operations: [
      { op: 'add_field', entity: resolved.found.plural, field: withFirstState({ name, type: 'choice', choices }) },
    ],
  };
}

/** `books need a publisher`, `give each book a price`, `for every book record the shelf` */
function ownerOf(context: Context, clause: string): { entity: Entity; what: string } | undefined {
  const patterns = [
    /^(?:give|let)\s+(?:each |every |all |the )?(.+?)\s+(?:have )?((?:an?|the|some|another|also)\s+.+|["“].+)$/i,
    /^(?:for|in|on|to)\s+(?:each |every |all |the )?(.+?),?\s+(?:also\s+)?(?:add|record|store|track|include|keep|show|i (?:want|need))\s+(.+)$/i,
    /^(?:each |every |all |the |an? |our |my )?(.+?)\s+(?:also\s+|should\s+|must\s+|can\s+|could\s+|still\s+)*(?:needs?|ha(?:s|ve)|gets?|wants?)\s+(?:also\s+|to have\s+)?(.+)$/i,
  ];
  for (const pattern of patterns) {
    const match = clause.match(pattern);
    const entity = match && exactEntity(context, match[1]!);
    if (entity) return { entity, what: match[2]! };
  }
  return undefined;
}

/** `… to books`, `… for each book`: the last one that names a list. */
function targetOf(context: Context, rest: string) {
  const to = cut(
    rest,
    /\s+(?:to|into)\s+(?:(?:the|each|every|all|my|our)\s+)?(?:list of\s+)?(?=[^()]*$)(?!.*\s(?:to|into)\s)/i,
  );
  if (to && !/^\d|,/.test(to.after) && to.after.split(/\s+/).length <= 4)
    return { what: to.before, resolved: resolveEntity(context, to.after.replace(/[.!]+$/, '')) };
  const other = cut(
    rest,
    /\s+(?:for|in|on|of)\s+(?:(?:the|each|every|all|my|our)\s+)?(?=[^()]*$)(?!.*\s(?:for|in|on|of)\s)/i,
  );
  const entity = other && exactEntity(context, other.after);
  return entity ? { what: other.before, resolved: { found: entity } } : undefined;
}

function addFields(context: Context, entity: Entity, what: string): Step {
  const computed = computedStep(entity, what);
  if (computed) return computed;
  const named = cut(
    what,
    /^(?:(?:an?|the|new|two|three|some|more|another|these)\s+)*(?:fields?|columns?)(?:\s+(?:called|named|for|with))?\s*:?\s+/i,
  );
  const parts = items(named && named.before === '' ? named.after : what);
  const owners = parts.flatMap((part) => belonging(part)?.to ?? []);
  const fields = readFields(
    parts.flatMap((part) => {
      const found = belonging(part);
      return found ? (found.field ?? []) : part;
    }),
  );
  const tied = owners.map((to) => related(context, entity.name, to, 'one'));
  if (fields.length === 0 && tied.length === 0) return { say: `I did not find a field's name in ${say(what)}.` };
  return {
    operations: [
      ...fields.map((field) => fieldOperation(context, entity, field)),
      ...tied.flatMap(({ operations }) => operations),
    ],
    assumed: [
      ...fields.flatMap((field) =>
        field.type === 'choice' && !field.choices?.length
          ? [`You did not say what ${field.name} can be. I took A, B and C: say the real ones.`]
          : [],
      ),
      ...tied.flatMap(({ assumed }) => assumed),
    ],
  };
}

/** `a total = price * quantity`, `a total that is price times quantity` */
function computedStep(entity: Entity, what: string): Step | undefined {
  const match =
    what.match(/^(?:(?:an?|the|new|field|column|called|computed)\s+)*([\p{L}][\p{L} -]{0,40}?)\s*=\s*(.+)$/iu) ??
    what.match(
      /^(?:(?:an?|the|new|field|column|called|computed)\s+)*([\p{L}][\p{L} -]{0,40}?)\s+(?:that is|which is|as|calculated (?:as|from)|computed (?:as|from)|being|is)\s+(.+(?:[-+*/×]| times | plus | minus | divided by ).+)$/iu,
    );
  if (!match) return undefined;
  const known = entity.fields.map(
    (field): NewField => ({ name: field.name, type: field.type, currency: field.currency ?? null }),
  );
  const field = computedField(sentenceCase(match[1]!), match[2]!, known);
  if (field.type !== 'computed')
    return {
      say: `I could not work out ${say(match[2]!)}: it may name number fields of ${entity.plural}, with + - * and /.`,
    };
  return { operations: [{ op: 'add_field', entity: entity.plural, field }] };
}

/** A field that is called like another list points at it. */
function fieldOperation(context: Context, entity: Entity, field: NewField): SpecOperation {
  const target =
    (field.type ?? 'text') === 'text' && !isPlural(field.name) ? exactEntity(context, field.name) : undefined;
  if (target && target.id !== entity.id)
    return {
      op: 'relate',
      from: entity.plural,
      to: target.plural,
      kind: 'one',
      name: field.name,
      ...(field.required && { required: true }),
    };
  return { op: 'add_field', entity: entity.plural, field: ready(field) };
}

const ready = (field: NewField): NewField =>
  field.type === 'choice' && !field.choices?.length ? { ...field, choices: ['A', 'B', 'C'] } : withFirstState(field);

/** A description of something beside the lists that there are. */
function describedBeside(context: Context, clause: string, ordered: boolean): Step | undefined {
  const withFields = cut(clause, /:|\bwith\b(?!\s+\d)|\bhaving\b|\bthat ha(?:s|ve)\b|\bwhich ha(?:s|ve)\b|\(.*,.*\)/i);
  return withFields ? addLists(context, clause, ordered) : undefined;
}

function addLists(context: Context, text: string, ordered: boolean): Step | undefined {
  const described = readDescription(
    text,
    context.language,
    context.spec.entities.map((entity) => entity.name),
  );
  if (!described || (!ordered && described.entities.some((entity) => entity.name.split(' ').length > 3)))
    return undefined;
  const operations: SpecOperation[] = [];
  const fresh = described.entities.filter(({ name }) => !exactEntity(context, name));
  const isFresh = (name: string) => fresh.some((entity) => entity.name === name);
  // what is there already can be meant by a field, or be what the new list nearly always belongs to
  for (const entity of fresh)
    for (const field of entity.fields) {
      const target =
        (field.type ?? 'text') === 'text' && !isPlural(field.name) ? exactEntity(context, field.name) : undefined;
      if (target)
        described.relations.push({
          from: entity.name,
          to: target.name,
          kind: 'one',
          required: field.required ?? false,
        });
      if (target) entity.fields = entity.fields.filter((other) => other !== field);
    }
  const same = (a: string, b: string) => comparable(a) === comparable(b);
  const names = [...fresh.map((entity) => entity.name), ...context.spec.entities.map((entity) => entity.name)];
  described.relations.push(
    ...usualRelations(names, described.relations, same).filter((one) => isFresh(one.from) && !isFresh(one.to)),
  );
  const within = described.relations.filter((one) => isFresh(one.from) && isFresh(one.to));
  operations.push(...operationsFor(fresh, within, context.language));
  for (const { name, fields } of described.entities) {
    const known = exactEntity(context, name);
    if (!known) continue;
    for (const field of fields)
      if (!known.fields.some((other) => comparable(other.name) === comparable(field.name)))
        operations.push({
          op: 'add_field',
          entity: known.plural,
          field: { ...field, required: field.required ?? false },
        });
  }
  for (const { from, to, kind, part, required } of described.relations.filter((one) => !within.includes(one)))
    operations.push({
      op: 'relate',
      from,
      to,
      kind,
      ...(required && { required }),
      ...(part && { required: true, onDelete: 'delete' as const }),
    });
  return operations.length > 0 ? { operations, assumed: described.assumed } : undefined;
}

/** `add authors`: several of something may be a list of its own, or a field. */
function listOrField(context: Context, rest: string): Step | undefined {
  const [field, ...others] = readFields(items(rest));
  if (
    !field ||
    others.length > 0 ||
    field.type !== 'text' ||
    !isPlural(field.name) ||
    generic.has(field.name.toLowerCase())
  )
    return undefined;
  const lists = context.spec.entities.slice(0, 4);
  const asList = `A list of ${field.name.toLowerCase()}`;
  const options = [asList, ...lists.map((entity) => `A field of ${entity.plural}`)].map((label) => ({ label }));
  const answer = nextAnswer(context);
  if (answer === undefined)
    return {
      ask: { question: `Should ${say(field.name)} be a list of its own, or a field?`, options, allowText: false },
    };
  const entity = lists.find((candidate) => comparable(`A field of ${candidate.plural}`) === comparable(answer));
  if (entity) return addFields(context, entity, rest);
  return (
    addLists(context, `a list of ${pluralIn(singularIn(field.name, context.language), context.language)}`, true) ?? {
      say: `I could not make a list of ${say(sentenceCase(rest))}.`,
    }
  );
}
