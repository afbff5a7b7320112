/** What changes of tables do to what is in use, in sentences. Without a schema, because pages that are loaded first say them as well. */
import type { Loses } from './loses.ts';

export const NOTHING_LOST: Loses = { removed: [], overwritten: [], uncounted: [] };

export const losesAnything = ({ removed, overwritten, uncounted }: Loses): boolean =>
  removed.length + overwritten.length + uncounted.length > 0;

/** A sentence for each kind that there is. */
export const sentencesOfLoses = ({ removed, overwritten, uncounted }: Loses): string[] => [
  ...(removed.length > 0 ? [`Removed: ${removed.join(', ')}.`] : []),
  ...(overwritten.length > 0 ? [`Overwritten: ${overwritten.join(', ')}.`] : []),
  ...(uncounted.length > 0 ? [`Could not be counted: ${uncounted.join(', ')}.`] : []),
];

/** What is done to the data: `This merge … data`. @param loses nothing: it is known to remove something, and not what */
export function lossVerb(loses: Loses): string {
  const verbs = [
    ...(loses.removed.length > 0 || !losesAnything(loses) ? ['removes'] : []),
    ...(loses.overwritten.length > 0 ? ['overwrites'] : []),
  ];
  return verbs.length > 0 ? verbs.join(' and ') : 'may remove or overwrite';
}

/** A button that does it. @param act what is done besides: `Merge` */
export function lossButton(act: string, loses: Loses): string {
  const verb = lossVerb(loses);
  if (verb.startsWith('may')) return `${act} all the same`;
  const acts = verb.replaceAll(/(remove|overwrite)s/g, '$1');
  return acts.includes(' and ') ? `${act}, ${acts}` : `${act} and ${acts}`;
}
