/** One example of a value for a field, in the app's language. Addresses, numbers and mailboxes are of the ranges that belong to nobody. */
import type { Faker } from '@faker-js/faker';
import type { AppLanguage, Entity, Field } from '../../../../contract/spec.ts';
import { INTEGER_MAX, maxLengthOf, starsOf } from '../spec/fields.ts';
import { isAhead, isBirthday } from '../spec/moments.ts';
import { type Meaning, meaningOf } from './meanings.ts';
import { BIKE_MAKES, BIKES, EVENTS, NOTES, PROBLEMS } from './phrases.ts';

export type Value = string | number | boolean | null;

export interface Row {
  faker: Faker;
  language: AppLanguage;
  entity: Entity;
  /** counts from 1 */
  number: number;
  /** the day that the examples are around */
  today: Date;
}

/** One after the other, so that few rows are all different. */
const inTurn = (phrases: readonly string[], number: number, field: Field): string =>
  `${phrases[(number - 1) % phrases.length]}${field.unique ? ` ${number}` : ''}`;

const text = ({ faker, language, entity, number }: Row, meaning: Meaning | undefined, field: Field): string => {
  switch (meaning) {
    case 'person':
    case 'author':
      return faker.person.fullName();
    case 'first-name':
      return faker.person.firstName();
    case 'last-name':
      return faker.person.lastName();
    case 'company':
      return faker.company.name();
    case 'product':
      return faker.commerce.productName();
    case 'book':
      return faker.book.title();
    case 'genre':
      return faker.book.genre();
    case 'song':
      return faker.music.songName();
    case 'artist':
      return faker.music.artist();
    case 'pet':
      return faker.animal.petName();
    case 'animal':
      return faker.animal.type();
    case 'dish':
      return faker.food.dish();
    case 'ingredient':
      return faker.food.ingredient();
    case 'city':
      return faker.location.city();
    case 'country':
      return faker.location.country();
    case 'street':
      return faker.location.streetAddress();
    case 'postcode':
      return faker.location.zipCode();
    case 'address':
      return `${faker.location.streetAddress()}, ${faker.location.city()}`;
    case 'colour':
      return faker.color.human();
    case 'vehicle':
      return faker.vehicle.vehicle();
    case 'car-make':
      return faker.vehicle.manufacturer();
    case 'car-model':
      return faker.vehicle.model();
    case 'bike':
      return inTurn(BIKES[language], number, field);
    case 'bike-make':
      return inTurn(BIKE_MAKES, number, field);
    case 'problem':
      return inTurn(PROBLEMS[language], number, field);
    case 'number-plate':
      return faker.vehicle.vrm();
    case 'job':
      return faker.person.jobTitle();
    case 'department':
      return faker.commerce.department();
    case 'code':
      return `${entity.name.slice(0, 2).toUpperCase()}-${1000 + number}`;
    case 'event':
      return faker.helpers.arrayElement(EVENTS[language]);
    case 'note':
      return faker.helpers.arrayElement(NOTES[language]);
    default:
      if (field.type === 'longtext') return faker.helpers.arrayElement(NOTES[language]);
      return field.id === entity.displayField ? `${entity.name} ${number}` : `${field.name} ${number}`;
  }
};

const RANGES: [RegExp, number, number][] = [
  [/\b(year|jahr|annee|ano|año)\b/i, 1990, 2026],
  [/\b(age|alter|edad|âge)\b/i, 3, 80],
  [
    /\b(quantity|qty|amount|stock|menge|anzahl|bestand|count|stück|quantité|cantidad|seats|plätze|places|pages|seiten)\b/i,
    1,
    40,
  ],
  [/\b(weight|gewicht|poids|peso)\b/i, 1, 90],
  [/\b(vat|tax|mwst|steuer|tva|iva|discount|rabatt|remise|descuento)\b/i, 5, 20],
];

function number({ faker }: Row, field: Field): number {
  const [, low, high] = RANGES.find(([pattern]) => pattern.test(field.name)) ?? [
    undefined,
    field.type === 'money' ? 5 : 1,
    field.type === 'percent' ? 100 : field.type === 'money' ? 400 : 100,
  ];
  const floor = field.min ?? (field.max === undefined ? low : Math.min(low, field.max));
  const ceiling = field.max ?? Math.max(floor, high);
  const [min, max] = [Math.max(floor, Math.min(low, ceiling)), Math.min(ceiling, Math.max(high, floor))];
  if (field.type === 'money' || field.type === 'number')
    return faker.number.float({ min, max, fractionDigits: field.type === 'money' ? 2 : 1 });
  return faker.number.int({
    min: Math.ceil(min),
    max: Math.max(Math.ceil(min), Math.floor(Math.min(max, INTEGER_MAX))),
  });
}

function day({ faker, today, entity, number: at }: Row, field: Field): Date {
  const days = (count: number) => new Date(today.getTime() + count * 86_400_000);
  if (isBirthday(field, entity)) return faker.date.birthdate({ min: 6, max: 80, mode: 'age', refDate: today });
  // some of what is ahead is today and soon, so that calendars and start pages have something to show
  if (isAhead(field)) return days(at <= 2 ? at - 1 : faker.number.int({ min: 1, max: 28 }));
  return days(-faker.number.int({ min: 0, max: 45 }));
}

const iso = (date: Date): string => date.toISOString().slice(0, 10);
const clock = ({ faker }: Row): string =>
  `${String(faker.number.int({ min: 8, max: 18 })).padStart(2, '0')}:${faker.helpers.arrayElement(['00', '15', '30', '45'])}`;
const word = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '') || 'example';

const PHONES: Record<AppLanguage, (faker: Faker) => string> = {
  en: (faker) => `+1 202 555 01${faker.string.numeric(2)}`,
  de: (faker) => `030 23125 ${faker.string.numeric(3)}`,
  fr: (faker) => `01 99 00 ${faker.string.numeric(2)} ${faker.string.numeric(2)}`,
  es: (faker) => `+1 202 555 01${faker.string.numeric(2)}`,
};

/**
 * An example for a field that keeps something itself; null for what points elsewhere.
 * @param name what the row is called, for its mailbox and web address
 */
export function exampleOf(row: Row, field: Field, name: string): Value {
  const { faker } = row;
  switch (field.type) {
    case 'text':
    case 'longtext':
      return text(row, meaningOf(field.name, row.entity.name), field).slice(0, maxLengthOf(field));
    case 'email':
      return `${word(name).slice(0, 40)}@example.com`;
    case 'phone':
      return PHONES[row.language](faker).slice(0, maxLengthOf(field));
    case 'url':
      return `https://example.com/${word(name).replaceAll('.', '-').slice(0, 60)}`;
    case 'number':
    case 'integer':
    case 'money':
    case 'percent':
      return number(row, field);
    case 'duration':
      return faker.helpers.arrayElement(
        [15, 30, 45, 60, 90, 120]
          .filter((minutes) => minutes >= (field.min ?? 0) && minutes <= (field.max ?? INTEGER_MAX))
          .concat(field.min ?? field.max ?? [])
          .slice(0, 6),
      );
    case 'rating':
      return faker.number.int({ min: Math.max(1, starsOf(field) - 3), max: starsOf(field) });
    case 'boolean':
      return faker.datatype.boolean();
    case 'choice':
      return faker.helpers.arrayElement(field.choices!).value;
    case 'date':
      return iso(day(row, field));
    case 'datetime':
      return `${iso(day(row, field))}T${clock(row)}`;
    case 'time':
      return clock(row);
    default:
      return null;
  }
}
