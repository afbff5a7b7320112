/** One value of a row in a form: typed, chosen, or left empty. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { RowColumn } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { sentenceOf } from '../../lib/api.ts';
import { dataKeys, readCell, type TableRef } from './api.ts';
import { type Given, isShort, isText, outOfReach } from './row-values.ts';

interface Props {
  column: RowColumn;
  value: Given;
  /** as the row has it */
  before: Given;
  /** the row is new: what is not said is filled in by the table */
  adds: boolean;
  onChange: (value: Given) => void;
}

const BOX =
  'min-w-0 rounded-2 border border-line-3 bg-raised px-2 font-mono text-13 focus-visible:border-accent focus-visible:shadow-[0_0_0_1px_var(--accent)] disabled:border-dashed disabled:text-ink-3 max-md:text-[16px]';

export function RowField({ column, value, before, adds, onChange }: Props) {
  const id = useId();
  const { name, type, key, notNull, filled, writable } = column;
  // one line would lose the ends of several
  const [box] = useState(() => !isShort(type) || (value ?? '').includes('\n'));
  if (!writable)
    return (
      <Untyped column={column} says={key && !adds ? 'It names the row.' : 'Filled in by the table.'}>
        {before}
      </Untyped>
    );
  const lost = outOfReach(before);
  if (lost) return <Untyped column={column} says={`${lost}: change it by a statement in the console.`} />;
  const empty = value === null;
  const words = isText(type);
  const unsaid =
    value === '' && words
      ? 'empty text'
      : value === null || (!adds && !notNull)
        ? 'empty'
        : adds && filled
          ? 'filled in by the table'
          : notNull
            ? 'needed'
            : 'empty';
  // of a new row, what is not said is empty where the table has nothing for it
  const mayEmpty = !notNull && !(adds && !filled);
  const field = {
    id,
    value: value ?? '',
    placeholder: unsaid,
    disabled: empty,
    spellCheck: false,
    onChange: (event: { target: { value: string } }) =>
      onChange(adds && event.target.value === '' ? undefined : event.target.value),
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <div className="flex flex-wrap items-center gap-x-3">
        <div className="flex min-w-0 flex-1 items-baseline gap-2">
          <label htmlFor={id} className="min-w-0 truncate">
            <code className="font-mid">{name}</code>
          </label>
          <span className="min-w-0 flex-1 truncate text-11 text-ink-3">
            {type}
            {key && ', key'}
          </span>
        </div>
        {adds && words && (
          <Tick
            label="empty text"
            name={`${name} is an empty text`}
            on={value === ''}
            onTick={(on) => onChange(on ? '' : undefined)}
          />
        )}
        {mayEmpty && type !== 'boolean' && (
          <Tick
            label="empty"
            name={`${name} is empty`}
            on={empty}
            onTick={(on) => onChange(on ? null : adds ? undefined : (before ?? ''))}
          />
        )}
      </div>
      {type === 'boolean' ? (
        <select
          id={id}
          value={value === null ? 'empty' : (value ?? '')}
          onChange={({ target }) => onChange(target.value === 'empty' ? null : target.value || undefined)}
          className={cx(BOX, 'h-8 max-md:h-11')}
        >
          {adds && <option value="">{unsaid}</option>}
          {mayEmpty && <option value="empty">empty</option>}
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      ) : box ? (
        <textarea
          {...field}
          rows={rowsOf(value ?? '')}
          className={cx(BOX, 'field-sizing-content max-h-60 w-full resize-y py-1.5 max-md:min-h-11 max-md:py-2.5')}
        />
      ) : (
        <input {...field} autoComplete="off" className={cx(BOX, 'h-8 max-md:h-11')} />
      )}
    </div>
  );
}

const rowsOf = (text: string): number => Math.min(8, Math.max(text.length > 60 ? 4 : 1, text.split('\n').length));

function Tick({
  label,
  name,
  on,
  onTick,
}: {
  label: string;
  name: string;
  on: boolean;
  onTick: (on: boolean) => void;
}) {
  return (
    <label className="flex shrink-0 cursor-pointer items-center gap-1 text-12 text-ink-2 max-md:min-h-9">
      <input type="checkbox" aria-label={name} checked={on} onChange={({ target }) => onTick(target.checked)} />
      {label}
    </label>
  );
}

/** A value that is not typed here, and why. */
const Untyped = ({ column, says, children }: { column: RowColumn; says: string; children?: Given }) => (
  <div className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
    <p className="flex items-baseline gap-2">
      <code className="min-w-0 truncate font-mid">{column.name}</code>
      <span className="min-w-0 flex-1 truncate text-11 text-ink-3">
        {column.type}
        {column.key && ', key'}
      </span>
    </p>
    {children && <p className="font-mono text-13 break-words whitespace-pre-wrap">{children}</p>}
    <p className="text-12 text-ink-3">{says}</p>
  </div>
);

/** A value that the page shows only the beginning of: read as a whole before it is changed. */
export function LongField({
  table,
  rowKey,
  onRead,
  ...field
}: Omit<Props, 'before'> & {
  table: TableRef;
  rowKey: string;
  /** is told what it was, before it is changed */
  onRead: (whole: string | null) => void;
}) {
  const { name } = field.column;
  const cell = useQuery({
    queryKey: [...dataKeys.rows, 'cell', table, rowKey, name],
    queryFn: () => readCell(table, rowKey, name),
    retry: false,
    gcTime: 0,
    // what is being changed is what was shown
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (cell.error) return <Untyped column={field.column} says={sentenceOf(cell.error)} />;
  if (!cell.data) return <Untyped column={field.column} says="Reading the whole value…" />;
  const { value, whole } = cell.data;
  if (!whole)
    return (
      <Untyped
        column={field.column}
        says="It is too long to be changed here: change it by a statement in the console."
      />
    );
  return (
    <RowField
      {...field}
      before={value}
      value={field.value === undefined ? value : field.value}
      onChange={(now) => {
        if (field.value === undefined) onRead(value);
        field.onChange(now);
      }}
    />
  );
}
