import { describe, expect, it } from 'vitest';
import { amount } from '#lib/fields.ts';

const read = (text: string) => amount('Price', {}).safeParse(text).data;

describe('an amount', () => {
  it('is read as people write it', () => {
    for (const text of ['1250.5', '1250,50', '1,250.50', '1.250,50', '€ 1.250,50', "1'250.50", '1 250,50 EUR'])
      expect([text, read(text)]).toEqual([text, 1250.5]);
    expect(read('1,250')).toBe(1250);
    expect(read('1.250.000')).toBe(1250000);
    expect(read('-3')).toBe(-3);
    expect(read('25 %')).toBe(25);
  });

  it('comes back from a row as it was', () => {
    for (const value of [12.345, 1.125, 0.001, 1234.5678, 0.5, 1000, 72.5]) expect(read(String(value))).toBe(value);
  });

  it('is refused when it is none', () => {
    for (const text of ['many', '1,2,3', '12..5', '1e5'])
      expect(amount('Price', {}).safeParse(text).success).toBe(false);
  });
});
