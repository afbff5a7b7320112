/** What a form makes of a row: texts as PostgreSQL reads them, of which only those that a person has changed are sent. */
import type { DataColumn, RowColumn } from '../../../../contract/data.ts';
import { LONGEST_TYPED } from '../../../../contract/form-limits.ts';
import { valueText } from './words.ts';

/** null: empty; undefined: not said, it stays as it is or the table fills it in */
export type Given = string | null | undefined;
export type Values = Record<string, Given>;

/** The row as it is. @param cut columns of which only the beginning is known: they are not said until they were read as a whole */
export const valuesOf = (columns: readonly DataColumn[], values: readonly unknown[], cut: readonly number[]): Values =>
  Object.fromEntries(
    columns.map(({ name }, at) => [
      name,
      cut.includes(at) ? undefined : values[at] === null || values[at] === undefined ? null : valueText(values[at]),
    ]),
  );

/** What differs from how it was. Where nothing is typed and the type is no text, it is empty. */
export function changed(
  columns: readonly Pick<RowColumn, 'name' | 'type'>[],
  before: Values,
  now: Values,
): Record<string, string | null> {
  const given: Record<string, string | null> = {};
  for (const { name, type } of columns) {
    if (now[name] === undefined || now[name] === before[name]) continue;
    const value = now[name] === '' && !isText(type) ? null : now[name];
    if (value !== before[name]) given[name] = value;
  }
  return given;
}

/** Columns that get nothing although the table needs a value there. @param adds the row is new, and the table may have one of its own */
export const missing = (columns: readonly RowColumn[], given: Record<string, string | null>, adds: boolean): string[] =>
  columns
    .filter(({ name, notNull, filled, writable }) => {
      const empty = given[name] === null || (adds && !filled && given[name] === undefined);
      return writable && notNull && empty;
    })
    .map(({ name }) => name);

/** Whether a text without a character is one of its values. */
export const isText = (type: string): boolean => /^(?:text|bytea|character(?: varying)?(?:\(\d+\))?)$/.test(type);

/** What is typed into one line, and not into a box. */
export const isShort = (type: string): boolean =>
  !/^(?:text|json|jsonb|bytea|xml|character varying(?:\(\d{3,}\))?|.*\[\])$/.test(type);

/** Why a value cannot be changed in a form, which would lose a part of it. */
export const outOfReach = (text: Given): string | undefined =>
  text?.includes('\r')
    ? 'Its lines end in a way that a form does not keep (CR)'
    : new TextEncoder().encode(text ?? '').length > LONGEST_TYPED
      ? 'It is too long to be changed here'
      : undefined;
