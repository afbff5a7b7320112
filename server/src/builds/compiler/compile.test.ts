import { describe, expect, it } from 'vitest';
import { appLanguages, emptySpec, fieldTypes, type Spec } from '../../../../contract/spec.ts';
import type { NewField, SpecOperation } from '../../../../contract/spec-operations.ts';
import { applyOperations } from '../spec/apply.ts';
import { compile } from './compile.ts';
import { expectSound } from './sound.ts';

const specOf = (title: string, ...operations: SpecOperation[]): Spec => {
  const result = applyOperations(emptySpec(title), operations);
  if (!result.ok) throw new Error(result.message);
  return result.spec;
};
const slug = 'reading-list';
const book: SpecOperation = {
  op: 'add_entity',
  name: 'Book',
  fields: [
    { name: 'Title', required: true },
    { name: 'Rating', type: 'rating' },
  ],
};

describe('the spec compiler', () => {
  it('gives the same files for the same spec, byte for byte', () => {
    const spec = specOf('Reading list', book);
    expect([...compile(spec, { slug })]).toEqual([...compile(structuredClone(spec), { slug })]);
  });

  it('starts an app with a page that says what to do', () => {
    const files = compile(emptySpec('Reading list'), { slug });
    expect(files.get('src/routes/+page.svelte')).toContain('Say in the chat what this app should keep track of');
    expect(files.get('.gitignore')).toContain('.svelte-kit/');
    expect(JSON.parse(files.get('vibe.json')!)).toMatchObject({ name: slug, mode: 'vibe-coded', uses: [] });
    expect([...files.keys()].filter((path) => path.includes('[id]'))).toEqual([]);
    expectSound(files);
  });

  it('changes one line of a form when a field is added', () => {
    const spec = specOf('Reading list', book);
    const before = compile(spec, { slug });
    const added = applyOperations(spec, [{ op: 'add_field', entity: 'books', field: { name: 'Author' } }]);
    if (!added.ok) throw new Error(added.message);
    const after = compile(added.spec, { slug });
    const path = 'src/routes/books/BookForm.svelte';
    const lines = (text: string) => text.split('\n');
    expect(lines(after.get(path)!).filter((line) => !lines(before.get(path)!).includes(line))).toEqual([
      `    <TextField label="Author" {...field('author')} maxlength={200} />`,
    ]);
  });

  it.each([
    '"quotes" and \'more\'',
    '</script><script>alert(1)</script>',
    '{@html x} {#if} {',
    '`$' + '{process.exit()}`',
    '\\ backslash \\n',
    '<!-- comment --> ]]> &amp;',
    '📚 书名 שם',
    '*/ /* //',
    'Date',
    'class',
    'redirect',
    'await',
    'constructor',
    'Form',
    'Title',
    '123',
  ])('never reads the words %s as code', (words) => {
    const fields = fieldTypes.map((type, index) => ({
      name: index === 0 ? words : `${words} ${type}`,
      type,
      required: index % 2 === 0,
      unique: ['text', 'number', 'integer', 'date'].includes(type),
      ...(type === 'choice' && { choices: [words, `${words} 2`], default: words }),
      ...(type === 'text' && { default: words }),
      ...(type === 'reference' && { target: words }),
      ...(type === 'computed' && { formula: '2 * (3 + 4)' }),
    }));
    const one = specOf(words, { op: 'add_entity', name: words, fields });
    for (const language of appLanguages) expectSound(compile({ ...one, language }, { slug }));
    const two = specOf(words, { op: 'add_entity', name: words, fields: fields.toReversed() }, book);
    expectSound(compile(two, { slug }));
  });

  it('says on a board’s cards whose they are and when they are due, before anything else', () => {
    const spec = specOf(
      'Workshop',
      { op: 'add_entity', name: 'Customer', fields: [{ name: 'Name', required: true }] },
      {
        op: 'add_entity',
        name: 'Repair',
        fields: [
          { name: 'Title', required: true },
          { name: 'Price', type: 'money' },
          { name: 'Brought in', type: 'date' },
          { name: 'Notes', type: 'longtext' },
          { name: 'Due date', type: 'date' },
          { name: 'Customer', type: 'reference', target: 'Customer' },
          { name: 'Status', type: 'choice', choices: ['Open', 'Done'] },
        ],
      },
      { op: 'add_page', kind: 'board', entity: 'Repair', field: 'Status' },
    );
    const board = compile(spec, { slug }).get('src/routes/repairs-board/+page.svelte')!;
    const card = board.slice(board.indexOf('{#snippet card'), board.indexOf('{/snippet}'));
    expect(card.match(/repair\.\w+(?=[)}])/g)).toEqual([
      'repair.id',
      'repair.title',
      'repair.customer_id',
      'repair.customer_id__label',
      'repair.due_date',
    ]);
  });

  it('announces what comes next, not what was', () => {
    const home = (name: string, date: string, more: NewField[] = []) =>
      compile(
        specOf(
          'Club',
          { op: 'add_entity', name: 'Place', fields: [{ name: 'Name', required: true }] },
          {
            op: 'add_entity',
            name,
            fields: [{ name: 'Name', required: true }, { name: date, type: 'date' }, ...more],
          },
        ),
        { slug },
      ).get('src/routes/+page.server.ts')!;
    expect(home('Concert', 'Date')).toContain('concerts.date >= CURRENT_DATE');
    for (const [name, date] of [
      ['Birthday', 'Date'],
      ['Member', 'Birthday'],
      ['Bike', 'Bought on'],
      ['Expense', 'Date'],
    ] as const)
      expect([name, home(name, date).includes('CURRENT_DATE')]).toEqual([name, false]);
    expect(home('Invoice', 'Date', [{ name: 'Due date', type: 'date' }])).toContain(
      'invoices.due_date >= CURRENT_DATE',
    );
  });

  it('keeps white on the accent and the accent on the page readable in both themes', () => {
    for (let count = 0; count < 40; count++) {
      const theme = compile(emptySpec('x'), { slug: `app-${count}` }).get('src/theme.css')!;
      const [solid, ink, soft, darkSolid, darkInk, darkSoft] = theme.match(/#[0-9a-f]{6}/g)!;
      for (const [front, back] of [
        ['#ffffff', solid],
        ['#ffffff', darkSolid],
        [ink, '#ffffff'],
        [ink, soft],
        [darkInk, '#171b1a'],
        [darkInk, darkSoft],
      ])
        expect([front, back, contrast(front!, back!) >= 4.5]).toEqual([front, back, true]);
    }
  });
});

/** Contrast as WCAG 2.2 defines it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}
