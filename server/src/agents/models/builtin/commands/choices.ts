/** `rename shipped to sent`, `remove the option lost`: one choice among those of a field. */
import type { Choice } from '../../../../../../contract/spec.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { nearest } from '../nearest.ts';
import { type Context, type FoundField, nextAnswer, type Step } from '../outcome.ts';
import { exactFields, partsOf } from '../resolve.ts';
import { say } from '../say.ts';
import { sentenceCase, unquoted } from '../split.ts';

type FoundChoice = FoundField & { choice: Choice };

/** The choices that a phrase names, in all fields or in those that it names too: `shipped`, `shipped of status`. */
export function choicesNamed(context: Context, phrase: string): FoundChoice[] {
  const bare = unquoted(
    phrase.replace(/^(?:the\s+)?(?:options?|choices?|values?|status)\s+/i, '').replace(/^the\s+/i, ''),
  );
  const owned = bare.match(/^(.+?)\s+(?:of|in|from|for)\s+(?:the\s+)?(.+)$/i);
  const parts = owned && partsOf(context, owned[2]!);
  const fields = parts ? exactFields(context, parts.name, parts.within) : [];
  const [label, within] = fields.length > 0 ? [unquoted(owned![1]!), fields] : [bare, undefined];
  const all = within ?? context.spec.entities.flatMap((entity) => entity.fields.map((field) => ({ entity, field })));
  return all.flatMap(({ entity, field }) =>
    (field.choices ?? [])
      .filter((choice) => comparable(choice.label) === comparable(label))
      .map((choice) => ({ entity, field, choice })),
  );
}

/** @returns nothing when no choice is called like that */
export function renameChoice(context: Context, from: string, to: string): Step | undefined {
  return onChoice(context, from, (found) => ({
    operations: [
      {
        op: 'rename_choice',
        entity: found.entity.plural,
        field: found.field.name,
        choice: found.choice.label,
        label: sentenceCase(unquoted(to.replace(/[.!]+$/, ''))),
      },
    ],
  }));
}

/** @returns nothing when no choice is called like that, or it may be a field as well */
export function removeChoice(context: Context, what: string): Step | undefined {
  return onChoice(context, what, (found) => ({
    operations: [
      { op: 'remove_choice', entity: found.entity.plural, field: found.field.name, choice: found.choice.label },
    ],
  }));
}

function onChoice(context: Context, phrase: string, step: (found: FoundChoice) => Step): Step | undefined {
  const found = choicesNamed(context, phrase);
  if (found.length === 0) return undefined;
  if (found.length === 1) return step(found[0]!);
  const label = ({ entity, field }: FoundChoice) => `${field.name} of ${entity.plural}`;
  const answer = nextAnswer(context);
  if (answer === undefined)
    return {
      ask: {
        question: `Several fields have ${say(found[0]!.choice.label)}. Which one do you mean?`,
        options: found.slice(0, 6).map((one) => ({ label: label(one) })),
        allowText: true,
      },
    };
  const chosen = found.find((one) => label(one) === (nearest(answer, found.map(label), 1)[0] ?? answer));
  return chosen ? step(chosen) : { say: 'Then I leave that as it is.' };
}
