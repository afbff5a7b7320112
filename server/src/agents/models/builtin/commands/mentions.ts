/** Finds the lists and fields that a sentence mentions anywhere, longest names first. */
import type { Entity, Field } from '../../../../../../contract/spec.ts';
import type { Context, FoundField } from '../outcome.ts';
import { exactEntity, exactFields } from '../resolve.ts';

/** Every run of words in a phrase, the longest first. */
function* runs(phrase: string): Generator<string> {
  const words = phrase
    .replace(/[,.!?:;()“”"]/g, ' ')
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 30);
  for (let count = Math.min(words.length, 4); count > 0; count--)
    for (let at = 0; at + count <= words.length; at++) yield words.slice(at, at + count).join(' ');
}

/** The list that is mentioned. */
export function mentionedEntity(context: Context, phrase: string): Entity | undefined {
  for (const run of runs(phrase)) {
    const found = exactEntity(context, run);
    if (found) return found;
  }
  return undefined;
}

/** The fields that are mentioned, in the order of the sentence; of one list when it is given. */
export function mentionedFields(context: Context, phrase: string, within?: Entity): FoundField[] {
  const found: { at: number; item: FoundField }[] = [];
  for (const run of runs(phrase))
    for (const item of exactFields(context, run, within)) {
      const at = phrase.toLowerCase().indexOf(run.toLowerCase());
      const inside = found.some(
        (one) =>
          one.item.field === item.field ||
          (one.at <= at && one.item.field.name.toLowerCase().includes(run.toLowerCase())),
      );
      if (!inside) found.push({ at, item });
    }
  return found.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

/** The first field of a list that fits. */
export const firstField = (entity: Entity, fits: (field: Field) => boolean): Field | undefined =>
  entity.fields.find(fits);
