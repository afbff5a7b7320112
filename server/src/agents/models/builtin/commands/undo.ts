/**
 * `undo that`: the builder cannot press Undo, but it can make the change that takes the last one back, from what the history says was
 * done. What was removed cannot be brought back by a change: then it says where Undo is.
 */
import type { Spec } from '../../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { comparable, findEntity } from '../../../../builds/spec/references.ts';
import { singularIn } from '../language/number.ts';

export const isUndo = (text: string): boolean =>
  /^(?:please |hey |ok(?:ay)?,? )*(?:can you )?(?:undo|revert|roll ?back|take (?:it|that|this) back|take back|cancel|reverse)(?:,? (?:it|that|this|again|please|the last (?:change|thing|one|step)|my last change|last change|what you (?:just )?did))*[.!?]*$/i.test(
    text.trim(),
  ) ||
  /^(?:please |no,? |ok(?:ay)?,? )*(?:(?:go|put it|change it|turn it|bring it|set it) back|back)(?: (?:to )?(?:how|the way|what|as) (?:it|things) (?:was|were)(?: before)?| as before)?(?:,? please)?[.!?]*$/i.test(
    text.trim(),
  );
export const isUndoOfOther = (text: string): boolean =>
  /^(?:please )?(?:undo|revert|roll ?back|take back)\b.*\b(?:chat|conversation|did|made|yesterday|last week|someone|colleague)\b/i.test(
    text.trim(),
  );

const OTHER =
  /^(?:please |bitte |s'il te plaît,? |por favor,? )?(?:undo|revert|roll ?back|take back|reverse|annule[rz]?|deshaz|deshacer|mach(?:e)?(?: (?:bitte|alles))? rückgängig,?)\s+(?:everything |all |tout |todo |alles,? )?(?:(?:that|what(?:ever)?|the (?:work|changes?) (?:of|from)|changes? (?:of|from)|from|ce que|ce qu[’'] ?a fait|lo que (?:hizo|ha hecho)|was) )?(?:(?:the |my |le |la |el |der |die |das )?(?:chat|conversation|conversación) )?[“"„«'‘]?(.+?)[”"“»'’]?(?: (?:did|has done|made|changed|a fait|hizo|gemacht hat|getan hat|geändert hat))?[.!?]*$/iu;
const NAMES_CHAT = /\b(?:chat|conversation|conversación)\b|[“"„«]/iu;

/** The chat whose work a message wants taken back, by the title that it names: `undo what chat “Add a rating” did`. */
export function chatToUndo(message: string): string | undefined {
  if (isUndo(message) || !NAMES_CHAT.test(message)) return undefined;
  const title = message.trim().match(OTHER)?.[1]?.trim();
  return title === undefined || /^(?:this|that|it|the|diesen?|ce|este)(?: (?:chat|conversation))?$/i.test(title)
    ? undefined
    : title;
}

export const WHERE_UNDO =
  'Use Undo at the turn that you want to take back: it brings the files and the draft’s rows back as they were.';
export const UNDO_OF_OTHERS =
  'I only know what was done in this chat. Open the other chat and use Undo at the turn there; when it is merged already, say here what should be as before, for example “remove the rating from books”.';

/** What each change that still stands said about itself, the first first. */
export const changesTold = (transcript: string): string[] =>
  transcript
    .split('\n')
    .filter((line) => /^\S+ change_spec: /.test(line))
    .map((line) => line.replace(/^\S+ change_spec: /, ''));

/** Whether the chat is the one that the app began in. */
export const madeTheApp = (transcript: string): boolean => /^\S+ create_app: /m.test(transcript);

/** What the last change that still stands said about itself, from the transcript of the chat. */
export const lastChange = (transcript: string): string | undefined => changesTold(transcript).at(-1);

type Inverse = (match: RegExpMatchArray, spec: Spec) => SpecOperation | undefined;
const inverses: [RegExp, Inverse][] = [
  [/^Adds the page (.+)$/, ([, name]) => ({ op: 'remove_page', page: name! })],
  [/^Adds the role (.+)$/, ([, name]) => ({ op: 'remove_role', role: name! })],
  [/^Adds (.+?) with .+\)$/, ([, plural]) => ({ op: 'remove_entity', entity: plural! })],
  [/^Adds (.+) \([^()]+\) to (.+)$/, ([, field, entity]) => ({ op: 'remove_field', entity: entity!, field: field! })],
  [
    /^Each (.+) now has a (.+) from .+$/,
    ([, entity, field]) => ({ op: 'remove_field', entity: entity!, field: field! }),
  ],
  [/^Calls the page (.+) “(.+)”$/, ([, before, now]) => ({ op: 'rename_page', page: now!, name: before! })],
  [/^Calls the role (.+) “(.+)”$/, ([, before, now]) => ({ op: 'rename_role', role: now!, name: before! })],
  [/^Calls the app /, () => undefined],
  [/^Calls (.+) of (.+) “(.+)”$/, ([, before = '', of = '', now = ''], spec) => renamedBack(spec, before, of, now)],
  [
    /^Calls (.+?) “(.+?)”(?:, also where others point at it)?$/,
    ([, before, now], spec) => ({
      op: 'rename_entity',
      entity: now!,
      name: singularIn(before!, spec.language ?? 'en'),
      plural: before!,
    }),
  ],
  [/^(.+) of (.+?) must be filled in$/, ([, field, entity]) => altered(entity!, field!, { required: false })],
  [/^(.+) of (.+?) may be left empty$/, ([, field, entity]) => altered(entity!, field!, { required: true })],
  [
    /^(.+) of (.+?) must be different in every row$/,
    ([, field, entity]) => altered(entity!, field!, { unique: false }),
  ],
  [/^(.+) and (.+) are now tied together/, ([, one, other], spec) => untied(spec, one!, other!)],
];

type Changes = Extract<SpecOperation, { op: 'alter_field' }>['changes'];
const altered = (entity: string, field: string, changes: Changes): SpecOperation => ({
  op: 'alter_field',
  entity,
  field,
  changes,
});

function renamedBack(spec: Spec, before: string, of: string, now: string): SpecOperation | undefined {
  const found = findEntity(spec, of);
  if ('found' in found) return { op: 'rename_field', entity: found.found.plural, field: now, name: before };
  for (const entity of spec.entities)
    for (const field of entity.fields)
      if (comparable(field.name) === comparable(of) && field.choices?.some((choice) => choice.label === now))
        return { op: 'rename_choice', entity: entity.plural, field: field.name, choice: now, label: before };
  return undefined;
}

function untied(spec: Spec, one: string, other: string): SpecOperation | undefined {
  const ids = [one, other].map((name) => spec.entities.find((entity) => entity.plural === name)?.id);
  const link = spec.entities.find(
    (entity) => entity.link && ids.every((id) => entity.fields.some((field) => field.target === id)),
  );
  return link && { op: 'remove_entity', entity: link.plural };
}

/** @returns the operations that take back what the summary says, the last first; nothing when some of it cannot be taken back so */
export function inverseOf(summary: string, spec: Spec): SpecOperation[] | undefined {
  const sentences = summary.split(/(?<=[\p{L}\p{N})”])\. (?=\p{Lu})/u);
  const operations: SpecOperation[] = [];
  for (const sentence of sentences.toReversed()) {
    if (/^(?:Sets the language|Puts |Lets the home)/.test(sentence)) continue;
    const inverse = inverses.find(([pattern]) => pattern.test(sentence));
    const operation = inverse?.[1](sentence.match(inverse[0])!, spec);
    if (!operation) return undefined;
    operations.push(operation);
  }
  return operations.length > 0 ? operations : undefined;
}
