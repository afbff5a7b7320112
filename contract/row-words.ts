/** What a statement does to rows, in words: the same before it and after, in a chat and on the Data page. */
import type { RowAction } from './data.ts';

/** What a person is asked, wherever that is. */
export const WILL: Record<RowAction, (rows: string, place: string) => string> = {
  insert: (rows, place) => `Add ${rows} to ${place}?`,
  update: (rows, place) => `Change ${rows} in ${place}?`,
  delete: (rows, place) => `Remove ${rows} from ${place}?`,
  upsert: (rows, place) => `Add or change ${rows} in ${place}?`,
};
/** One thing that it does, of a question's facts. */
export const DOES: Record<'insert' | 'update' | 'delete', (table: string) => string> = {
  insert: (table) => `adds rows to ${table}`,
  update: (table) => `changes rows of ${table}`,
  delete: (table) => `removes rows of ${table}`,
};
/** What it has done. */
export const DID: Record<RowAction, (rows: string, tables?: string) => string> = {
  insert: (rows, tables) => `Added ${rows}${tables ? ` to ${tables}` : ''}`,
  update: (rows, tables) => `Changed ${rows}${tables ? ` of ${tables}` : ''}`,
  delete: (rows, tables) => `Removed ${rows}${tables ? ` of ${tables}` : ''}`,
  upsert: (rows, tables) => `Added or changed ${rows}${tables ? ` of ${tables}` : ''}`,
};
