import { describe, expect, it } from 'vitest';
import { emptySpec, type Spec } from '../../../contract/spec.ts';
import type { SpecOperation } from '../../../contract/spec-operations.ts';
import { planSpecChange } from './change-spec.ts';
import { compile } from './compiler/compile.ts';
import { mergeGenerated } from './lift.ts';
import { mergeSpecs } from './merge-specs.ts';
import { applyOperations } from './spec/apply.ts';

const slug = 'reading-list';
const apply = (spec: Spec, ...operations: SpecOperation[]): Spec => {
  const result = applyOperations(spec, operations);
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.spec;
};
const start = apply(
  emptySpec('Reading list'),
  {
    op: 'add_entity',
    name: 'Book',
    fields: [{ name: 'Title', required: true }, { name: 'Author' }, { name: 'Rating', type: 'rating' }],
  },
  { op: 'add_entity', name: 'Shelf', fields: [{ name: 'Name', required: true }] },
);
const operations: SpecOperation[] = [
  { op: 'set_title', title: 'My books' },
  { op: 'add_field', entity: 'books', field: { name: 'Notes', type: 'longtext' } },
  { op: 'add_field', entity: 'books', field: { name: 'Isbn', unique: true, required: true } },
  { op: 'rename_field', entity: 'books', field: 'author', name: 'Writer' },
  { op: 'remove_field', entity: 'books', field: 'rating' },
  { op: 'alter_field', entity: 'books', field: 'rating', changes: { max: 10 } },
  { op: 'alter_field', entity: 'books', field: 'author', changes: { required: true } },
  { op: 'add_entity', name: 'Reader', fields: [{ name: 'Name' }] },
  { op: 'remove_entity', entity: 'shelves' },
];

describe('lifting hand edits over to newly generated files', () => {
  const base = compile(start, { slug });
  const generated = [...base.keys()].filter((path) => path !== 'spec.json');

  it.each(
    operations.map((operation) => [operation.op, operation] as const),
  )('keeps a hand edit of every file, at its start and at its end, through %s', (_, operation) => {
    for (const [where, edit] of [
      ['start', (text: string) => `HAND EDIT\n${text}`],
      ['end', (text: string) => `${text}HAND EDIT\n`],
    ] as const) {
      const ours = new Map([...base].map(([path, text]) => [path, path === 'spec.json' ? text : edit(text)]));
      const theirs = compile(apply(start, operation), { slug });
      const { files } = mergeGenerated({ base, ours, theirs });
      for (const path of generated)
        expect([where, path, files.get(path)]).toEqual([where, path, expect.stringContaining('HAND EDIT')]);
      for (const [path, text] of theirs)
        if (path !== 'spec.json') expect(files.get(path)?.replace('HAND EDIT\n', '')).toBe(text);
    }
  });

  it('gives exactly what the new spec generates where nobody edited', () => {
    for (const operation of operations) {
      const theirs = compile(apply(start, operation), { slug });
      const { files, conflicts } = mergeGenerated({ base, ours: base, theirs });
      expect(conflicts).toEqual([]);
      expect([...files.keys()]).toEqual([...theirs.keys()]);
      for (const [path, text] of theirs) if (path !== 'spec.json') expect(files.get(path)).toBe(text);
    }
  });

  it('keeps a hand edit right beside a new field, and adds the field', () => {
    const path = 'src/routes/books/BookForm.svelte';
    const edited = base.get(path)!.replace('label="Rating"', 'label="Stars"');
    const theirs = compile(apply(start, operations[1]!), { slug });
    const { files, conflicts } = mergeGenerated({ base, ours: new Map(base).set(path, edited), theirs });
    expect(conflicts).toEqual([]);
    expect(files.get(path)).toContain('label="Stars"');
    expect(files.get(path)).toContain('label="Notes"');
  });

  it('keeps ours and reports it where both changed the same line', () => {
    const path = 'src/routes/books/BookForm.svelte';
    const edited = base.get(path)!.replace('label="Rating"', 'label="Stars"');
    const theirs = compile(apply(start, operations[5]!), { slug });
    const { files, conflicts } = mergeGenerated({ base, ours: new Map(base).set(path, edited), theirs });
    expect(files.get(path)).toBe(edited);
    expect(conflicts).toMatchObject([{ path, hunks: [{ ours: [expect.stringContaining('Stars')] }] }]);
    expect(edited.split('\n')[conflicts[0]!.hunks[0]!.line - 1]).toContain('Stars');
  });

  it('leaves a file deleted that a person deleted, and says so only when it would have changed', () => {
    const path = 'src/routes/books/+page.svelte';
    const ours = new Map(base);
    ours.delete(path);
    const quiet = mergeGenerated({ base, ours, theirs: compile(apply(start, operations[8]!), { slug }) });
    expect([quiet.files.has(path), quiet.conflicts]).toEqual([false, []]);
    const loud = mergeGenerated({ base, ours, theirs: compile(apply(start, operations[3]!), { slug }) });
    expect(loud.files.has(path)).toBe(false);
    expect(loud.conflicts).toMatchObject([{ path, hunks: [] }]);
  });

  it('keeps an edited page of a list that is removed, and files of one’s own', () => {
    const path = 'src/routes/shelves/+page.svelte';
    const ours = new Map(base)
      .set(path, 'mine')
      .set('static/logo.svg', '<svg/>')
      .set('changes/0001-x-abcdef.sql', '-- x');
    const { files, conflicts } = mergeGenerated({
      base,
      ours,
      theirs: compile(apply(start, operations[8]!), { slug }),
    });
    expect(files.get(path)).toBe('mine');
    expect(files.get('static/logo.svg')).toBe('<svg/>');
    expect(files.get('changes/0001-x-abcdef.sql')).toBe('-- x');
    expect(conflicts.map((conflict) => conflict.path)).toEqual([path]);
  });
});

describe('planning a change of the spec', () => {
  it('gives what to write and remove, the changes, and a base for the next time', () => {
    const template = compile(emptySpec('Reading list'), { slug });
    const first = planSpecChange({
      spec: emptySpec('Reading list'),
      operations: [{ op: 'add_entity', name: 'Book', fields: [{ name: 'Title', required: true }] }],
      slug,
      tree: new Map(template).set('notes.txt', 'mine'),
      generatedBase: template,
      existingChanges: [],
    });
    if (!first.ok) throw new Error(first.message);
    expect(first.remove).toEqual(['src/routes/+page.svelte']);
    expect([...first.write.keys()]).toContain('src/routes/books/+page.svelte');
    expect([...first.write.keys()]).toContain(first.changes[0]!.path);
    expect(first.write.has('src/app.css')).toBe(false);
    expect(first.write.has('notes.txt')).toBe(false);
    expect(JSON.parse(first.write.get('spec.json')!)).toEqual(first.spec);
    expect(first.conflicts).toEqual([]);
  });

  it('refuses with the operation that cannot be done', () => {
    const refused = planSpecChange({
      spec: start,
      operations: [{ op: 'remove_entity', entity: 'films' }],
      slug,
      tree: new Map(),
      generatedBase: new Map(),
      existingChanges: [],
    });
    expect(refused).toMatchObject({ ok: false, index: 0, code: 'unknown_entity' });
  });
});

describe('merging specs', () => {
  it('takes what each side changed', () => {
    const ours = apply(start, operations[1]!, { op: 'rename_entity', entity: 'shelves', name: 'Place' });
    const theirs = apply(start, operations[5]!, operations[0]!, operations[7]!);
    const { spec, conflicts } = mergeSpecs(start, ours, theirs);
    expect(conflicts).toEqual([]);
    expect(spec.title).toBe('My books');
    expect(spec.entities.map((entity) => entity.plural)).toEqual(['Books', 'Places', 'Readers']);
    expect(spec.entities[0]!.fields.map((field) => [field.name, field.max])).toEqual([
      ['Title', undefined],
      ['Author', undefined],
      ['Rating', 10],
      ['Notes', undefined],
    ]);
  });

  it('is the same from both sides where nothing conflicts, and the same as one side when the other did nothing', () => {
    for (const [index, operation] of operations.entries()) {
      const changed = apply(start, operation);
      expect(mergeSpecs(start, changed, start), operation.op).toEqual({ spec: changed, conflicts: [] });
      expect(mergeSpecs(start, start, changed), operation.op).toEqual({ spec: changed, conflicts: [] });
      expect(mergeSpecs(start, changed, changed), `${index}`).toEqual({ spec: changed, conflicts: [] });
    }
  });

  it('names what both sides changed, in plain words, and keeps ours', () => {
    const ours = apply(start, { op: 'set_title', title: 'A' }, operations[4]!, {
      op: 'add_field',
      entity: 'books',
      field: { name: 'Notes' },
    });
    const theirs = apply(start, operations[1]!, { op: 'set_title', title: 'B' }, operations[5]!);
    const { spec, conflicts } = mergeSpecs(start, ours, theirs);
    expect(spec.title).toBe('A');
    expect(spec.entities[0]!.fields.map((field) => field.column)).toEqual([
      'title',
      'author',
      'notes',
      'rating',
      'notes_2',
    ]);
    expect(conflicts).toEqual([
      'Both sides changed the title. This side’s stays.',
      'One side removed the field Rating of Books, the other changed it. It stays.',
      'Both sides have a field called Notes in Books. The second is called Notes 2 now.',
    ]);
  });
});
