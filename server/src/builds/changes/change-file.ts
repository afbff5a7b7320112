/**
 * A change of a database as a file: SQL with one comment line of JSON on top. The id holds a hash of what the change does and what it
 * builds on, so two chats never write the same file with another content, and a file that was altered by hand is found out.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../errors.ts';

export const changeActions = [
  'create_table',
  'rename_table',
  'drop_table',
  'add_column',
  'rename_column',
  'alter_column',
  'drop_column',
  // a rule, an index, a view, a list of values, a remark
  'other',
] as const;

const changeId = z
  .string()
  .max(120)
  .regex(/^\d{4,}-[a-z0-9-]+-[0-9a-f]{6}$/);
const headerSchema = z.strictObject({
  id: changeId,
  kind: z.literal('schema'),
  action: z.enum(changeActions),
  tables: z.array(z.string().regex(/^[a-z][a-z0-9_]*$/)),
  needs: z.array(changeId),
  phase: z.enum(['expand', 'contract']),
  destructive: z.boolean(),
  concurrently: z.literal(true).optional().describe('An index that is built while others write'),
  tool: z.literal('supabase_utilities').optional().describe('Left out: the spec'),
  lengths: z
    .array(z.int().min(1))
    .optional()
    .describe('Characters of each statement, where one has in it what separates them'),
});

export interface ChangeFile extends Omit<z.infer<typeof headerSchema>, 'lengths'> {
  /** `changes/<id>.sql` */
  path: string;
  /** in order, each exactly one statement, without the semicolon */
  statements: string[];
}

/** PostgreSQL's spaces alone: others are letters of a name there. */
const trimmed = (text: string): string => text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '');

/** What stands between two statements of a file. */
const SEPARATOR = ';\n\n';

type Draft = Omit<ChangeFile, 'id' | 'path' | 'kind'>;

/** @param number its place among the changes, for people @param name what it does: `add-books-notes` */
export function makeChange(number: number, name: string, made: Draft): ChangeFile {
  const draft = {
    ...made,
    statements: made.statements.map((statement) => trimmed(statement.replaceAll('\r\n', '\n'))),
  };
  const id = `${String(number).padStart(4, '0')}-${name}-${hashOf(draft)}`;
  return { id, path: `changes/${id}.sql`, kind: 'schema', ...draft };
}

const hashOf = ({ statements, needs }: Pick<Draft, 'statements' | 'needs'>): string =>
  createHash('sha256')
    .update(JSON.stringify([statements, needs]))
    .digest('hex')
    .slice(0, 6);

/** The file's text. `parseChange` reads it back as it was. */
export function serialiseChange(change: ChangeFile): string {
  const { id, kind, action, tables, needs, phase, destructive, concurrently, tool } = change;
  const lengths = change.statements.some((statement) => `${statement};`.includes(SEPARATOR))
    ? change.statements.map(({ length }) => length)
    : undefined;
  const header = JSON.stringify({ id, kind, action, tables, needs, phase, destructive, concurrently, tool, lengths });
  return `-- ${header}\n\n${change.statements.map((statement) => `${statement};\n`).join('\n')}`;
}

/** @throws AppError `change_invalid` when it is no change, or not the one that its id names */
export function parseChange(text: string): ChangeFile {
  const [first = '', ...rest] = text.replaceAll('\r\n', '\n').split('\n');
  const header = headerSchema.safeParse(first.startsWith('-- ') ? readJson(first.slice(3)) : undefined);
  if (!header.success)
    throw new AppError('change_invalid', 'invalid', 'A change starts with a line that says what it is.');
  const { lengths, ...data } = header.data;
  const body = trimmed(rest.join('\n'));
  const statements = lengths ? cut(body, lengths) : body.split(/;\n\n|;$/).filter((statement) => statement !== '');
  const change = { ...data, path: `changes/${data.id}.sql`, statements };
  if (statements.length === 0 || !change.id.endsWith(`-${hashOf(change)}`))
    throw new AppError('change_invalid', 'invalid', `The change ${change.id} is not what it was when it was written.`);
  return change;
}

function cut(body: string, lengths: number[]): string[] {
  let from = 0;
  return lengths.map((length) => {
    const statement = body.slice(from, from + length);
    from += length + SEPARATOR.length;
    return statement;
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
