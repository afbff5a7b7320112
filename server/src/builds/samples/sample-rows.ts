/**
 * Rows that show what an app is like when it is used: sensible values in the app's language, pointing at each other, within every rule of
 * the spec. The same seed gives the same rows.
 */
import type { Faker } from '@faker-js/faker';
import type { AppLanguage, Entity, Field, Spec } from '../../../../contract/spec.ts';
import { isStored, isUpload } from '../spec/kinds.ts';
import { tableOf } from '../spec/naming.ts';
import { examplePicture } from './pictures.ts';
import { exampleOf, type Value } from './values.ts';

const fakers: Record<AppLanguage, () => Promise<{ faker: Faker }>> = {
  en: () => import('@faker-js/faker/locale/en'),
  de: () => import('@faker-js/faker/locale/de'),
  fr: () => import('@faker-js/faker/locale/fr'),
  es: () => import('@faker-js/faker/locale/es'),
};

const TRIES = 40;

export interface SampleTable {
  table: string;
  /** what people call its rows */
  plural: string;
  rows: Record<string, Value>[];
}
export interface SamplePicture {
  id: string;
  name: string;
  type: string;
  content: Buffer;
}
export interface SampleRows {
  /** a table that is pointed at comes before those that point at it, as far as that is possible */
  tables: SampleTable[];
  pictures: SamplePicture[];
}

export interface SampleInput {
  spec: Spec;
  /** the lists that get rows; those that they must point at get some too when they are empty */
  entities: Entity[];
  count: number;
  seed: number;
  today: Date;
  /** rows that are there: by table the ids, and the values of columns that must differ */
  existing: ReadonlyMap<string, { ids: string[]; taken: ReadonlyMap<string, ReadonlySet<string>> }>;
}

/** Rows for the lists, ids included, ready to be inserted in one transaction with deferred constraints. */
export async function sampleRows(input: SampleInput): Promise<SampleRows> {
  const language = input.spec.language ?? 'en';
  const { faker } = await fakers[language]();
  faker.seed(input.seed);
  const wanted = withNeeded(input);
  const ids = new Map<string, string[]>();
  for (const { entity, count } of wanted) {
    const before = input.existing.get(tableOf(entity))?.ids ?? [];
    // links are made once it is known what they tie together
    const made = entity.link ? [] : Array.from({ length: count }, () => faker.string.uuid());
    ids.set(entity.id, [...before, ...made]);
  }
  const pictures: SamplePicture[] = [];
  const tables = wanted.map(({ entity, count }): SampleTable => {
    const table = tableOf(entity);
    const existing = input.existing.get(table);
    const taken = new Map(
      [...(existing?.taken ?? [])].map(([column, values]) => [column, new Set(values)] as [string, Set<string>]),
    );
    const own = ids.get(entity.id)!.slice(existing?.ids.length ?? 0);
    const pairs = new Set<string>();
    const rows: Record<string, Value>[] = [];
    for (let at = 0; at < count; at++) {
      const row = makeRow({
        input,
        faker,
        language,
        entity,
        number: (existing?.ids.length ?? 0) + at + 1,
        ids,
        taken,
        pictures,
      });
      if (!row) continue;
      if (entity.link) {
        const pair = entity.fields
          .filter((field) => field.type === 'reference')
          .slice(0, 2)
          .map((field) => row[field.column])
          .join(' ');
        if (pairs.has(pair)) continue;
        pairs.add(pair);
      }
      rows.push({ id: own[at] ?? faker.string.uuid(), ...row });
    }
    return { table, plural: entity.plural, rows };
  });
  return { tables: tables.filter(({ rows }) => rows.length > 0), pictures };
}

/** The lists with what they need, in an order in which what is pointed at comes first. */
function withNeeded({ spec, entities, count, existing }: SampleInput): { entity: Entity; count: number }[] {
  const order: { entity: Entity; count: number }[] = [];
  const seen = new Set<string>();
  const visit = (entity: Entity, asked: boolean) => {
    if (seen.has(entity.id)) return;
    seen.add(entity.id);
    for (const field of entity.fields) {
      const target = field.type === 'reference' && spec.entities.find(({ id }) => id === field.target);
      if (!target || target.id === entity.id) continue;
      visit(
        target,
        entities.some(({ id }) => id === target.id),
      );
    }
    const empty = (existing.get(tableOf(entity))?.ids.length ?? 0) === 0;
    if (asked) order.push({ entity, count });
    else if (empty) order.push({ entity, count: Math.min(count, 5) });
    else order.push({ entity, count: 0 });
  };
  for (const entity of entities) visit(entity, true);
  return order;
}

interface Making {
  input: SampleInput;
  faker: Faker;
  language: AppLanguage;
  entity: Entity;
  number: number;
  ids: ReadonlyMap<string, string[]>;
  /** grows: values that must not come again, by column */
  taken: Map<string, Set<string>>;
  pictures: SamplePicture[];
}

/** @returns undefined where a rule leaves no room for another row */
function makeRow(making: Making): Record<string, Value> | undefined {
  const { input, faker, language, entity, number, taken, pictures } = making;
  const row = { faker, language, entity, number, today: input.today };
  const values: Record<string, Value> = {};
  // what the row is called first: its mailbox and web address follow
  const shown = entity.fields.find(({ id }) => id === entity.displayField);
  const ordered = [...entity.fields].sort((a, b) => Number(b === shown) - Number(a === shown));
  const name = () =>
    shown && typeof values[shown.column] === 'string' ? String(values[shown.column]) : `${entity.name} ${number}`;
  for (const field of ordered) {
    if (!isStored(field)) continue;
    const value = fresh(field, taken, (round) => {
      if (field.type === 'reference') return pick(making, field, round);
      if (field.type === 'image') return picture(pictures, faker, name());
      if (isUpload(field)) return null;
      return exampleOf(row, field, round === 0 ? name() : `${name()} ${number + round}`);
    });
    if (value === undefined) return undefined;
    values[field.column] = value;
  }
  return values;
}

/** A value that has not been there where each must differ. @returns undefined when none was found */
function fresh(field: Field, taken: Map<string, Set<string>>, make: (round: number) => Value): Value | undefined {
  if (!field.unique) return make(0);
  const known = taken.get(field.column) ?? new Set();
  taken.set(field.column, known);
  for (let round = 0; round < TRIES; round++) {
    const value = make(round);
    if (value === null) return value;
    if (known.has(String(value))) continue;
    known.add(String(value));
    return value;
  }
  return undefined;
}

function pick({ faker, ids, entity, number }: Making, field: Field, round: number): Value {
  const rows = ids.get(field.target!) ?? [];
  // a row of its own list: only one that is there before it, and not each time, so that nothing goes in circles
  const choice = field.target === entity.id ? rows.slice(0, Math.max(0, number - 1)) : rows;
  if (choice.length === 0 || (field.target === entity.id && faker.datatype.boolean())) return null;
  return field.unique ? (choice[(number - 1 + round) % choice.length] ?? null) : faker.helpers.arrayElement(choice);
}

function picture(pictures: SamplePicture[], faker: Faker, name: string): string {
  const id = faker.string.uuid();
  pictures.push({
    id,
    name: `${name.slice(0, 60)}.png`,
    type: 'image/png',
    content: examplePicture(faker.number.int({ max: 359 }), faker.number.int({ max: 9999 })),
  });
  return id;
}
