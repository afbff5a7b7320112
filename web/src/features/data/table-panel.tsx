/** One table: what it is made of on both sides, its rows, and what may be done with them. */
import { Check, ChevronLeft, Radio } from 'lucide-react';
import { useState } from 'react';
import type { DataApp, DataColumn, DataTable } from '../../../../contract/data.ts';
import { Segments } from '../../components/segments.tsx';
import { count, fileSize } from '../../lib/text.ts';
import type { TableRef } from './api.ts';
import { RowsView } from './rows-view.tsx';
import { TableAbout } from './table-about.tsx';
import { TableMasks } from './table-masks.tsx';
import { TableRules } from './table-rules.tsx';
import { PLACE_NAMES } from './words.ts';

interface Props {
  app: DataApp;
  table: DataTable;
  chosen: TableRef;
  manages: boolean;
  onChanged: () => void;
  onClose: () => void;
}

export function TablePanel({ app, table, chosen, manages, onChanged, onClose }: Props) {
  const [view, setView] = useState<'rows' | 'columns' | 'rules' | 'masks'>('rows');
  const side = chosen.place === 'live' ? table.live : table.staging;
  const live = chosen.place === 'live';
  // what comes to the staging site from live
  const personal = app.mode === 'dual-repository' && table.home === 'both' && side?.kind === 'table';
  return (
    <section aria-labelledby="table-name" className="grid content-start grid-cols-[minmax(0,1fr)] gap-3">
      <header className="flex flex-wrap items-center gap-2">
        <button
          type="button"
          onClick={onClose}
          className="grid h-11 w-9 place-items-center md:hidden"
          aria-label="All tables"
        >
          <ChevronLeft size={18} aria-hidden="true" />
        </button>
        <h2 id="table-name" className="min-w-0 truncate text-15">
          <code>{table.name}</code>
        </h2>
        <span
          className={
            live
              ? 'inline-flex items-center gap-1 rounded-full bg-live px-2 text-12 font-mid text-on-live'
              : 'rounded-full border border-line-2 px-2 text-12 text-ink-2'
          }
        >
          {live && <Radio size={12} aria-hidden="true" />}
          {PLACE_NAMES[chosen.place]}
        </span>
        <span className="text-12 text-ink-3">
          {app.app.name}
          {side && `, ${fileSize(side.bytes)}`}
        </span>
        <span className="flex-1" />
        <Segments
          name="What of the table is shown"
          value={view}
          onChange={setView}
          options={[
            { value: 'rows', label: 'Rows' },
            { value: 'columns', label: 'Columns' },
            { value: 'rules', label: 'Rules' },
            ...(personal ? [{ value: 'masks' as const, label: 'Personal data' }] : []),
          ]}
        />
      </header>
      <TableAbout {...{ app, table, manages, onChanged }} />
      {view === 'rows' && <RowsView key={`${chosen.appId} ${chosen.place} ${chosen.table}`} table={chosen} />}
      {view === 'columns' && <Columns app={app} table={table} />}
      {view === 'masks' && personal && (
        <TableMasks appId={app.app.id} table={table.name} columns={side.columns} manages={manages} />
      )}
      {view === 'rules' && (
        <TableRules appId={app.app.id} appName={app.app.name} table={table.name} manages={manages} />
      )}
    </section>
  );
}

function Columns({ app, table }: { app: DataApp; table: DataTable }) {
  const both = app.mode === 'dual-repository' && table.group !== 'site';
  const here = new Map((table.staging?.columns ?? []).map((column) => [column.name, column]));
  const there = new Map((table.live?.columns ?? []).map((column) => [column.name, column]));
  const names = [...new Set([...here.keys(), ...there.keys()])];
  const mark = (column: DataColumn | undefined, other: DataColumn | undefined) =>
    column ? (
      <>
        <Check size={14} aria-hidden="true" className="inline" />
        <span className="sr">yes</span>
        {other && other.type !== column.type && <span className="ml-1 text-12 text-remind-ink">{column.type}</span>}
      </>
    ) : (
      <span className="rounded-1 bg-remind-soft px-1.5 text-12 text-remind-ink">not yet</span>
    );
  return (
    <>
      {table.differences.length > 0 && (
        <p className="rounded-2 bg-remind-soft px-3 py-2 text-remind-ink">
          {count(table.differences.length, 'difference')}: {table.differences.join('; ')}.
        </p>
      )}
      <section
        tabIndex={0}
        aria-label={`Columns of ${table.name}`}
        className="relative overflow-auto rounded-2 border border-line"
      >
        <table className="w-full border-collapse">
          <thead className="bg-sunken text-left text-12 text-ink-2">
            <tr>
              {['Column', 'Type', ...(both ? ['Staging', 'Live'] : []), 'What it is'].map((name) => (
                <th key={name} scope="col" className="px-2 py-1.5 font-mid whitespace-nowrap">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const column = here.get(name) ?? there.get(name)!;
              const is = [
                column.key ? 'primary key' : '',
                column.references ? `belongs to ${column.references}` : '',
                column.notNull ? '' : 'may be empty',
              ].filter(Boolean);
              return (
                <tr key={name} className="border-t border-line">
                  <td className="px-2 py-1.5">
                    <code>{name}</code>
                  </td>
                  <td className="px-2 py-1.5 whitespace-nowrap text-ink-2">{column.type}</td>
                  {both && <td className="px-2 py-1.5">{mark(here.get(name), there.get(name))}</td>}
                  {both && <td className="px-2 py-1.5">{mark(there.get(name), here.get(name))}</td>}
                  <td className="px-2 py-1.5 text-ink-3">{is.join(', ')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </>
  );
}
