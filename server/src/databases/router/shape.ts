/**
 * The shape of a statement: its text with whole numbers and plain words in quotes taken out. Texts of one shape are the same kinds of tokens in the same
 * order, so what the gate says of one it says of all, as long as it did not look at a value. A text has no shape where telling its tokens apart takes
 * more than one look. A shape is itself a text of that shape.
 */

const LONGEST = 2000;
/** Comments, dollar quotes, parameters, quoted names, escapes, and what is not plain ASCII; `&` for `U&`. */
const NOT_PLAIN = /--|\/\*|[^\t\n\r\x20-\x7e]|[$"\\&]/;
/** Plain words in quotes; a quote that begins something else; whole numbers that fit an integer and are no part of a name or of another number. */
const VALUES = /'[\w .:@+-]*'|'|(?<![\w.'])\d{1,9}(?![\w.'])/g;

/** @returns undefined where the text has none */
export function shapeOf(sql: string): string | undefined {
  if (sql.length > LONGEST || NOT_PLAIN.test(sql)) return undefined;
  let plain = true;
  const shape = sql.replace(VALUES, (value) => {
    if (value === "'") plain = false;
    return value.startsWith("'") ? "''" : '0';
  });
  return plain ? shape : undefined;
}
