import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptySpec, type Spec } from '../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { applyOperations } from '../spec/apply.ts';
import { type ChangeFile, parseChange, serialiseChange } from './change-file.ts';
import { orderChanges } from './order.ts';
import { planChanges } from './plan.ts';

let cluster: TestCluster;
let client: pg.Client;

beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  client = new pg.Client({ connectionString: await cluster.create() });
  await client.connect();
  return () => client.end();
});

/** Runs changes as the runner does: each statement by the extended protocol, each change in a transaction, after a trip through its file. */
async function run(changes: ChangeFile[]): Promise<void> {
  for (const change of changes) {
    const { statements } = parseChange(serialiseChange(change));
    await client.query('begin');
    for (const text of statements) await client.query({ text, queryMode: 'extended' } as pg.QueryConfig);
    await client.query('commit');
  }
}

/** Applies operations to a spec and to the database. */
function app() {
  let spec: Spec = emptySpec('Test');
  const changes: ChangeFile[] = [];
  return {
    async change(...operations: SpecOperation[]): Promise<ChangeFile[]> {
      const applied = applyOperations(spec, operations);
      if (!applied.ok) throw new Error(`${applied.code}: ${applied.message}`);
      const made = planChanges(spec, applied.spec, changes);
      await run(made);
      spec = applied.spec;
      changes.push(...made);
      return made;
    },
    changes,
  };
}

const rows = async (sql: string) => (await client.query(sql)).rows;
const refused = async (sql: string): Promise<string> => {
  const error = await client.query(sql).then(
    () => undefined,
    (error: pg.DatabaseError) => error,
  );
  return error?.constraint ?? error?.code ?? 'accepted';
};

const book: SpecOperation = {
  op: 'add_entity',
  name: 'Book',
  fields: [
    { name: 'Title', required: true, maxLength: 20 },
    { name: 'Author' },
    { name: 'Isbn', unique: true },
    { name: 'Rating', type: 'rating' },
    { name: 'Finished', type: 'boolean' },
    { name: 'Status', type: 'choice', choices: ['To read', "It's read"], default: 'to read' },
    { name: 'Price', type: 'number', min: 0 },
    { name: 'Bought', type: 'date', default: 'today' },
  ],
};

async function withBooks() {
  const made = app();
  await made.change(book);
  await client.query(`insert into books (title, author, isbn, rating, finished, price) values
    ('Dune', 'Herbert', '1', 5, true, 12.50), ('Emma', null, '2', null, false, null), ('Ulysses', '1922', null, 3, false, 7)`);
  return made;
}

describe('changes from one spec to the next, on PostgreSQL', () => {
  it('creates a table whose rules the database itself enforces', async () => {
    await withBooks();
    expect(await rows('select status, bought = current_date as today from books limit 1')).toEqual([
      { status: 'to_read', today: true },
    ]);
    expect(await refused(`insert into books (title) values ('')`)).toBe('books_title_check');
    expect(await refused(`insert into books (title) values ('${'x'.repeat(21)}')`)).toBe('books_title_check');
    expect(await refused(`insert into books (author) values ('x')`)).toBe('23502');
    expect(await refused(`insert into books (title, isbn) values ('x', '1')`)).toBe('books_isbn_key');
    expect(await refused(`insert into books (title, rating) values ('x', 6)`)).toBe('books_rating_check');
    expect(await refused(`insert into books (title, status) values ('x', 'lost')`)).toBe('books_status_check');
    expect(await refused(`insert into books (title, price) values ('x', -1)`)).toBe('books_price_check');
    const [{ id }] = await rows(`select id from books where title = 'Dune'`);
    expect(id[14]).toBe('7');
  });

  it('renames a table and a column with their rules and keeps every row', async () => {
    const { change } = await withBooks();
    const made = await change(
      { op: 'rename_entity', entity: 'books', name: 'Novel' },
      { op: 'rename_field', entity: 'novels', field: 'Isbn', name: 'Number on the back' },
    );
    expect(made.map((file) => file.action)).toEqual(['rename_table', 'rename_column']);
    expect(await rows('select count(*)::int as n from novels')).toEqual([{ n: 3 }]);
    expect(await refused(`insert into novels (title, number_on_the_back) values ('x', '1')`)).toBe(
      'novels_number_on_the_back_key',
    );
    expect(await refused(`insert into novels (title) values ('')`)).toBe('novels_title_check');
    await change(book);
    expect(await refused(`insert into books (title) values ('')`)).toBe('books_title_check');
  });

  it('swaps the names of two columns and of two tables', async () => {
    const { change } = await withBooks();
    await change({ op: 'add_entity', name: 'Film', fields: [{ name: 'Director', unique: true }] });
    await client.query(`insert into films (director) values ('Lynch')`);
    await change(
      { op: 'rename_field', entity: 'books', field: 'Title', name: 'X' },
      { op: 'rename_field', entity: 'books', field: 'Author', name: 'Title' },
      { op: 'rename_field', entity: 'books', field: 'X', name: 'Author' },
      { op: 'rename_entity', entity: 'books', name: 'Y' },
      { op: 'rename_entity', entity: 'films', name: 'Book' },
      { op: 'rename_entity', entity: 'Y', name: 'Film' },
    );
    expect(await rows(`select title, author from films order by author limit 1`)).toEqual([
      { title: 'Herbert', author: 'Dune' },
    ]);
    expect(await rows('select director from books')).toEqual([{ director: 'Lynch' }]);
    expect(await refused(`insert into films (author) values ('')`)).toBe('films_author_check');
    expect(await refused(`insert into books (director) values ('Lynch')`)).toBe('books_director_key');
  });

  it('adds fields: empty where they may be, filled where they must be', async () => {
    const { change } = await withBooks();
    await change(
      { op: 'add_field', entity: 'books', field: { name: 'Notes', type: 'longtext' } },
      { op: 'add_field', entity: 'books', field: { name: 'Shelf', required: true } },
      { op: 'add_field', entity: 'books', field: { name: 'Code', required: true, unique: true } },
      {
        op: 'add_field',
        entity: 'books',
        field: { name: 'Rank', type: 'integer', required: true, unique: true, min: 1 },
      },
      { op: 'add_field', entity: 'books', field: { name: 'Pages', type: 'integer', required: true, min: 1 } },
      { op: 'add_field', entity: 'books', field: { name: 'Day', type: 'date', required: true, unique: true } },
      { op: 'add_field', entity: 'books', field: { name: 'Stars', type: 'rating', required: true, max: 10 } },
      { op: 'add_field', entity: 'books', field: { name: 'Owned', type: 'boolean', default: true } },
      {
        op: 'add_field',
        entity: 'books',
        field: { name: 'Kind', type: 'choice', choices: ['A', 'B'], required: true },
      },
      { op: 'add_field', entity: 'books', field: { name: 'Lent', type: 'date', default: 'today' } },
    );
    const [first] = await rows(
      `select notes, shelf, rank, pages, stars, owned, kind, lent, code ~ '^Not set .{12}$' as coded, day < current_date as past from books order by id`,
    );
    expect(first).toEqual({
      notes: null,
      shelf: 'Not set',
      rank: 1,
      pages: 1,
      stars: 1,
      owned: true,
      kind: 'a',
      lent: null,
      coded: true,
      past: true,
    });
  });

  it('makes a field required and lets it be empty again', async () => {
    const { change } = await withBooks();
    const [made] = await change({ op: 'alter_field', entity: 'books', field: 'Author', changes: { required: true } });
    expect(made).toMatchObject({ phase: 'contract', destructive: false });
    expect(await rows(`select author from books where title = 'Emma'`)).toEqual([{ author: 'Not set' }]);
    expect(await refused(`insert into books (title) values ('x')`)).toBe('23502');
    const [eased] = await change({ op: 'alter_field', entity: 'books', field: 'Author', changes: { required: false } });
    expect(eased).toMatchObject({ phase: 'expand', destructive: false });
    expect(await refused(`insert into books (title) values ('x')`)).toBe('accepted');
  });

  it('widens and narrows ranges, lengths and choices, and says when values are cut', async () => {
    const { change } = await withBooks();
    const alter = (field: string, changes: object) =>
      change({ op: 'alter_field', entity: 'books', field, changes } as SpecOperation);
    expect((await alter('Rating', { max: 10 }))[0]!.destructive).toBe(false);
    await client.query(`update books set rating = 9 where title = 'Dune'`);
    expect((await alter('Rating', { max: 5 }))[0]!.destructive).toBe(true);
    expect((await alter('Title', { maxLength: 4 }))[0]!.destructive).toBe(true);
    expect((await alter('Price', { min: 10 }))[0]!.destructive).toBe(true);
    expect((await alter('Status', { choices: ['Lost', "It's read"] }))[0]!.destructive).toBe(true);
    expect(await rows('select title, rating, price, status from books order by title')).toEqual([
      { title: 'Dune', rating: 5, price: '12.50', status: null },
      { title: 'Emma', rating: null, price: null, status: null },
      { title: 'Ulys', rating: 3, price: '10', status: null },
    ]);
    await alter('Price', { min: null });
    expect(await refused(`insert into books (title, price) values ('x', -1)`)).toBe('accepted');
  });

  it('turns unique on and off, and changes defaults', async () => {
    const { change } = await withBooks();
    await change(
      { op: 'alter_field', entity: 'books', field: 'Isbn', changes: { unique: false } },
      { op: 'alter_field', entity: 'books', field: 'Author', changes: { unique: true, default: "O'Brien; \\ \n" } },
      { op: 'alter_field', entity: 'books', field: 'Bought', changes: { default: null } },
    );
    await client.query(`insert into books (title, isbn) values ('x', '1')`);
    expect(await rows(`select author, bought from books where title = 'x'`)).toEqual([
      { author: "O'Brien; \\ \n", bought: null },
    ]);
    expect(await refused(`insert into books (title) values ('y')`)).toBe('books_author_key');
  });

  it.each([
    ['Author', { type: 'longtext' }, ['Herbert', null, '1922'], false],
    ['Author', { type: 'integer' }, [null, null, 1922], true],
    ['Author', { type: 'number', required: true }, ['0', '0', '1922'], true],
    ['Author', { type: 'date' }, [null, null, null], true],
    ['Author', { type: 'boolean' }, [false, false, false], true],
    ['Author', { type: 'choice', choices: ['herbert', 'Other'] }, ['herbert', null, null], true],
    ['Author', { type: 'rating' }, [null, null, null], true],
    ['Rating', { type: 'text', maxLength: 5 }, ['5', null, '3'], false],
    ['Rating', { type: 'number' }, ['5', null, '3'], false],
    ['Finished', { type: 'text' }, ['Yes', 'No', 'No'], false],
    ['Finished', { type: 'integer', default: null }, [1, 0, 0], false],
    ['Price', { type: 'integer' }, [13, null, 7], true],
    ['Price', { type: 'rating', max: 10 }, [null, null, 7], true],
    ['Price', { type: 'boolean' }, [true, false, true], true],
    ['Status', { type: 'text' }, ['To read', 'To read', 'To read'], false],
    ['Bought', { type: 'longtext' }, undefined, false],
  ])('converts %s to %j with its rows', async (field, changes, values, destructive) => {
    const { change } = await withBooks();
    const [made] = await change({ op: 'alter_field', entity: 'books', field, changes } as SpecOperation);
    expect(made!.destructive).toBe(destructive);
    const column = field.toLowerCase();
    if (values)
      expect((await rows(`select ${column} from books order by id`)).map((row) => row[column])).toEqual(values);
  });

  it('drops fields and tables, marked as destructive', async () => {
    const { change } = await withBooks();
    const made = await change({ op: 'remove_field', entity: 'books', field: 'Author' });
    expect(made).toMatchObject([{ action: 'drop_column', destructive: true, phase: 'contract' }]);
    const [again] = await change(
      { op: 'remove_field', entity: 'books', field: 'Price' },
      { op: 'add_field', entity: 'books', field: { name: 'Price' } },
    );
    expect(again).toMatchObject({ action: 'drop_column' });
    expect(await change({ op: 'remove_entity', entity: 'books' })).toMatchObject([
      { action: 'drop_table', destructive: true },
    ]);
    expect(await rows(`select to_regclass('books') as found`)).toEqual([{ found: null }]);
  });

  it('makes no change where nothing of the database changes', async () => {
    const { change } = await withBooks();
    expect(await change({ op: 'set_title', title: 'Other' })).toEqual([]);
  });

  it('survives labels that look like SQL', async () => {
    const { change } = app();
    const nasty = `'; drop table x; --\\`;
    await change({
      op: 'add_entity',
      name: nasty,
      fields: [
        { name: nasty, type: 'choice', choices: [nasty, '$1', 'a;b'], default: nasty },
        { name: 'T', default: `${nasty};\n\n-- x` },
      ],
    });
    await client.query('insert into drop_table_xes default values');
    await change({ op: 'alter_field', entity: nasty, field: nasty, changes: { type: 'text' } });
    expect(await rows('select drop_table_x, t from drop_table_xes')).toEqual([
      { drop_table_x: nasty, t: `${nasty};\n\n-- x` },
    ]);
  });

  it('builds two chats’ changes on the same ground and runs both after a merge', async () => {
    const base = await withBooks();
    const applied = (name: string) => {
      const result = applyOperations(specOf, [{ op: 'add_field', entity: 'books', field: { name } }]);
      if (!result.ok) throw new Error(result.message);
      return planChanges(specOf, result.spec, base.changes);
    };
    const start = applyOperations(emptySpec('Test'), [book]);
    if (!start.ok) throw new Error(start.message);
    const specOf = start.spec;
    const one = applied('Notes');
    const two = applied('Shelf');
    expect(one[0]!.id).toMatch(/^0002-add-books-notes-[0-9a-f]{6}$/);
    expect(one[0]!.path).not.toBe(two[0]!.path);
    const all = orderChanges([...two, ...one, ...base.changes]);
    expect(all[0]).toBe(base.changes[0]);
    await run(all.slice(1));
    expect(await refused(`insert into books (title, notes, shelf) values ('x', 'y', 'z')`)).toBe('accepted');
    const next = planChanges(specOf, emptySpec('Test'), all);
    expect(next[0]!.needs).toEqual([one[0]!.id, two[0]!.id].sort());
  });
});
