/** Rows from a table as text: headers are matched with fields, each row is checked by the form's own schema, nothing is written by a check. */
import { parseLines, unguarded } from '#lib/csv.ts';
import { checkForm, type FormSchema } from '#lib/validation.ts';
import { words } from '#lib/words.ts';
import { attempt, isTied, takenColumn, together } from './db.ts';

export const MOST_ROWS = 5000;
export { LARGEST } from '#lib/csv.ts';

export interface ImportField {
  column: string;
  label: string;
  kind: 'text' | 'yes' | 'choice' | 'reference' | 'day' | 'moment' | 'time';
  /** of a choice: labels by value */
  choices?: Record<string, string>;
  /** of a reference: what there is to point at */
  options?: { value: string; label: string }[];
}

export interface ImportRow {
  /** its line in the table, from 1 for the headers */
  line: number;
  entered: Record<string, string>;
  problems: string[];
}

export interface ImportPreview {
  fields: { column: string; label: string; found: boolean }[];
  /** headers that no field has */
  unknown: string[];
  rows: ImportRow[];
  good: number;
  bad: number;
}

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');

/** What would come of a text. @throws Error in plain words when it is no table */
export function previewImport(text: string, fields: ImportField[], schema: FormSchema): ImportPreview {
  const [first, ...body] = parseLines(text);
  const head = first?.cells;
  if (!head || body.length === 0) throw new Error(words.noTable);
  if (body.length > MOST_ROWS) throw new Error(words.tooManyRows(MOST_ROWS));
  const at = new Map<string, number>();
  for (const field of fields) {
    const index = head.findIndex((name) => [plain(field.label), plain(field.column)].includes(plain(name)));
    if (index >= 0) at.set(field.column, index);
  }
  if (at.size === 0) throw new Error(words.noColumns(fields.map((field) => field.label)));
  const rows = body.map(({ line, cells }) => readRow(cells, line, fields, at, schema));
  const taken = new Set(at.values());
  return {
    fields: fields.map(({ column, label }) => ({ column, label, found: at.has(column) })),
    unknown: head.filter((name, index) => !taken.has(index) && name.trim() !== ''),
    rows,
    good: rows.filter((row) => row.problems.length === 0).length,
    bad: rows.filter((row) => row.problems.length > 0).length,
  };
}

function readRow(
  cells: string[],
  line: number,
  fields: ImportField[],
  at: Map<string, number>,
  schema: FormSchema,
): ImportRow {
  const entered: Record<string, string> = {};
  const problems: string[] = [];
  for (const field of fields) {
    const index = at.get(field.column);
    const text = index === undefined ? '' : unguarded((cells[index] ?? '').trim());
    const read = text === '' ? '' : readCell(field, text);
    if (read === undefined) problems.push(words.noSuch(field.label, text));
    else if (read === SEVERAL) problems.push(words.severalSuch(field.label, text));
    entered[field.column] = read === undefined || read === SEVERAL ? '' : read;
  }
  if (problems.length === 0) {
    const form = new FormData();
    for (const [name, value] of Object.entries(entered)) form.set(name, value);
    const checked = checkForm(schema, form);
    if (!checked.ok) problems.push(...Object.values(checked.errors));
  }
  return { line, entered, problems };
}

/** What a cell says when more than one row is called so. */
const SEVERAL = Symbol('several');
const YES = new Set([
  'yes',
  'y',
  'true',
  'x',
  '1',
  'on',
  '✓',
  'ja',
  'j',
  'wahr',
  'oui',
  'o',
  'vrai',
  'sí',
  'si',
  's',
  'verdadero',
]);
const NO = new Set(['no', 'n', 'false', '0', 'off', '-', 'nein', 'falsch', 'non', 'faux', 'falso']);

/** A cell as the form would send it; undefined when it names something that is not there. */
function readCell(field: ImportField, text: string): string | typeof SEVERAL | undefined {
  const wanted = plain(text);
  switch (field.kind) {
    case 'yes':
      return YES.has(wanted) ? 'on' : NO.has(wanted) ? '' : undefined;
    case 'choice':
      return Object.entries(field.choices!).find(([value, label]) => value === wanted || plain(label) === wanted)?.[0];
    case 'reference':
      return referenceOf(field.options!, text);
    case 'day':
      return isoDay(text);
    case 'moment': {
      const [day = '', ...time] = text.split(/[T ]+/);
      return `${isoDay(day)}T${timeOf(time.join(' ') || '00:00')}`;
    }
    case 'time':
      return timeOf(text);
    default:
      return text;
  }
}

function referenceOf(options: { value: string; label: string }[], text: string): string | typeof SEVERAL | undefined {
  const wanted = plain(text);
  const found = options.filter(({ value, label }) => value === text || plain(label) === wanted);
  return found.length > 1 ? SEVERAL : found[0]?.value;
}

/** `2:30 PM`, `14.30` and `14:30:00` as 14:30; anything else as it is, for the form to judge. */
function timeOf(text: string): string {
  const parts = /^(\d{1,2})[:.h](\d{2})(?::\d{2}(?:\.\d+)?)?\s*(?:([ap])\.?m\.?)?$/i.exec(text.trim());
  if (!parts) return text;
  const half = parts[3]?.toLowerCase();
  const hour = half ? (Number(parts[1]) % 12) + (half === 'p' ? 12 : 0) : Number(parts[1]);
  return `${String(hour).padStart(2, '0')}:${parts[2]}`;
}

/** `21.11.2026` and `21/11/2026` as 2026-11-21; anything else as it is, for the form to judge. */
function isoDay(text: string): string {
  const parts = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(text);
  return parts ? `${parts[3]}-${parts[2]!.padStart(2, '0')}-${parts[1]!.padStart(2, '0')}` : text;
}

/**
 * Adds the rows that are right, in one transaction: all of them are there, or none. One that the database refuses (a value that is taken)
 * is told and left out.
 * @param add adds one row that the schema accepted
 */
export const importRows = <Schema extends FormSchema>(
  preview: ImportPreview,
  schema: Schema,
  table: string,
  add: (values: ReturnType<Schema['parse']>) => Promise<unknown>,
): Promise<{ added: number; refused: ImportRow[] }> =>
  together(async () => {
    let added = 0;
    const refused: ImportRow[] = [];
    for (const row of preview.rows) {
      if (row.problems.length > 0) continue;
      try {
        await attempt(() => add(schema.parse(row.entered) as ReturnType<Schema['parse']>));
        added++;
      } catch (error) {
        const column = takenColumn(error, table);
        if (!column && !isTied(error)) throw error;
        const label = preview.fields.find((field) => field.column === column)?.label;
        const problem = column ? words.taken : words.notThere;
        refused.push({ ...row, problems: [label ? `${label}: ${problem}` : problem] });
      }
    }
    return { added, refused };
  });
