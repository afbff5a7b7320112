/** Files that people hand in: kept in the database, and trusted for nothing but what their first bytes say. */
import { words } from '#lib/words.ts';
import { read, write } from './db.ts';
import { isId } from './page.ts';
import { pictureType } from './picture-type.ts';
import { pointers, seenPointers } from './pointers.ts';

export const LARGEST = 5 * 1024 * 1024;

export interface UploadRule {
  label: string;
  picture: boolean;
}
export interface StoredFile {
  name: string;
  type: string;
  content: Buffer;
}

/**
 * Stores what a form brings and puts the ids in its place. What was stored stays when something else in the form is wrong, so nobody
 * has to choose it again.
 * @returns what is wrong, by the name of the field
 */
export async function storeUploads(form: FormData, rules: Record<string, UploadRule>): Promise<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const file = form.get(name);
    const kept = form.has(`${name}_removed`) ? '' : String(form.get(`${name}_kept`) ?? '');
    // a file that they may not see is not theirs to hang onto a row that they do
    let id = (await mayRead(kept)) ? kept : '';
    if (file instanceof File && file.size > 0) {
      const content = Buffer.from(await file.arrayBuffer());
      const type = pictureType(content);
      if (content.length > LARGEST) errors[name] = words.tooLarge(rule.label, '5 MB');
      else if (rule.picture && !type) errors[name] = words.notPicture(rule.label);
      else id = await store({ name: cleanName(file.name), type: type ?? 'application/octet-stream', content });
    }
    form.set(name, id);
  }
  return errors;
}

async function store({ name, type, content }: StoredFile): Promise<string> {
  const [row] = await write<{ id: string }>(
    'INSERT INTO stored_files (name, type, content) VALUES ($1, $2, $3) RETURNING id',
    [name, type, content],
  );
  await forgetUnused();
  return row!.id;
}

/** Files of forms that were never finished, and of rows that are gone. */
async function forgetUnused(): Promise<void> {
  const used = pointers.map(({ table, column }) => `SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL`);
  await write(
    `DELETE FROM stored_files WHERE created_at < now() - interval '1 day' AND id NOT IN (${used.join(' UNION ')})`,
  );
}

/** Whether the person of this request may see a file: through a row that holds it, or because no row does yet. */
async function mayRead(id: string): Promise<boolean> {
  if (!isId(id)) return false;
  const seen = seenPointers();
  if (!seen) return true;
  const held = (columns: typeof pointers) =>
    columns.map(({ table, column }) => `EXISTS (SELECT 1 FROM ${table} WHERE ${column} = $1)`).join(' OR ') || 'false';
  const [row] = await read<{ good: boolean }>(`SELECT (${held(seen)}) OR NOT (${held(pointers)}) AS good`, [id]);
  return row!.good;
}

export async function fileOf(id: string): Promise<StoredFile | undefined> {
  if (!(await mayRead(id))) return undefined;
  const [row] = await read<StoredFile>('SELECT name, type, content FROM stored_files WHERE id = $1', [id]);
  return row;
}

const cleanName = (name: string): string =>
  name
    .replace(/[\p{Cc}"\\/<>:|?*]/gu, '')
    .trim()
    .slice(0, 200) || 'file';
