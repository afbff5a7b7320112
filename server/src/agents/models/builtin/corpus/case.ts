/**
 * How the corpus is written down: what somebody types, and the spec that a good analyst would write from those words alone. An entity's
 * fields are one line: `Name, Fee:money, ?Notes:longtext, Status=Open|Done`. `/` parts equally good names or types, `?` marks what may
 * be there and counts neither way. A relation is `Order > Customer` (each order has one) or `Student <> Course` (both have several).
 */
export type Subject = 'club' | 'shop' | 'clinic' | 'school' | 'hobby' | 'office';

export type Expected =
  | { entities: Record<string, string>; relations?: string[]; pages?: string[]; roles?: string[] }
  /** one good question: what it is about */
  | { asks: RegExp }
  /** said plainly that this is no description of an app */
  | { declines: true };

export interface Case {
  id: string;
  subject: Subject;
  language: 'en' | 'de' | 'fr' | 'es';
  text: string;
  expect: Expected;
  /** never looked at while the rules are written: only its part of the sum is */
  heldBack?: true;
}
