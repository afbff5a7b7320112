/**
 * What a column of a table holds, from its values first and its name second. A type is taken only where every value that was seen fits it
 * as the import of an app reads it: a wrong guess would keep rows out.
 */
import type { NewField } from '../../../../../../contract/spec-operations.ts';
import { currencyIn } from '../currency.ts';
import { plainNames } from '../describe/lists.ts';
import { choiceWords } from '../field-words.ts';
import { inferType } from '../infer-type.ts';
import type { Column } from './read-table.ts';

const DAY = /^(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[./](\d{1,2})[./](\d{4}))$/;
const CLOCK = /^(?:[01]?\d|2[0-3]):[0-5]\d$/;
const YES_NO = /^(?:yes|no|y|n|true|false|x|ja|nein|j|wahr|falsch|oui|non|vrai|faux|s[ií]|verdadero|falso|✓|-)$/i;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;
const PHONE = /^\+?[\d\s().\-/x]{5,}$/i;
const WHOLE = /^-?(?:0|[1-9]\d{0,8})$/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const AMOUNT = /^[+-]?(?:[A-Z]{3}|\p{Sc})?\s?[+-]?\d[\d.,’' ]*\s?(?:[A-Z]{3}|\p{Sc})?$/u;
/** Numbers that nobody adds up. */
const CODE =
  /(?:^|[\s-])(?:id|zip|plz|postcode|post ?code|postleitzahl|code|iban|isbn|ean|sku|vat|tax|serial|account|konto|telefon|phone|tel|mobile|fax|code postal|código)(?:[\s-]|$)|(?:telefon|konto|kunden|serien)nummer$/i;
const MOST_CHOICES = 8;

/** Whether a day is one of the calendar; `31.02.2026` is none. */
function isDay(value: string): boolean {
  const match = DAY.exec(value);
  if (!match) return false;
  const [year, month, day] = match[1] ? [match[1], match[2], match[3]] : [match[6], match[5], match[4]];
  const date = new Date(`${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day) && date.getUTCFullYear() > 0;
}
function isMoment(value: string): boolean {
  const [day = '', time, ...more] = value.split(/[T ]+/);
  return (
    isDay(day) && time !== undefined && more.length === 0 && /^(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/.test(time)
  );
}

/** @param whole whether all rows were seen: only then are its values all that there are */
export function fieldOf({ name, values }: Column, whole: boolean): NewField {
  const named = inferType(name).type;
  const all = (fits: (value: string) => boolean) => values.length > 0 && values.every(fits);
  const field = (type: NewField['type'], more: Partial<NewField> = {}): NewField => ({ name, type, ...more });
  if (values.length === 0)
    return field(['choice', 'image', 'file', 'rating', 'reference', 'computed'].includes(named) ? 'text' : named);
  if (all((value) => EMAIL.test(value))) return field('email');
  if (all((value) => /^https?:\/\/\S+\.\S+$/i.test(value))) return field('url');
  if (all((value) => YES_NO.test(value))) return field('boolean');
  if (all(isDay)) return field('date');
  if (all(isMoment)) return field('datetime');
  if (all((value) => CLOCK.test(value))) return field('time');
  if (named === 'phone' && all((value) => PHONE.test(value))) return field('phone');
  const currency = currencyOf(name, values);
  if (!CODE.test(name)) {
    if ((named === 'money' || currency) && all(isAmount)) return field('money', currency ? { currency } : {});
    if (all((value) => WHOLE.test(value))) return field('integer');
    if (all((value) => DECIMAL.test(value) && !/^-?0\d/.test(value))) return field('number');
  }
  if (values.some((value) => value.length > 200 || value.includes('\n'))) return field('longtext');
  const choices = choicesOf(name, values, whole);
  return choices ? field('choice', { choices }) : field(named === 'longtext' ? 'longtext' : 'text');
}

const isAmount = (value: string): boolean =>
  AMOUNT.test(value) && /^\D{0,5}\d+(?:[.,’' ]\d{3})*(?:[.,]\d{1,2})?\D{0,5}$/.test(value);

function currencyOf(name: string, values: string[]): string | undefined {
  const signs = new Set(values.map((value) => value.match(/[A-Z]{3}|\p{Sc}/u)?.[0]));
  const [sign, ...others] = [...signs].filter((one) => one !== undefined);
  if (sign && others.length === 0) return currencyIn(sign) ?? undefined;
  return currencyIn(name) ?? undefined;
}

/** Few words that come again and again; names of people and places may come again too, and are none. */
function choicesOf(name: string, values: string[], whole: boolean): string[] | undefined {
  const last = name.toLowerCase().split(' ').at(-1)!;
  const known = choiceWords.has(last);
  if (!known && (!whole || plainNames.test(name) || CODE.test(name))) return undefined;
  const distinct = new Map(values.map((value) => [value.toLowerCase(), value]));
  const most = known ? MOST_CHOICES * 2 : MOST_CHOICES;
  const few = distinct.size >= 2 && distinct.size <= most && values.length >= distinct.size * (known ? 1.5 : 3);
  return whole && few && values.every((value) => value.length <= 40 && /[\p{L}\p{N}]/u.test(value))
    ? [...distinct.values()]
    : undefined;
}
