/** An attached file as a table: names in the first line, rows below. What is no table is refused in plain words; nothing in a cell is ever read as words to follow. */
import { specLimits } from '../../../../../../contract/spec.ts';
import { parseLines } from '../../../../../../templates/tables/src/lib/csv.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import type { AttachedFile } from '../conversation.ts';
import { say } from '../say.ts';

export interface Column {
  /** as a label: what the first line says, tidied */
  name: string;
  /** what its cells hold, without the empty ones */
  values: string[];
  /** whether every row has one */
  full: boolean;
}
export interface Table {
  columns: Column[];
  rows: number;
  /** whether all of the file was read */
  whole: boolean;
  /** columns that are left out, as sentences */
  left: string[];
}

/** Who looks at more rows learns nothing more about what a column holds. */
const MOST_ROWS = 2_000;
const MOST_COLUMNS = 60;
const LONGEST_CELL = specLimits.longtextLength;

/** Whether a file is meant as a table, by its name or by its first line. */
export const looksLikeTable = ({ name, text }: AttachedFile): boolean =>
  /\.(?:csv|tsv|tab|xlsx?|ods|numbers)$/i.test(name) ||
  (/\.txt$/i.test(name) && text !== undefined && /^[^\n]{1,300}[;\t][^\n]*\n[^\n]*[;\t]/.test(text));

/** The table in a file, or why it is none. */
export function readTable({ name, text, whole }: AttachedFile): { table: Table } | { problem: string } {
  const file = say(name);
  if (text === undefined)
    return {
      problem: `I cannot read ${file}: I read tables as text. Save it as CSV in your spreadsheet program, and attach that.`,
    };
  const lines = parseLines(text).slice(0, MOST_ROWS + 2);
  // what was cut off may end in the middle of a row
  const kept = whole || lines.length > MOST_ROWS ? lines : lines.slice(0, -1);
  const [first, ...body] = kept;
  if (!first)
    return { problem: `${file} is empty. A table has the names of its columns in the first line, and rows below.` };
  const head = first.cells.map((cell) => cell.normalize('NFC').trim());
  if (head.every((cell) => cell === '' || /^[\d.,:/\s€$£%+-]+$|@/.test(cell)))
    return {
      problem: `The first line of ${file} has to name the columns, for example “Name, Email, Birthday”. It holds values.`,
    };
  if (body.length === 0)
    return {
      problem: `${file} has no rows below its first line. The first line names the columns, and each line below is a row.`,
    };
  if (head.length > MOST_COLUMNS)
    return {
      problem: `${file} has ${head.length} columns; I can take ${MOST_COLUMNS}. Leave out those that are not needed, and attach it again.`,
    };
  const longer = body.find(({ cells }) => cells.slice(head.length).some((cell) => cell.trim() !== ''));
  if (longer)
    return {
      problem: `Line ${longer.line} of ${file} has ${longer.cells.length} values, but the first line names ${head.length} ${head.length === 1 ? 'column' : 'columns'}. Correct that, and attach it again.`,
    };
  const rows = body.slice(0, MOST_ROWS);
  const left: string[] = [];
  const columns: Column[] = [];
  for (const [at, cell] of head.entries()) {
    const label = labelOf(cell);
    const values = rows.map(({ cells }) => (cells[at] ?? '').trim()).filter((value) => value !== '');
    if (label === '') {
      if (values.length > 0) left.push(`Column ${at + 1} of ${file} has no name, so I left it out.`);
    } else if (columns.some((other) => comparable(other.name) === comparable(label)))
      left.push(`${file} names ${say(label)} twice: I took the first.`);
    else if (values.some((value) => value.length > LONGEST_CELL))
      return {
        problem: `A value of ${say(label)} in ${file} is longer than ${LONGEST_CELL} characters, which no field can hold.`,
      };
    else columns.push({ name: label, values, full: values.length === rows.length });
  }
  if (columns.length === 0)
    return { problem: `The first line of ${file} names no column that I could make a field of.` };
  return { table: { columns, rows: body.length, whole: whole && lines.length <= MOST_ROWS + 1, left } };
}

/** A header as a label: an import finds the column by it again, so nothing but spaces and the case of the first letter changes. */
function labelOf(cell: string): string {
  const bare = cell
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/[\s_]+/g, ' ')
    .trim()
    .slice(0, specLimits.label)
    .trim();
  if (!/[\p{L}\p{N}]/u.test(bare)) return '';
  return /^\p{Ll}/u.test(bare) ? bare[0]!.toUpperCase() + bare.slice(1) : bare;
}
