/** Rows with typed columns, in a box of their own that scrolls. What is cut can be opened. */
import { Pencil } from 'lucide-react';
import { cx } from '../../components/cx.ts';
import { isNumber, valueText } from './words.ts';

interface Props {
  label: string;
  columns: { name: string; type: string; key?: boolean }[];
  rows: { id: string; values: unknown[]; cut?: number[] }[];
  onOpen?: ((row: number, column: number) => void) | undefined;
  /** gives each row a button */
  onChange?: ((row: number) => void) | undefined;
  loud?: boolean;
}

/** What a row is called where it is not seen: what its key holds. */
const nameOf = (columns: Props['columns'], values: unknown[]): string => {
  const key = columns.flatMap(({ name, key }, at) => (key ? [`${name} ${valueText(values[at]).slice(0, 60)}`] : []));
  return key.length > 0 ? `, ${key.join(', ')}` : '';
};

export const ValueTable = ({ label, columns, rows, onOpen, onChange, loud }: Props) => (
  <section
    tabIndex={0}
    aria-label={label}
    className={cx('relative max-h-[60vh] overflow-auto rounded-2 border', loud ? 'border-live' : 'border-line')}
  >
    <table className="w-full border-collapse text-13">
      <thead className="sticky top-0 bg-sunken text-left">
        <tr>
          {onChange && (
            <th scope="col" className="w-8">
              <span className="sr">Change</span>
            </th>
          )}
          {columns.map(({ name, type, key }, at) => (
            <th
              // biome-ignore lint/suspicious/noArrayIndexKey: two columns may be called the same, and none moves
              key={at}
              scope="col"
              className={cx('px-2 py-1.5 font-text whitespace-nowrap', isNumber(type) && 'text-right')}
            >
              <code className="font-mid text-ink">{name}</code>
              <span className="block text-11 text-ink-3">
                {type}
                {key && ', key'}
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, line) => (
          <tr key={row.id} className="group border-t border-line hover:bg-hover">
            {onChange && (
              <td className="w-8 pl-1">
                <button
                  type="button"
                  aria-label={`Change row ${line + 1}${nameOf(columns, row.values)}`}
                  onClick={() => onChange(line)}
                  className="grid h-6 w-6 place-items-center rounded-1 text-ink-3 group-hover:text-ink hover:bg-sunken max-md:h-9 max-md:w-9"
                >
                  <Pencil size={13} aria-hidden="true" />
                </button>
              </td>
            )}
            {row.values.map((value, at) => (
              <td
                // biome-ignore lint/suspicious/noArrayIndexKey: as its column
                key={at}
                className={cx('px-2 py-1', isNumber(columns[at]?.type ?? '') && 'text-right font-mono text-12')}
              >
                {value === null ? (
                  <span className="text-ink-3">empty</span>
                ) : isNumber(columns[at]?.type ?? '') ? (
                  valueText(value)
                ) : (
                  <span className="flex items-baseline gap-1">
                    <span
                      className="block max-w-80 min-w-0 flex-1 truncate whitespace-pre"
                      title={valueText(value).slice(0, 500)}
                    >
                      {valueText(value)}
                    </span>
                    {row.cut?.includes(at) && (
                      <button
                        type="button"
                        onClick={() => onOpen?.(line, at)}
                        className="shrink-0 rounded-1 border border-line-2 px-1 text-11 text-ink-2 hover:bg-hover max-md:min-h-9"
                      >
                        whole<span className="sr"> value of {columns[at]?.name}</span>
                      </button>
                    )}
                  </span>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
