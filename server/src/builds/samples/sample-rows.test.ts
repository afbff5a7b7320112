/** Sample rows on real tables: every type, rule and relation takes them as they are, in each language, and they read as somebody's data would. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppLanguage, appLanguages, emptySpec, type Spec } from '../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { planWithEffects } from '../changes/plan.ts';
import { everything } from '../compiler/everything.ts';
import { applyOperations } from '../spec/apply.ts';
import { tableOf } from '../spec/naming.ts';
import { starters } from '../starters/starters.ts';
import { meaningOf } from './meanings.ts';
import { BIKE_MAKES, BIKES, PROBLEMS } from './phrases.ts';
import { type SampleRows, sampleRows } from './sample-rows.ts';

let cluster: TestCluster;
let client: pg.Client;
beforeAll(async () => {
  cluster = await startTestCluster();
  client = new pg.Client({ connectionString: await cluster.create() });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await cluster?.stop();
});

const TODAY = new Date('2026-11-21T12:00:00Z');
const specOf = (title: string, operations: SpecOperation[]): Spec => {
  const applied = applyOperations(emptySpec(title), operations);
  if (!applied.ok) throw new Error(applied.message);
  return applied.spec;
};
const make = (spec: Spec, count: number, more: Partial<Parameters<typeof sampleRows>[0]> = {}) =>
  sampleRows({ spec, entities: spec.entities, count, seed: 7, today: TODAY, existing: new Map(), ...more });

/** Inserts everything; nothing is forgiven. @returns rows of each table */
async function insert(spec: Spec, made: SampleRows): Promise<Record<string, number>> {
  await client.query('begin');
  try {
    const planned = planWithEffects(emptySpec(spec.title), spec, []);
    for (const { change } of planned) for (const statement of change.statements) await client.query(statement);
    await client.query('set constraints all deferred');
    for (const { table, rows } of [{ table: 'stored_files', rows: made.pictures }, ...made.tables])
      for (const row of rows)
        await client.query(
          `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.keys(row)
            .map((_, at) => `$${at + 1}`)
            .join(', ')})`,
          Object.values(row),
        );
    await client.query('set constraints all immediate');
    const counted: Record<string, number> = {};
    for (const entity of spec.entities)
      counted[tableOf(entity)] = (await client.query(`select count(*)::int as n from ${tableOf(entity)}`)).rows[0].n;
    return counted;
  } finally {
    await client.query('rollback');
  }
}

describe('sample rows', () => {
  it.each(appLanguages)('fit every type, rule and relation, in %s', async (language: AppLanguage) => {
    const spec = { ...everything, language };
    const counted = await insert(spec, await make(spec, 20));
    for (const entity of spec.entities) {
      const rows = counted[tableOf(entity)]!;
      // a pair that is drawn twice is one link
      expect([entity.plural, rows], entity.plural).toEqual([entity.plural, entity.link ? expect.any(Number) : 20]);
      expect(rows).toBeGreaterThan(5);
    }
  });

  it.each(
    starters.map(({ id, operations }) => [id, operations] as const),
  )('fill the app to begin with: %s', async (id, operations) => {
    const spec = specOf(id, [...operations]);
    const counted = await insert(spec, await make(spec, 10));
    expect(Math.min(...Object.values(counted))).toBeGreaterThan(2);
  });

  it('are the same for the same seed, and others for another', async () => {
    const [one, same, other] = [
      await make(everything, 5),
      await make(everything, 5),
      await make(everything, 5, { seed: 8 }),
    ];
    expect(same.tables).toEqual(one.tables);
    expect(other.tables).not.toEqual(one.tables);
  });

  it('of one list bring what it must point at, and leave alone what is there', async () => {
    const spec = specOf('Shop', [
      { op: 'add_entity', name: 'Customer', fields: [{ name: 'Name', required: true }] },
      {
        op: 'add_entity',
        name: 'Order',
        fields: [
          { name: 'Number', unique: true },
          { name: 'Customer', type: 'reference', target: 'Customers', required: true },
        ],
      },
    ]);
    const [customers, orders] = spec.entities;
    const alone = await make(spec, 8, { entities: [orders!] });
    expect(alone.tables.map(({ plural, rows }) => [plural, rows.length])).toEqual([
      ['Customers', 5],
      ['Orders', 8],
    ]);
    const there = '0197c000-0000-7000-8000-000000000001';
    const beside = await make(spec, 8, {
      entities: [orders!],
      existing: new Map([[tableOf(customers!), { ids: [there], taken: new Map() }]]),
    });
    expect(beside.tables.map(({ plural }) => plural)).toEqual(['Orders']);
    expect(new Set(beside.tables[0]!.rows.map((row) => row.customer_id))).toEqual(new Set([there]));
  });

  it('read like a bicycle, a problem and a day of birth', async () => {
    const spec = specOf('Workshop', [
      {
        op: 'add_entity',
        name: 'Bike',
        fields: [{ name: 'Name', required: true }, { name: 'Make' }, { name: 'Bought on', type: 'date' }],
      },
      {
        op: 'add_entity',
        name: 'Problem',
        fields: [
          { name: 'Title', unique: true },
          { name: 'Date', type: 'date' },
        ],
      },
      {
        op: 'add_entity',
        name: 'Birthday',
        fields: [
          { name: 'Name', required: true },
          { name: 'Date', type: 'date' },
        ],
      },
    ]);
    const [bikes, problems, birthdays] = (await make(spec, 8)).tables.map(({ rows }) => rows);
    expect(new Set(bikes!.map(({ name }) => name))).toEqual(new Set(BIKES.en));
    for (const { make: maker } of bikes!) expect(BIKE_MAKES).toContain(maker);
    expect(new Set(problems!.map(({ title }) => title)).size).toBe(8);
    for (const { title } of problems!) expect(PROBLEMS.en).toContain(String(title).replace(/ \d+$/, ''));
    const days = (rows: typeof bikes, column: string) => rows!.map((row) => String(row[column]));
    expect(Math.max(...days(birthdays, 'date').map((day) => Number(day.slice(0, 4))))).toBeLessThan(2021);
    expect(birthdays!.every(({ name }) => /^\p{Lu}\S+ \S+/u.test(String(name)))).toBe(true);
    for (const day of [...days(bikes, 'bought_on'), ...days(problems, 'date')]) expect(day <= '2026-11-21').toBe(true);
  });

  it('stop where a rule leaves no room', async () => {
    const spec = specOf('Doors', [
      { op: 'add_entity', name: 'Door', fields: [{ name: 'Number', type: 'integer', min: 1, max: 3, unique: true }] },
    ]);
    const made = await make(spec, 20);
    expect(made.tables[0]!.rows.map((row) => row.number).sort()).toEqual([1, 2, 3]);
  });

  it('hold nothing that could reach anybody: mailboxes, numbers and addresses belong to no one', async () => {
    for (const language of appLanguages) {
      const text = JSON.stringify((await make({ ...everything, language }, 30)).tables);
      for (const [, domain] of text.matchAll(/@([a-z.]+)/g)) expect(domain).toBe('example.com');
      for (const [, host] of text.matchAll(/https?:\/\/([^/"]+)/g)) expect(host).toBe('example.com');
    }
  });
});

describe('what a field is an example of', () => {
  it.each([
    ['Name', 'Customer', 'person'],
    ['Nom', 'Élève', 'person'],
    ['Nombre', 'Paciente', 'person'],
    ['Titel', 'Buch', 'book'],
    ['Name', 'Lieferant', 'company'],
    ['Author', 'Book', 'author'],
    ['Bemerkungen', 'Termin', 'note'],
    ['Straße', 'Mitglied', 'street'],
    ['Kennzeichen', 'Fahrzeug', 'number-plate'],
    ['Name', 'Fahrrad', 'bike'],
    ['Brand', 'Car', 'car-make'],
    ['Brand', 'Product', 'company'],
    ['What’s wrong', 'Repair', 'problem'],
    ['Nom', 'Anniversaire', 'person'],
    ['Name', 'Widget', undefined],
  ])('%s of %s', (label, entity, meaning) => {
    expect(meaningOf(label, entity)).toBe(meaning);
  });
});
