import { describe, expect, it } from 'vitest';
import { placesOf, readParts, writeParts } from './conflict-text.ts';

const MARKED = `<h1>Books</h1>
<<<<<<< 1a2b3c
<p>ours</p>
||||||| 9f9f9f
<p>before</p>
=======
<p>theirs</p>
<p>more</p>
>>>>>>> 4d5e6f
<footer></footer>
<<<<<<< 1a2b3c
=======
added by main
>>>>>>> 4d5e6f
`;

describe('a file that holds both versions', () => {
  it('is read into what is the same and what each side has, with what there was before', () => {
    expect(readParts(MARKED)).toEqual([
      { kind: 'same', text: '<h1>Books</h1>\n' },
      { kind: 'conflict', ours: '<p>ours</p>\n', base: '<p>before</p>\n', theirs: '<p>theirs</p>\n<p>more</p>\n' },
      { kind: 'same', text: '<footer></footer>\n' },
      { kind: 'conflict', ours: '', base: undefined, theirs: 'added by main\n' },
    ]);
  });

  it('is written as decided', () => {
    const parts = readParts(MARKED);
    const [first, second] = placesOf(parts);
    expect(writeParts(parts, [first!.ours + first!.theirs, second!.theirs])).toBe(
      '<h1>Books</h1>\n<p>ours</p>\n<p>theirs</p>\n<p>more</p>\n<footer></footer>\nadded by main\n',
    );
  });

  it.each([
    ['nothing marked', 'a\nb\n'],
    ['a mark that never ends', '<<<<<<< x\na\n=======\nb\n'],
    ['an end without a beginning', 'a\n>>>>>>> x\n'],
    ['a heading underlined with seven signs', 'Title\n=======\ntext'],
    ['marks inside of each other', '<<<<<<< x\n<<<<<<< y\n'],
  ])('stays text where there is %s', (_, text) => {
    expect(placesOf(readParts(text))).toEqual([]);
    expect(writeParts(readParts(text), [])).toBe(text);
  });

  it('keeps the line ends of Windows', () => {
    const text = 'a\r\n<<<<<<< x\r\nb\r\n=======\r\nc\r\n>>>>>>> y\r\n';
    const parts = readParts(text);
    expect(writeParts(parts, [placesOf(parts)[0]!.theirs])).toBe('a\r\nc\r\n');
  });
});
