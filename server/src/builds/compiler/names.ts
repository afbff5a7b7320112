/** What an entity is called in the generated code. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { isSortable, isStored, isTextual, isUpload } from '../spec/kinds.ts';
import { tableOf, transliterate } from '../spec/naming.ts';

export interface EntityNames {
  /** `Book`: the type, and what functions are named after */
  type: string;
  /** `Books`: several of them, in function names */
  types: string;
  /** `book`: a variable */
  one: string;
  /** `books`: table */
  table: string;
  /** `books`: module and address */
  slug: string;
}

/** Names that the generated code uses itself, that every TypeScript file knows, or that would make a variable of a reserved word. */
const used = new Set(
  `Array Boolean Checked Choice Column Columns Data Date Detail Details Document Element Entered Error Errors Event Field Fields File Form Function Image Intl List
  Map Math Name Node Number Object Option Page Pager Person Problem Promise Props Query Rating Record Request Response Row Set Source Snippet Star Stars
  String Symbol Table Tag Text Title URL Values Yes Fail Redirect Enhance Params Cookies Found
  Moment Money Percent Duration Email Phone Url Upload Reference Amount Words Count Pointers Options Related Board Calendar Gallery Chart
  Arguments Await Break Case Catch Class Const Continue Debugger Default Delete Do Else Enum Eval Export Extends False Finally For If
  Implements Import In Instanceof Interface Let New Null Package Private Protected Public Return Static Super Switch This Throw True
  Try Typeof Undefined Var Void While With Yield`.split(/\s+/),
);

const pascal = (text: string): string =>
  transliterate(text)
    .split(' ')
    .filter(Boolean)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');

/** The names of an entity. They never collide with names that the generated code has already. */
export function namesOf(entity: Entity): EntityNames {
  const fromSlug = pascal(entity.slug.replaceAll('-', ' '));
  let type = pascal(entity.name) || fromSlug;
  if (/^[0-9]/.test(type)) type = `Item${type}`;
  if (used.has(type)) type = `${type}Item`;
  const one = type[0]!.toLowerCase() + type.slice(1);
  return { type, types: fromSlug, one, table: tableOf(entity), slug: entity.slug };
}

/** The field that stands for a row. */
export const displayOf = (entity: Entity): Field =>
  entity.fields.find((field) => field.id === entity.displayField) ?? entity.fields[0]!;

/** The fields that a list has columns for: the one that stands for a row, then those that were asked for, else the next ones, six at most. */
export function listedFields(entity: Entity): Field[] {
  const display = displayOf(entity);
  const others = entity.fields.filter((field) => field !== display && field.listed !== false);
  const asked = others.filter((field) => field.listed === true);
  const room = Math.max(0, 5 - asked.length);
  const filled = others.filter((field) => !field.listed && !isUpload(field)).slice(0, room);
  return [display, ...others.filter((field) => asked.includes(field) || filled.includes(field))];
}

/** The fields that have a column in the table. */
export const storedFields = (entity: Entity): Field[] => entity.fields.filter(isStored);

/** The fields that a search looks through: texts, and the words for what a reference points at. */
export const searchedFields = (entity: Entity): Field[] => [
  ...entity.fields.filter(isTextual),
  ...entity.fields.filter((field) => field.type === 'reference'),
];

/** The fields that a list can be sorted by. */
export const sortedFields = (entity: Entity): Field[] => entity.fields.filter(isSortable);

/** The property of a row that holds the words for what a reference points at. */
export const labelOf = (field: Field): string => `${field.column}__label`;
