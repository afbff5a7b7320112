/** The rows of one table, page by page along its key. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowDownWideNarrow, ArrowUpNarrowWide, Plus } from 'lucide-react';
import { useState } from 'react';
import type { DataRows } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { dataKeys, readCell, readRows, type TableRef } from './api.ts';
import { RowForm } from './row-form.tsx';
import { ValueTable } from './value-table.tsx';

/** @param writable its rows can be changed here: it is a table, and no copy of another */
export function RowsView({ table, writable }: { table: TableRef; writable: boolean }) {
  const client = useQueryClient();
  const [order, setOrder] = useState<'up' | 'down'>('up');
  const [page, setPage] = useState<{ after?: string; before?: string }>({});
  const [open, setOpen] = useState<{ key: string; column: string }>();
  const [form, setForm] = useState<{ row?: DataRows['items'][number] }>();
  const rows = useQuery({
    queryKey: [...dataKeys.rows, table, order, page],
    queryFn: () => readRows(table, { order, ...page }),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  if (rows.error) return <Notice>{sentenceOf(rows.error)}</Notice>;
  if (!rows.data) return <p className="text-ink-3">Reading…</p>;
  const { columns, items, next, previous, keyed, ms } = rows.data;
  const key = columns.filter((column) => column.key).map(({ name }) => name);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {keyed && (
          <Button
            look="bare"
            onClick={() => {
              setOrder(order === 'up' ? 'down' : 'up');
              setPage({});
            }}
          >
            {order === 'up' ? (
              <ArrowUpNarrowWide size={14} aria-hidden="true" />
            ) : (
              <ArrowDownWideNarrow size={14} aria-hidden="true" />
            )}
            By {key.join(', ')}, {order === 'up' ? 'smallest' : 'largest'} first
          </Button>
        )}
        <span className="flex-1" />
        {writable && (
          <Button onClick={() => setForm({})}>
            <Plus size={14} aria-hidden="true" /> Add a row
          </Button>
        )}
        <Button disabled={!previous} onClick={() => previous && setPage({ before: previous })}>
          Back
        </Button>
        <Button disabled={!next} onClick={() => next && setPage({ after: next })}>
          Next
        </Button>
      </div>
      {items.length === 0 ? (
        <p className="rounded-3 border border-dashed border-line-2 px-3 py-6 text-center text-ink-2">
          {page.after || page.before ? 'There are no more rows here.' : 'No rows yet.'}
        </p>
      ) : (
        <ValueTable
          label={`Rows of ${table.table}`}
          loud={table.place === 'live'}
          columns={columns}
          rows={items.map(({ key: id, values, cut }, at) => ({ id: id ?? String(at), values, cut: id ? cut : [] }))}
          onChange={writable && keyed ? (row) => setForm({ row: items[row]! }) : undefined}
          onOpen={(row, at) => setOpen({ key: items[row]!.key!, column: columns[at]!.name })}
        />
      )}
      <p role="status" className="text-12 text-ink-3">
        {count(items.length, 'row')}
        {next ? ', and there is more' : ''} · {ms} ms
        {!keyed && '. This table has no key to walk along: these are its first rows, in no order.'}
      </p>
      {form && (
        <RowForm
          table={table}
          columns={columns}
          row={form.row && { ...form.row, key: form.row.key! }}
          onClose={() => {
            setForm(undefined);
            // it may have said that a row is not as it is shown
            void client.invalidateQueries({ queryKey: dataKeys.rows });
          }}
          onDone={() => {
            setForm(undefined);
            void client.invalidateQueries({ queryKey: dataKeys.rows });
            void client.invalidateQueries({ queryKey: dataKeys.tables });
          }}
        />
      )}
      {open && <WholeValue table={table} {...open} rowKey={open.key} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

function WholeValue({
  table,
  rowKey,
  column,
  onClose,
}: {
  table: TableRef;
  rowKey: string;
  column: string;
  onClose: () => void;
}) {
  const cell = useQuery({
    queryKey: [...dataKeys.rows, 'cell', table, rowKey, column],
    queryFn: () => readCell(table, rowKey, column),
    retry: false,
    gcTime: 0,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={column}
      text={
        cell.data
          ? `${cell.data.type}, ${count(cell.data.length, 'character')}${cell.data.whole ? '' : '. Its beginning is shown; read the rest in the console.'}`
          : 'Reading…'
      }
      actions={<Button onClick={onClose}>Close</Button>}
    >
      {cell.error && <Notice>{sentenceOf(cell.error)}</Notice>}
      {cell.data && (
        <section
          tabIndex={0}
          aria-label="As text"
          className="max-h-[50vh] overflow-auto rounded-2 border border-line bg-sunken px-3 py-2 font-mono text-12 break-words whitespace-pre-wrap"
        >
          <pre className="font-mono text-12 whitespace-pre-wrap">{cell.data.value ?? 'empty'}</pre>
        </section>
      )}
    </Dialog>
  );
}
