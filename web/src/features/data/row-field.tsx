/** One value of a row in a form: typed, chosen, or left empty. */
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { RowColumn } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { sentenceOf } from '../../lib/api.ts';
import { dataKeys, readCell, type TableRef } from './api.ts';
import { type Given, isShort } from './row-values.ts';

interface Props {
  column: RowColumn;
  value: Given;
  /** the row is new: what is not said is filled in by the table */
  adds: boolean;
  onChange: (value: Given) => void;
}

const BOX =
  'min-w-0 rounded-2 border border-line-3 bg-raised px-2 font-mono text-13 focus-visible:border-accent focus-visible:shadow-[0_0_0_1px_var(--accent)] disabled:border-dashed disabled:text-ink-3 max-md:text-[16px]';

export function RowField({ column, value, adds, onChange }: Props) {
  const id = useId();
  const { name, type, key, notNull, filled } = column;
  const empty = value === null;
  const unsaid =
    value !== undefined ? 'empty' : !adds ? '' : filled ? 'filled in by the table' : notNull ? 'needed' : 'empty';
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <div className="flex items-baseline gap-2">
        <label htmlFor={id} className="min-w-0 truncate">
          <code className="font-mid">{name}</code>
        </label>
        <span className="flex-1 truncate text-11 text-ink-3">
          {type}
          {key && ', key'}
        </span>
        {!notNull && (
          <label className="flex shrink-0 cursor-pointer items-center gap-1 text-12 text-ink-2 max-md:min-h-9">
            <input
              type="checkbox"
              aria-label={`${name} is empty`}
              checked={empty}
              onChange={(event) => onChange(event.target.checked ? null : adds ? undefined : '')}
            />
            empty
          </label>
        )}
      </div>
      {type === 'boolean' ? (
        <select
          id={id}
          value={value ?? ''}
          disabled={empty}
          onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
          className={cx(BOX, 'h-8 max-md:h-11')}
        >
          {(value === undefined || empty || value === '') && <option value="">{unsaid || 'choose'}</option>}
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      ) : isShort(type) ? (
        <input
          id={id}
          value={value ?? ''}
          placeholder={unsaid}
          disabled={empty}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onChange(adds && event.target.value === '' ? undefined : event.target.value)}
          className={cx(BOX, 'h-8 max-md:h-11')}
        />
      ) : (
        <textarea
          id={id}
          value={value ?? ''}
          placeholder={unsaid}
          disabled={empty}
          rows={(value ?? '').length > 60 ? 4 : 1}
          spellCheck={false}
          onChange={(event) => onChange(adds && event.target.value === '' ? undefined : event.target.value)}
          className={cx(BOX, 'resize-y py-1.5')}
        />
      )}
    </div>
  );
}

/** A value that the page shows only the beginning of: read as a whole before it is changed. */
export function LongField({ table, rowKey, ...field }: Props & { table: TableRef; rowKey: string }) {
  const { name, type } = field.column;
  const cell = useQuery({
    queryKey: [...dataKeys.rows, 'cell', table, rowKey, name],
    queryFn: () => readCell(table, rowKey, name),
    retry: false,
    gcTime: 0,
  });
  const said = cell.error
    ? sentenceOf(cell.error)
    : !cell.data
      ? 'Reading the whole value…'
      : cell.data.whole
        ? undefined
        : 'It is too long to be changed here: change it by a statement in the console.';
  if (said)
    return (
      <p className="text-12 text-ink-3">
        <code className="font-mid text-ink">{name}</code> <span className="text-11">{type}</span>
        <br />
        {said}
      </p>
    );
  return <RowField {...field} value={field.value === undefined ? (cell.data?.value ?? null) : field.value} />;
}
