import { describe, expect, it } from 'vitest';
import { snippetOf, termsOf } from './search-terms.ts';

const hits = (text: string, query: string) =>
  snippetOf(text, termsOf(query))
    ?.filter(({ hit }) => hit)
    .map((run) => run.text);

describe('a search', () => {
  it('finds words in any order and case, and marks each of them', () => {
    expect(hits('Add a Due date to every invoice', 'INVOICE due')).toEqual(['Due', 'invoice']);
  });

  it('finds nothing when one of the words is missing', () => {
    expect(hits('Add a due date', 'due invoice')).toBeUndefined();
  });

  it('takes words in quotes as they stand, over line ends too', () => {
    expect(hits('the due\ndate of it', '"due date"')).toEqual(['due date']);
    expect(hits('the date is due', '"due date"')).toBeUndefined();
  });

  it('takes every sign for itself', () => {
    expect(hits('costs $5.00 (net)', '$5.00 (net)')).toEqual(['$5.00', '(net)']);
    expect(hits('costs $5x00', '$5.00')).toBeUndefined();
  });

  it('shows the surroundings of what it found, not the whole text', () => {
    const runs = snippetOf(`${'before '.repeat(80)}needle${' after'.repeat(80)}`, termsOf('needle'))!;
    const shown = runs.map(({ text }) => text).join('');
    expect(shown.length).toBeLessThan(280);
    expect(shown).toMatch(/^…before .*needle after.*…$/);
  });

  it('has no terms in nothing but spaces or quotes', () => {
    expect(termsOf('  " ')).toEqual([]);
  });
});
