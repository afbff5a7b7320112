/** `make author required`, `rating should go up to 10`, `status can be new, paid or shipped`, `turn notes into a long text`. */
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { currencyIn } from '../currency.ts';
import { JOINER } from '../language/language.ts';
import { type Context, type FoundField, nextAnswer, type Resolved, type Step } from '../outcome.ts';
import { exactEntity, exactFields, partsOf, resolveField } from '../resolve.ts';
import { type Rules, takeRules } from '../rules.ts';
import { say } from '../say.ts';
import { choicesIn, items, unquoted } from '../split.ts';
import { typeNamed } from '../type-words.ts';
import { choicesNamed } from './choices.ts';

type Changes = Extract<SpecOperation, { op: 'alter_field' }>['changes'];

const verbs = /^(?:make(?: sure(?: that)?)?|let|set|allow|have|change|turn|convert|switch|extend|limit|restrict)\s+/i;
const modal =
  /\s+(?:(?:should|shall|must|can|may|could|has to|have to|needs? to|ought to)(?:n't| not)?(?: only)?(?: (?:be|go|have|start|run|count|take|accept|allow|hold))*|is|are|isn't|aren't|goes|go|into|to be|to|as|between|from|up|required|optional|unique|mandatory|at (?:least|most)|out of|an?|no longer|defaults?)(?=\s|$)/i;

/** @returns nothing when the clause does not speak about a field's rules */
export function changeField(context: Context, clause: string): Step | undefined {
  const asOption = optionStep(context, clause);
  if (asOption) return asOption;
  if (/^(?:add|include|put|insert|create|record|store|track|keep|rename|call)\b/i.test(clause)) return undefined;
  const asDefault = defaultStep(context, clause);
  if (asDefault) return asDefault;
  if (/^(?:remove|delete|drop)\b/i.test(clause)) return undefined;
  const said = clause.replace(verbs, '');
  const ordered = said !== clause;
  const parted = splitSubject(context, said);
  if (!parted) return undefined;
  const changes = readAll(parted.rest);
  if (!changes) return undefined;
  const operations: SpecOperation[] = [];
  for (const subject of items(parted.subject)) {
    const resolved: Resolved<FoundField> = resolveField(context, subject);
    if (!('found' in resolved)) return ordered || 'ask' in resolved ? resolved : undefined;
    operations.push(alter(resolved.found, suited(resolved.found, changes)));
  }
  return operations.length > 0 ? { operations } : undefined;
}

const alter = ({ entity, field }: FoundField, changes: Changes): SpecOperation => ({
  op: 'alter_field',
  entity: entity.plural,
  field: field.name,
  changes,
});

/** A range on a rating only says how many stars there are; a number beyond ten makes it a whole number. */
function suited({ field }: FoundField, changes: Changes): Changes {
  if (field.type !== 'rating' || (changes.type && changes.type !== 'rating')) return changes;
  if (changes.min === undefined && changes.max === undefined) return changes;
  const stars = (changes.min ?? 1) === 1 && (changes.max ?? 5)! <= 10;
  const { min: _, ...others } = changes;
  return stars ? others : { ...changes, type: 'integer' };
}

/** The longest beginning that names a field; else what stands before the first modal word. */
function splitSubject(context: Context, said: string): { subject: string; rest: string } | undefined {
  const words = said.split(/\s+/);
  for (let count = Math.min(words.length - 1, 8); count > 0; count--) {
    const subject = words.slice(0, count).join(' ');
    const rest = words.slice(count).join(' ');
    const parts = items(subject);
    const known = parts.every((part) => {
      const { name, within } = partsOf(context, part);
      return exactFields(context, name, within).length > 0;
    });
    if (parts.length > 0 && known && (modal.test(` ${rest}`) || readAll(rest))) return { subject, rest };
  }
  const match = said.match(modal);
  if (match?.index === undefined || match.index === 0) return undefined;
  return { subject: said.slice(0, match.index), rest: said.slice(match.index).trim() };
}

/** `is required and goes to 10`: each part may be a rule of its own. */
function readAll(rest: string): Changes | undefined {
  const parts = rest.split(/,?\s+and\s+/).map(readChanges);
  if (parts.length > 1 && parts.every((part) => part !== undefined)) return Object.assign({}, ...parts) as Changes;
  return readChanges(rest);
}

function readChanges(rest: string): Changes | undefined {
  const predicate = rest
    .replace(
      /^(?:should|shall|must|can|may|could|has to|have to|needs? to|ought to)\s+(?=not\b|be\b|go\b|have\b|only\b|start\b|accept\b|allow\b|take\b)/i,
      '',
    )
    .replace(/^(?:only\s+)?(?:be|go|have|is|are|goes|into|to be|to|as|accept|allow|take)\s+/i, '')
    .replace(/^(?:be|only|now)\s+/i, '');
  const type = typeNamed(predicate.replaceAll(JOINER, ' '));
  const currency =
    /^(?:in |(?:an? )?(?:amount|price|money) in |(?:in )?(?:€|\$|£))|^(?:[a-z]{3}|euros?|dollars?|pounds)$/i.test(
      predicate,
    )
      ? currencyIn(predicate)
      : undefined;
  if (currency) return { type: 'money', currency };
  if (type) return { type };
  const choices = predicate.match(
    /^(?:the |these )?(?:one of|either|(?:options|choices|values)(?: are| of|:)?|a choice (?:of|between|from)|a drop-?down (?:of|with))\s+(.+)$/i,
  );
  if (choices) return { type: 'choice', choices: choicesIn(choices[1]!) };
  const typed = predicate.match(/^((?:an? )?[\w/ -]+?)\s+((?:between|from|with|of|out of|up to|at)\b.+)$/i);
  const typedAs = typed && typeNamed(typed[1]!);
  const { rest: left, rules } = takeRules(rest.replace(/^(?:should |must |can |may )?(?:go|goes|run) /i, ''));
  const found: Rules = typedAs ? { ...rules, type: rules.type ?? typedAs } : rules;
  if (
    Object.keys(found).length > 0 &&
    (!left ||
      typedAs ||
      /^(?:a|an|the|be|to|is|are|should|must|can|may|go|have|it|as|number|only|[.,!]|\s)*$/i.test(left))
  )
    return found;
  const options = choicesIn(predicate);
  const listed =
    /,|\bor\b|\//.test(predicate) && options.length > 1 && options.every((option) => option.split(' ').length <= 4);
  if (listed && /^(?:to\s+(?!\d)|can|may|must|should|could|is|are|one|either|be|only)\b/i.test(rest))
    return { type: 'choice', choices: options };
  const upTo = rest.match(/\b(?:up )?to (\d+)$/i);
  return upTo ? { max: Number(upTo[1]) } : undefined;
}

/** `add a choice cancelled`, where one field alone has choices: of the list that was spoken of, or of the app */
function bareOption(context: Context, clause: string): Step | undefined {
  const match = clause.match(
    /^(?:also\s+)?(add|include)\s+(?:(?:an?|the|new|another)\s+)*(?:options?|choices?)\s+((?:(?!\b(?:to|from|in|of|for|with)\b).)+)$/i,
  );
  if (!match) return undefined;
  const all = context.spec.entities.flatMap((entity) =>
    entity.fields.filter(({ type }) => type === 'choice').map((field) => ({ entity, field })),
  );
  const spoken = all.filter(({ entity }) => entity.id === context.subject || entity.plural === context.subject);
  const [only, ...others] = spoken.length === 1 ? spoken : all;
  if (!only) return { say: 'No field has choices yet. Say for example “status can be new, paid or shipped”.' };
  if (others.length === 0) return optionStep(context, `${clause} to ${only.field.name} of ${only.entity.plural}`);
  const label = (one: FoundField) => `${one.field.name} of ${one.entity.plural}`;
  const answer = nextAnswer(context);
  const chosen = all.find((one) => label(one) === answer);
  if (chosen) return optionStep(context, `${clause} to ${label(chosen)}`);
  if (answer !== undefined) return { say: 'Then I leave that as it is.' };
  return {
    ask: {
      question: `Which field gets the choice ${say(match[2]!)}?`,
      options: all.slice(0, 6).map((one) => ({ label: label(one) })),
      allowText: true,
    },
  };
}

/** `add the option lost to status`, `remove the option new from status` */
function optionStep(context: Context, clause: string): Step | undefined {
  const match = clause.match(
    /^(add|include|remove|delete|drop)\s+(?:(?:an?|the|new|another)\s+)*(?:options?|choices?|values?)\s+(.+?)\s+(?:to|from|in|of|for)\s+(.+)$/i,
  );
  if (!match) return bareOption(context, clause) ?? moreOptions(context, clause);
  const resolved = resolveField(context, match[3]!);
  if (!('found' in resolved)) return resolved;
  const { field } = resolved.found;
  if (field.type !== 'choice')
    return {
      say: `${field.name} is no choice, so it has no options. Say for example “${field.name} can be new, paid or shipped”.`,
    };
  const before = field.choices!.map((choice) => choice.label);
  const named = choicesIn(match[2]!);
  const removing = /^(?:remove|delete|drop)$/i.test(match[1]!);
  const same = (a: string, b: string) => comparable(a) === comparable(b);
  const choices = removing
    ? before.filter((label) => !named.some((name) => same(name, label)))
    : [...before, ...named.filter((name) => !before.some((label) => same(name, label)))];
  if (choices.length === 0) return { say: `${field.name} needs at least one option.` };
  return { operations: [alter(resolved.found, { choices })] };
}

/** `add cancelled to the status`, `status can also be cancelled`, when there is one such choice */
function moreOptions(context: Context, clause: string): Step | undefined {
  const added = clause.match(/^(?:add|include)\s+(.+?)\s+to\s+(.+)$/i);
  const also = clause.match(/^(.+?)\s+(?:can|may|could)\s+also\s+be\s+(.+)$/i);
  // `add another status: cancelled`
  const another = clause.match(
    /^(?:add|include)\s+(?:(?:an?|another|one more|the|new)\s+)+([\p{L} ]+?)(?::|\s+called|\s+named)\s+([^,:()]+)$/iu,
  );
  if (another && !/\b(?:field|column|list|table|page|role|board)s?$/i.test(another[1]!)) {
    const fields = exactFields(context, another[1]!).filter((one) => one.field.type === 'choice');
    if (fields.length === 1)
      return moreOptions(context, `add ${another[2]} to ${fields[0]!.field.name} of ${fields[0]!.entity.plural}`);
  }
  const [what, subject] = added ? [added[1]!, added[2]!] : also ? [also[2]!, also[1]!] : [];
  if (what === undefined || subject === undefined || /\bfields?\b|\bcolumns?\b/i.test(what)) return undefined;
  const { name, within } = partsOf(context, subject);
  const [only, ...others] = exactFields(context, name, within);
  if (!only || others.length > 0 || only.field.type !== 'choice' || exactEntity(context, subject)) return undefined;
  const before = only.field.choices!.map((choice) => choice.label);
  const named = choicesIn(what).filter((one) => !before.some((label) => comparable(label) === comparable(one)));
  if (named.length === 0) return { say: `${only.field.name} has ${say(what)} already.` };
  return { operations: [alter(only, { choices: [...before, ...named] })] };
}

/** `the default of status is new`, `set the default for bought to today`, `remove the default of status` */
function defaultStep(context: Context, clause: string): Step | undefined {
  const first = firstChoice(context, clause);
  if (first) return first;
  const removed = clause.match(
    /^(?:remove|delete|drop|take away)\s+(?:the\s+)?default(?: value)?\s+(?:of|from|for)\s+(.+)$/i,
  );
  const given = clause.match(
    /^(?:set\s+|make\s+|let\s+)?(?:the\s+)?default(?: value)?(?:\s+(?:of|for))?\s+(.+?)\s+(?:is|to|be|should be|=)\s+(.+)$/i,
  );
  const said = clause.match(
    /^(?:set\s+|let\s+)?(.+?)\s+(?:should\s+)?(?:default(?:s)?(?: to)?|starts? (?:as|with))\s+(.+)$/i,
  );
  const [subject, value] = removed
    ? [removed[1]!, null]
    : given
      ? [given[1]!, given[2]!]
      : said
        ? [said[1]!, said[2]!]
        : [];
  if (subject === undefined) return undefined;
  const resolved = resolveField(context, subject);
  if (!('found' in resolved)) return resolved;
  const preset = value === null ? null : unquoted(value!.replace(/[.!]+$/, ''));
  if (preset === '') return { say: `Say what ${say(resolved.found.field.name)} should start with.` };
  return { operations: [alter(resolved.found, { default: preset })] };
}

/** `new repairs are waiting`, `the status should be waiting when a repair is new`: only where that list has such a choice. */
function firstChoice(context: Context, clause: string): Step | undefined {
  const when = clause.match(
    /^(?:the\s+)?(.+?)\s+(?:should be|must be|is)\s+(.+?)\s+when\s+(?:an?|the)\s+(.+?)\s+is\s+(?:new|added|created|made)[.!]*$/i,
  );
  const fresh = when ? null : clause.match(/^(?:all\s+)?new\s+(.+?)\s+(?:are|should be|start as)\s+(.+?)[.!]*$/i);
  const entity = exactEntity(context, when?.[3] ?? fresh?.[1] ?? '');
  if (!entity) return undefined;
  const named = when ? exactFields(context, when[1]!, entity).map(({ field }) => field.id) : undefined;
  const found = choicesNamed(context, (when?.[2] ?? fresh?.[2])!).filter(
    (one) => one.entity.id === entity.id && (!named || named.includes(one.field.id)),
  );
  return found.length === 1 ? { operations: [alter(found[0]!, { default: found[0]!.choice.label })] } : undefined;
}
