import type { z } from 'zod';
import { CHOSEN } from './fields.ts';

export type FormSchema = z.ZodObject;
/** What was typed, by the name of the field. */
export type Entered = Record<string, string>;
/** What is wrong, by the name of the field. */
export type Errors = Record<string, string>;

export type Checked<Schema extends FormSchema> =
  | { ok: true; values: z.output<Schema> }
  | { ok: false; entered: Entered; errors: Errors };

/** Checks a form, in the browser and on the server alike. */
export function checkForm<Schema extends FormSchema>(schema: Schema, form: FormData): Checked<Schema> {
  const entered: Entered = {};
  for (const name of Object.keys(schema.shape)) {
    const value = form.get(name);
    if (typeof value === 'string') entered[name] = value;
    // a file that is chosen now, or else the one that was there
    else if (value && value.size > 0) entered[name] = CHOSEN;
    else entered[name] = form.has(`${name}_removed`) ? '' : String(form.get(`${name}_kept`) ?? '');
  }
  const result = schema.safeParse(entered);
  if (result.success) return { ok: true, values: result.data };
  const errors: Errors = {};
  for (const issue of result.error.issues) errors[String(issue.path[0])] ??= issue.message;
  return { ok: false, entered, errors };
}

/** The values of a row as a form holds them. */
export function enteredFrom(row: object): Entered {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === true ? 'on' : value === false ? '' : String(value ?? ''),
    ]),
  );
}
