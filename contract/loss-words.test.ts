/** The words of a question about data, for everything that may stand in it. */
import { expect, it } from 'vitest';
import { lossButton, lossVerb, NOTHING_LOST, sentencesOfLoses } from './loss-words.ts';

const removed = ['notes (3 rows)', 'mobile of customers (12 values)'];
const overwritten = ['2 values of note in notes'];
const uncounted = ['values of text in notes'];

it.each([
  [{ ...NOTHING_LOST, removed }, 'removes', 'Merge and remove'],
  [{ ...NOTHING_LOST, overwritten }, 'overwrites', 'Merge and overwrite'],
  [{ removed, overwritten, uncounted }, 'removes and overwrites', 'Merge, remove and overwrite'],
  [{ ...NOTHING_LOST, uncounted }, 'may remove or overwrite', 'Merge all the same'],
  // it says that it removes something, and not what
  [NOTHING_LOST, 'removes', 'Merge and remove'],
])('%j', (loses, verb, button) => {
  expect(lossVerb(loses)).toBe(verb);
  expect(lossButton('Merge', loses)).toBe(button);
});

it('says what goes, what becomes another and what nobody knows apart', () => {
  expect(sentencesOfLoses(NOTHING_LOST)).toEqual([]);
  expect(sentencesOfLoses({ removed, overwritten, uncounted })).toEqual([
    'Removed: notes (3 rows), mobile of customers (12 values).',
    'Overwritten: 2 values of note in notes.',
    'Could not be counted: values of text in notes.',
  ]);
});
