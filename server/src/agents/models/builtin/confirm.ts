/** Before rows lose something: what the trial counted, as one question in plain words. */
import { z } from 'zod';
import type { SpecOperation } from '../../../../../contract/spec-operations.ts';
import { type SpecEffect, specEffectSchema } from '../../../../../contract/spec-operations.ts';
import type { Question } from './outcome.ts';
import { escaped, listed } from './say.ts';

export const GO_ON = 'Go on';
export const LEAVE = 'Leave it as it is';
const previewResult = z.object({ effects: z.array(specEffectSchema) });

/** Whether operations can take something from rows that are there. */
export const isRisky = (operations: readonly SpecOperation[]): boolean =>
  operations.some(
    (one) =>
      ['remove_entity', 'remove_field', 'remove_choice'].includes(one.op) ||
      (one.op === 'alter_field' &&
        ['type', 'choices', 'required', 'unique', 'min', 'max', 'maxLength'].some((rule) => rule in one.changes)) ||
      (one.op === 'add_field' && one.field.required === true),
  );

/** What a trial counted; nothing when it says something else. */
export function effectsIn(output: unknown): SpecEffect[] | undefined {
  const result = previewResult.safeParse(output);
  return result.success ? result.data.effects.filter((effect) => effect.rows > 0) : undefined;
}

/** What stands in the way and cannot be answered with yes. */
export const clashIn = (effects: SpecEffect[]): string | undefined => {
  const clash = effects.find((effect) => effect.kind === 'clashes');
  return (
    clash &&
    `${rows(clash.rows)} have the same ${escaped(clash.what)} as another. Change those first, then ask again: nothing was changed.`
  );
};

const rows = (count: number): string => (count === 1 ? '1 row' : `${count} rows`);
const values = (count: number): string => (count === 1 ? '1 value' : `${count} values`);

function sentence({ kind, what, rows: count }: SpecEffect): string {
  const name = escaped(what);
  switch (kind) {
    case 'removes':
      return what.includes(' of ')
        ? `${values(count)} of ${name} would be gone`
        : `${rows(count)} of ${name} would be gone`;
    case 'empties':
      return `${values(count)} of ${name} cannot be read in the new way and would become empty`;
    case 'cuts':
      return `${values(count)} of ${name} would be cut or changed to fit`;
    case 'fills':
      return `${rows(count)} without ${name} would get a plain value there`;
    case 'clashes':
      return `${rows(count)} have the same ${name}`;
  }
}

/** The question, or nothing when no row is affected. */
export function confirmation(effects: SpecEffect[]): Question | undefined {
  const told = effects.filter((effect) => effect.kind !== 'clashes');
  if (told.length === 0) return undefined;
  const said = listed(told.slice(0, 4).map(sentence));
  const more = told.length > 4 ? `, and ${told.length - 4} more` : '';
  return {
    question: `In this chat’s draft ${said}${more}. Go on?`.slice(0, 300),
    detail: 'What others use stays as it is until this chat is merged.',
    // the first one is chosen until a person chooses
    options: [{ label: LEAVE }, { label: GO_ON }],
    allowText: false,
  };
}
