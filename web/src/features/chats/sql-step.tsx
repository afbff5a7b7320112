/** What a statement gave: its rows, and the SQL folded under them. */
import { ChevronRight } from 'lucide-react';
import { count } from '../../lib/text.ts';

/** As the router tells it; a refused one has its text alone. */
export interface SqlDetail {
  sql: string;
  /** where it ran */
  database?: 'staging' | 'live' | 'draft';
  columns?: { name: string; type: string }[];
  rows?: unknown[][];
  more?: boolean;
  affected?: number | null;
  plan?: string;
  ms?: number;
}

export const isSqlDetail = (detail: unknown): detail is SqlDetail =>
  typeof detail === 'object' && detail !== null && typeof (detail as SqlDetail).sql === 'string';

const text = (value: unknown): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
const isNumber = (type: string): boolean => /int|numeric|real|double|money/.test(type);

export function SqlStep({ detail }: { detail: SqlDetail }) {
  const { sql, columns = [], rows = [], more, plan, ms } = detail;
  return (
    <div className="mt-1 mb-2 ml-[7px] grid gap-1 border-l border-line-2 pl-[9px]">
      {columns.length > 0 && plan === undefined && (
        <section className="max-h-64 overflow-auto rounded-2 border border-line" tabIndex={0} aria-label="Rows">
          <table className="w-full border-collapse text-13">
            <thead className="sticky top-0 bg-sunken text-left text-12 text-ink-2">
              <tr>
                {columns.map(({ name, type }, at) => (
                  <th
                    // biome-ignore lint/suspicious/noArrayIndexKey: two columns may be called the same, and none moves
                    key={at}
                    scope="col"
                    title={type}
                    className={`px-2 py-1 font-mid whitespace-nowrap ${isNumber(type) ? 'text-right' : ''}`}
                  >
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, line) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no key of their own, and none moves
                <tr key={line} className="border-t border-line">
                  {row.map((value, at) => (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: as its column
                      key={at}
                      className={`max-w-72 truncate px-2 py-1 ${isNumber(columns[at]?.type ?? '') ? 'text-right tabular-nums' : ''}`}
                      title={text(value)}
                    >
                      {value === null ? <span className="text-ink-3">empty</span> : text(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {plan !== undefined && (
        <pre className="max-h-64 overflow-auto rounded-2 bg-sunken px-3 py-2 text-12 text-ink-2">{plan}</pre>
      )}
      <details className="group/sql text-ink-3">
        <summary className="flex min-h-7 cursor-pointer list-none items-center gap-1 rounded-2 text-12 max-md:min-h-9 [&::-webkit-details-marker]:hidden">
          <ChevronRight size={12} className="transition-transform group-open/sql:rotate-90" aria-hidden="true" />
          SQL
          {ms !== undefined && ` · ${ms} ms`}
          {columns.length > 0 &&
            plan === undefined &&
            ` · ${count(rows.length, 'row')}${more ? ', and there is more' : ''}`}
        </summary>
        <pre className="overflow-x-auto rounded-2 bg-sunken px-3 py-2 font-mono text-12 whitespace-pre-wrap text-ink-2">
          {sql}
        </pre>
      </details>
    </div>
  );
}
