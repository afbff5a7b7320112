/** Tables as text (RFC 4180), as spreadsheets write and read them. */

/** How many bytes a table may have that is brought in. */
export const LARGEST = 4 * 1024 * 1024;

/** The rows of a text, each with the line that it begins on, from 1. The separator is the one that the first line has most of. */
export function parseLines(text: string): { line: number; cells: string[] }[] {
  const source = text.replace(/^\ufeff/, '');
  const head = source.slice(0, source.search(/\r?\n|$/));
  const separator = [',', ';', '\t'].toSorted((a, b) => head.split(b).length - head.split(a).length)[0]!;
  const rows: { line: number; cells: string[] }[] = [];
  let line = 1;
  let begun = 1;
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = () => {
    row.push(cell);
    if (row.some((one) => one.trim() !== '')) rows.push({ line: begun, cells: row });
    row = [];
    begun = line;
    cell = '';
  };
  for (let at = 0; at < source.length; at++) {
    const sign = source[at]!;
    if (sign === '\n') line++;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (sign === '"' && cell.trim() === '') {
      cell = '';
      quoted = true;
    } else if (sign === separator) {
      row.push(cell);
      cell = '';
    } else if (sign === '\n') endRow();
    else if (sign !== '\r') cell += sign;
  }
  endRow();
  return rows;
}

/** The rows of a text alone. */
export const parseCsv = (text: string): string[][] => parseLines(text).map(({ cells }) => cells);

/** A text of rows. What a spreadsheet would take for a formula is written as words: an apostrophe in front. */
export const formatCsv = (rows: (string | number | null)[][]): string =>
  `\ufeff${rows.map((row) => row.map(cellOf).join(',')).join('\r\n')}\r\n`;

function cellOf(value: string | number | null): string {
  if (value === null) return '';
  const text =
    typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && !/^[+-]?[\d\s().-]+$/.test(value)
      ? `'${value}`
      : String(value);
  return /[",;\n\r\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Words again, where `formatCsv` wrote an apostrophe in front. */
export const unguarded = (text: string): string => (/^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text);
