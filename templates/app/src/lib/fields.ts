/**
 * The kinds of fields that a form can have. Each reads the text that a form sends, and says in plain words what is wrong with it.
 * The same schema checks in the browser and on the server.
 */
import { z } from 'zod';
import { words } from './words.ts';

interface Rules {
  required?: boolean;
}
interface Range extends Rules {
  min?: number;
  max?: number;
}
type Value<T, R extends Rules> = R extends { required: true } ? T : T | null;
type Outcome<T> = { value: T } | { problem: string };

function field<T, R extends Rules>(label: string, rules: R, read: (text: string) => Outcome<T>) {
  return z.unknown().transform((input, context): Value<T, R> => {
    const text = typeof input === 'string' ? input.replaceAll('\0', '').replaceAll('\r\n', '\n').trim() : '';
    const outcome: Outcome<T | null> =
      text !== '' ? read(text) : rules.required ? { problem: words.missing(label) } : { value: null };
    if ('value' in outcome) return outcome.value as Value<T, R>;
    context.addIssue({ code: 'custom', message: outcome.problem });
    return z.NEVER;
  });
}

export function text<const R extends Rules & { max: number }>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) => fitting(label, value, rules.max));
}

export function email<const R extends Rules & { max: number }>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) =>
    /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(value) ? fitting(label, value, rules.max) : { problem: words.notEmail(label) },
  );
}

export function phone<const R extends Rules & { max: number }>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) =>
    /^\+?[\d\s().\-/x]*$/i.test(value) && /\d.*\d.*\d/.test(value)
      ? fitting(label, value, rules.max)
      : { problem: words.notPhone(label) },
  );
}

/** A web address. What people leave out in front is put there; nothing but the web can be meant. */
export function url<const R extends Rules & { max: number }>(label: string, rules: R) {
  return field<string, R>(label, rules, (given) => {
    const value = /^[a-z][a-z0-9+.-]*:/i.test(given) && !/^[^/]+:\d/.test(given) ? given : `https://${given}`;
    const address = URL.canParse(value) ? new URL(value) : undefined;
    const good = address && /^https?:$/.test(address.protocol) && /\.|^localhost$/.test(address.hostname);
    return good ? fitting(label, value, rules.max) : { problem: words.notUrl(label) };
  });
}

export function number<const R extends Range>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) return { problem: words.notNumber(label) };
    return inRange(label, value, rules);
  });
}

export function integer<const R extends Range>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) return { problem: words.notWhole(label) };
    return inRange(label, value, { min: rules.min ?? -2147483648, max: rules.max ?? 2147483647 });
  });
}

/**
 * An amount as people write it: `12.50`, `12,50`, `1,250.00`, `1.250,00`, with or without the sign of a currency or of per cent. One point
 * before three digits is a decimal point, because that is how a row with three decimals fills the form.
 */
export function amount<const R extends Range>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const bare = text.replace(/[\s'’]|\p{Sc}|%|^[A-Z]{3}|[A-Z]{3}$/gu, '');
    // grouped in threes, with at most two decimals: as people write it; else as a row holds it, with one point
    const grouped = /^[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:[.,](\d{1,2}))?$/.exec(bare);
    const several = grouped && (grouped[2] !== undefined || /[.,]\d{3}[.,]/.test(bare) || bare.includes(','));
    const whole = several ? bare.replace(/[.,](?=\d{3}(\D|$))/g, '').replace(',', '.') : bare.replace(',', '.');
    const plain = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(whole) ? Number(whole) : Number.NaN;
    if (!Number.isFinite(plain) || Math.abs(plain) > 1e13) return { problem: words.notMoney(label) };
    return inRange(label, plain, rules);
  });
}

/** A duration in minutes, from `1:30`, `1h 30`, `1.5 h` or `90`. */
export function duration<const R extends Range>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const clock = /^(\d{1,5}):([0-5]\d)$/.exec(text);
    const said =
      /^(?:(\d+(?:[.,]\d+)?)\s*(?:h|hrs?|hours?|std\.?|stunden?))?\s*(?:(\d+)\s*(?:m|min|mins|minutes?|minuten)?)?$/i.exec(
        text,
      );
    const minutes = clock
      ? Number(clock[1]) * 60 + Number(clock[2])
      : said && (said[1] || said[2])
        ? Math.round(Number((said[1] ?? '0').replace(',', '.')) * 60) + Number(said[2] ?? 0)
        : Number.NaN;
    if (!Number.isSafeInteger(minutes) || minutes > 2147483647) return { problem: words.notDuration(label) };
    return inRange(label, minutes, rules);
  });
}

export function rating<const R extends Rules & { max: number }>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    return value >= 1 && value <= rules.max ? { value } : { problem: words.between(label, 1, rules.max) };
  });
}

function isDay(value: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(`${value}T00:00:00Z`) : undefined;
  return !!day && !Number.isNaN(day.getTime()) && day.getUTCFullYear() > 0 && day.toISOString().startsWith(value);
}
const isClock = (value: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(value);

export function date<const R extends Rules>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) => (isDay(value) ? { value } : { problem: words.notDate(label) }));
}

/** A day and a time of day where people are, as `2026-11-21T14:30`. */
export function datetime<const R extends Rules>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) => {
    const [day = '', time = ''] = value.replace(' ', 'T').slice(0, 16).split('T');
    return isDay(day) && isClock(time) ? { value: `${day}T${time}` } : { problem: words.notMoment(label) };
  });
}

export function time<const R extends Rules>(label: string, rules: R) {
  return field<string, R>(label, rules, (text) => {
    const value = text.slice(0, 5).padStart(5, '0');
    return isClock(value) ? { value } : { problem: words.notTime(label) };
  });
}

export function choice<const Choices extends Record<string, string>, const R extends Rules>(
  label: string,
  choices: Choices,
  rules: R,
) {
  return field<keyof Choices & string, R>(label, rules, (value) =>
    Object.hasOwn(choices, value) ? { value } : { problem: words.notChoice(label) },
  );
}

export function checkbox() {
  return z.unknown().transform((input) => input === 'on');
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A row of another list. */
export function reference<const R extends Rules>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) => (ID.test(value) ? { value } : { problem: words.notChoice(label) }));
}

/** What a form says while a file is chosen and not sent yet. */
export const CHOSEN = 'chosen';

/** A stored file. In the browser it may still have to be sent. */
export function upload<const R extends Rules>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) =>
    ID.test(value) || value === CHOSEN ? { value } : { problem: words.missing(label) },
  );
}

function fitting(label: string, value: string, most: number): Outcome<string> {
  return value.length <= most ? { value } : { problem: words.tooLong(label, value.length, most) };
}

function inRange(label: string, value: number, { min, max }: Range): Outcome<number> {
  if (min !== undefined && max !== undefined && (value < min || value > max))
    return { problem: words.between(label, min, max) };
  if (min !== undefined && value < min) return { problem: words.atLeast(label, min) };
  if (max !== undefined && value > max) return { problem: words.atMost(label, max) };
  return { value };
}
