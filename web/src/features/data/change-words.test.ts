import { expect, it } from 'vitest';
import type { DataChange } from '../../../../contract/data.ts';
import { wordsOfChange } from './change-words.ts';

const olu = { id: '2', name: 'Olu' };
const call = (more: Partial<DataChange>): DataChange => ({
  ...{ source: 'call', id: '1', at: '2026-11-21T10:00:00Z', act: 'call', kind: 'rows', by: { id: '1', name: 'Marta' } },
  ...{ agent: 'builder', agreedBy: null, answer: null, app: null, place: 'live', tables: ['repairs'], rows: 3 },
  ...{ action: 'insert', writes: true, state: 'done', reason: null, repeats: false, chat: null, release: null },
  ...{ note: null, name: null, rule: null, opens: true, ...more },
});
const said = (more: Partial<DataChange>): string => {
  const { who, through, what, at, answer } = wordsOfChange(call(more));
  return `${who}${through ? ` through ${through}` : ''} ${what}${at ? ` ${at.word} ${at.place}` : ''}${answer}`;
};

it('names what a statement does by its own verb', () => {
  expect(said({})).toBe('Marta through the builder added 3 rows to repairs on live');
  expect(said({ action: 'update', rows: 1 })).toContain('changed 1 row of repairs on live');
  expect(said({ action: 'delete' })).toContain('removed 3 rows of repairs on live');
  expect(said({ action: null, writes: false })).toContain('read 3 rows of repairs on live');
});

it('tells what was asked, declined and agreed apart, in words and by its mark', () => {
  const asked = (answer: NonNullable<DataChange['answer']>) =>
    call({ state: 'refused', reason: 'asks', rows: null, answer });
  const words = (['waits', 'yes', 'no', 'none', 'answered'] as const).map((one) => {
    const { what, answer, mark, live } = wordsOfChange(
      asked({ said: one, by: one === 'waits' || one === 'none' ? null : olu }),
    );
    return [`${what}${answer}`, mark, live];
  });
  expect(words).toEqual([
    ['asked to add rows to repairs, and waits for an answer', 'waits', false],
    ['asked to add rows to repairs, and was told yes by Olu', 'agreed', false],
    ['asked to add rows to repairs, and was told no by Olu', 'declined', false],
    ['asked to add rows to repairs, and nobody said yes', 'declined', false],
    ['asked to add rows to repairs, and was answered by Olu', 'waits', false],
  ]);
  const left = asked({ said: 'no', by: olu });
  expect(wordsOfChange({ ...left, agent: 'console' }).answer).toBe(', and then left it');
  expect(said({ agreedBy: olu })).toContain('. Yes by Olu');
  expect(wordsOfChange(call({ agreedBy: olu }))).toMatchObject({ mark: 'agreed', live: true });
  expect(wordsOfChange(call({ state: 'refused', reason: 'copy_of_live' }))).toMatchObject({
    what: 'was refused',
    more: 'The copy of live is only read.',
    mark: 'refused',
    live: false,
  });
  expect(wordsOfChange(call({ state: 'unknown' }))).toMatchObject({ mark: 'trouble', live: true });
});
