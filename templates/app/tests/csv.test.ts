import { describe, expect, it } from 'vitest';
import { formatCsv, parseCsv, parseLines, unguarded } from '#lib/csv.ts';

describe('a table as text', () => {
  it('is read with any separator, quotes and line ends', () => {
    expect(parseCsv('\ufeffName;Note\r\n"Ada ""A""";"two\nlines"\r\n;\r\n')).toEqual([
      ['Name', 'Note'],
      ['Ada "A"', 'two\nlines'],
    ]);
    expect(parseCsv('a,b\n1,2')).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(parseCsv('a\tb\n1, one\t2')).toEqual([
      ['a', 'b'],
      ['1, one', '2'],
    ]);
    expect(parseCsv('')).toEqual([]);
    // a row begins where it begins, whatever stands in between
    expect(parseLines('a\n\n"one\ntwo"\nlast\n').map(({ line }) => line)).toEqual([1, 3, 5]);
  });

  it('comes back as it was written, and never as a formula of a spreadsheet', () => {
    const rows = [
      ['Name', 'Phone'],
      ['=1+1', '+49 30 1'],
      ['a "b", c\n', '-5'],
    ];
    const text = formatCsv(rows);
    expect(text).toContain("'=1+1");
    expect(parseCsv(text).map((row) => row.map(unguarded))).toEqual(rows);
  });
});
