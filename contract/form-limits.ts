/** Of a value in a form, in bytes: it becomes part of a statement, and that has at most 100,000. */
export const LONGEST_TYPED = 80_000;
