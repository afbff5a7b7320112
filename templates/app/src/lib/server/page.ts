import type { ListQuery, Page } from '#lib/list-query.ts';
import { read } from './db.ts';

export const PAGE_SIZE = 25;

interface Source {
  table: string;
  columns: string;
  /** What the search looks through: the expression of each column. */
  searched: Record<string, string>;
  /** The expression behind each name that a list can be sorted by. */
  orders: Record<string, string>;
}

/** One page of a table: every word of the search must be found, and a page beyond the end becomes the last one. */
export async function selectPage<Row extends object>(source: Source, query: ListQuery): Promise<Page<Row>> {
  const words = query.search.split(/\s+/).filter(Boolean).slice(0, 10);
  const searched = Object.values(source.searched);
  const haystack = `concat_ws(' ', ${searched.join(', ')})`;
  const conditions = searched.length > 0 ? words.map((_, index) => `${haystack} ILIKE $${index + 1}`) : [];
  const values = conditions.map((_, index) => `%${words[index]!.replace(/[\\%_]/g, '\\$&')}%`);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';

  const [counted] = await read<{ total: number; matching: number }>(
    `SELECT (SELECT count(*)::int FROM ${source.table}) AS total,
            (SELECT count(*)::int FROM ${source.table} ${where}) AS matching`,
    values,
  );
  const { total, matching } = counted!;
  const pages = Math.max(1, Math.ceil(matching / PAGE_SIZE));
  const page = Math.min(query.page, pages);
  const order = source.orders[query.sort.replace(/^-/, '')] ?? 'created_at';
  const direction = query.sort.startsWith('-') ? 'DESC' : 'ASC';
  const rows = await read<Row>(
    `SELECT ${source.columns} FROM ${source.table} ${where}
     ORDER BY ${order} ${direction} NULLS LAST, id ${direction}
     LIMIT ${PAGE_SIZE} OFFSET ${(page - 1) * PAGE_SIZE}`,
    values,
  );
  return { rows, total, matching, page, pages };
}

/** Whether the text can be the id of a row at all. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
