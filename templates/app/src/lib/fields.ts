/**
 * The kinds of fields that a form can have. Each reads the text that a form sends, and says in plain words what is wrong with it.
 * The same schema checks in the browser and on the server.
 */
import { z } from 'zod';

interface Rules {
  required?: boolean;
}
type Value<T, R extends Rules> = R extends { required: true } ? T : T | null;
type Outcome<T> = { value: T } | { problem: string };

function field<T, R extends Rules>(label: string, rules: R, read: (text: string) => Outcome<T>) {
  return z.unknown().transform((input, context): Value<T, R> => {
    const text = typeof input === 'string' ? input.replaceAll('\0', '').replaceAll('\r\n', '\n').trim() : '';
    const outcome: Outcome<T | null> =
      text !== '' ? read(text) : rules.required ? { problem: `${label} is missing.` } : { value: null };
    if ('value' in outcome) return outcome.value as Value<T, R>;
    context.addIssue({ code: 'custom', message: outcome.problem });
    return z.NEVER;
  });
}

export function text<const R extends Rules & { max: number }>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) =>
    value.length <= rules.max
      ? { value }
      : { problem: `${label} is too long: ${value.length} characters, and at most ${rules.max} fit.` },
  );
}

export function number<const R extends Rules & { min?: number; max?: number }>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) return { problem: `${label} is not a number.` };
    return inRange(label, value, rules);
  });
}

export function integer<const R extends Rules & { min?: number; max?: number }>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) return { problem: `${label} is not a whole number.` };
    return inRange(label, value, { min: rules.min ?? -2147483648, max: rules.max ?? 2147483647 });
  });
}

export function rating<const R extends Rules & { max: number }>(label: string, rules: R) {
  return field<number, R>(label, rules, (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    return value >= 1 && value <= rules.max ? { value } : { problem: `${label} goes from 1 to ${rules.max}.` };
  });
}

export function date<const R extends Rules>(label: string, rules: R) {
  return field<string, R>(label, rules, (value) => {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(`${value}T00:00:00Z`) : undefined;
    const exists =
      day && !Number.isNaN(day.getTime()) && day.getUTCFullYear() > 0 && day.toISOString().startsWith(value);
    return exists ? { value } : { problem: `${label} is not a date.` };
  });
}

export function choice<const Choices extends Record<string, string>, const R extends Rules>(
  label: string,
  choices: Choices,
  rules: R,
) {
  return field<keyof Choices & string, R>(label, rules, (value) =>
    Object.hasOwn(choices, value) ? { value } : { problem: `${label} is none of its choices.` },
  );
}

export function checkbox() {
  return z.unknown().transform((input) => input === 'on');
}

function inRange(label: string, value: number, { min, max }: { min?: number; max?: number }): Outcome<number> {
  if (min !== undefined && max !== undefined && (value < min || value > max))
    return { problem: `${label} goes from ${min} to ${max}.` };
  if (min !== undefined && value < min) return { problem: `${label} is at least ${min}.` };
  if (max !== undefined && value > max) return { problem: `${label} is at most ${max}.` };
  return { value };
}
