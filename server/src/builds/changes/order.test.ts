import { describe, expect, it } from 'vitest';
import { type ChangeFile, makeChange, parseChange, serialiseChange } from './change-file.ts';
import { headsOf, orderChanges } from './order.ts';
import { orderRenames } from './rename.ts';

const change = (number: number, name: string, needs: string[]): ChangeFile =>
  makeChange(number, name, {
    action: 'add_column',
    tables: ['books'],
    statements: [`ALTER TABLE books ADD COLUMN ${name} text`, 'SELECT 1'],
    needs,
    phase: 'expand',
    destructive: false,
  });

describe('changes as files', () => {
  const first = change(1, 'first', []);

  it('come back from their text as they were', () => {
    expect(parseChange(serialiseChange(first))).toEqual(first);
    expect(parseChange(serialiseChange(first).replaceAll('\n', '\r\n'))).toEqual(first);
  });

  it('come back whatever stands in their texts', () => {
    for (const text of ["'a;\n\nb'", "'a;'", "'\r\n;\r\n\r\n'", "';'\n"]) {
      const made = makeChange(1, 'words', {
        action: 'other',
        tables: ['books'],
        statements: [`COMMENT ON TABLE books IS ${text}`, 'SELECT 1', 'SELECT 2'],
        needs: [],
        phase: 'expand',
        destructive: false,
      });
      expect(made.statements).toHaveLength(3);
      expect(parseChange(serialiseChange(made))).toEqual(made);
    }
  });

  it('are refused when somebody altered them or they are none', () => {
    const altered = serialiseChange(first).replace('ADD COLUMN first', 'ADD COLUMN worst');
    for (const text of [altered, '', 'DROP TABLE books;', '-- {}\nSELECT 1;', '-- {"id": 1']) {
      expect(() => parseChange(text)).toThrow(expect.objectContaining({ code: 'change_invalid' }));
    }
  });
});

describe('the order of changes', () => {
  const a = change(1, 'a', []);
  const b = change(2, 'b', [a.id]);
  const c = change(2, 'c', [a.id]);
  const d = change(3, 'd', [b.id, c.id]);

  it('puts what is needed first, whatever the order of the files', () => {
    expect(orderChanges([d, c, b, a]).map((file) => file.id)).toEqual([a.id, b.id, c.id, d.id]);
    expect(headsOf([a, b, c])).toEqual([b.id, c.id].sort());
    expect(headsOf([d, a, b, c])).toEqual([d.id]);
  });

  it('refuses what builds on something that is not there or on itself', () => {
    expect(() => orderChanges([b])).toThrow(expect.objectContaining({ code: 'change_missing' }));
    const circle = [
      { ...a, needs: [b.id] },
      { ...b, needs: [a.id] },
    ];
    expect(() => orderChanges(circle)).toThrow(expect.objectContaining({ code: 'change_cycle' }));
  });
});

describe('the order of renames', () => {
  it('frees a name before it is taken, and turns a circle at a third name', () => {
    const chain = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ];
    expect(orderRenames(chain, ['a', 'b'])).toEqual([chain[1], chain[0]]);
    const swap = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ];
    expect(orderRenames(swap, ['a', 'b'])).toEqual([
      { from: 'a', to: 'moved_1' },
      { from: 'b', to: 'a' },
      { from: 'moved_1', to: 'b' },
    ]);
  });
});
