/** What a form makes of a row: texts as PostgreSQL reads them, of which only those that a person has changed are sent. */
import type { DataColumn } from '../../../../contract/data.ts';
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

/** What differs from how it was. */
export const changed = (before: Values, now: Values): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(now).filter(
      (entry): entry is [string, string | null] => entry[1] !== undefined && entry[1] !== before[entry[0]],
    ),
  );

/** What is typed into one line, and not into a box. */
export const isShort = (type: string): boolean =>
  !/^(?:text|json|jsonb|bytea|xml|character varying(?:\(\d{3,}\))?|.*\[\])$/.test(type);
