/** One table: what it is made of on both sides, its rows, and what may be done with them. */
import { Check, ChevronLeft, Radio } from 'lucide-react';
import { useState } from 'react';
import type { DataApp, DataColumn, DataDifference, DataTable } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { Diamond } from '../../components/diamond.tsx';
import { Segments } from '../../components/segments.tsx';
import { fileSize } from '../../lib/text.ts';
import type { TableRef } from './api.ts';
import { Differences } from './differences.tsx';
import { RowsView } from './rows-view.tsx';
import { TableAbout } from './table-about.tsx';
import { TableMasks } from './table-masks.tsx';
import { TableRules } from './table-rules.tsx';
import { differencesOf, PLACE_NAMES } from './words.ts';

interface Props {
  app: DataApp;
  table: DataTable;
  chosen: TableRef;
  manages: boolean;
  people: { id: string; name: string }[];
  onChanged: () => void;
  onClose: () => void;
}

export function TablePanel({ app, table, chosen, manages, people, onChanged, onClose }: Props) {
  const [view, setView] = useState<'rows' | 'columns' | 'rules' | 'masks'>('rows');
  const side = chosen.place === 'live' ? table.live : table.staging;
  const live = chosen.place === 'live';
  const differences = differencesOf(app, table.name);
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
      {differences.length > 0 && (
        <Differences marked differences={differences} className="rounded-2 bg-remind-soft px-3 py-2" />
      )}
      {app.notCompared && table.home === 'both' && <p className="text-12 text-ink-2">{app.notCompared}</p>}
      {view === 'rows' && (
        <RowsView
          key={`${chosen.appId} ${chosen.place} ${chosen.table}`}
          table={chosen}
          writable={side?.kind === 'table' && !(app.mode === 'dual-repository' && chosen.place === 'staging')}
        />
      )}
      {view === 'columns' && <Columns {...{ app, table, differences }} />}
      {view === 'masks' && personal && (
        <TableMasks appId={app.app.id} table={table.name} columns={side.columns} manages={manages} />
      )}
      {view === 'rules' && (
        <TableRules appId={app.app.id} appName={app.app.name} table={table.name} manages={manages} people={people} />
      )}
    </section>
  );
}

/** Of an app with a live database, staging is its site here: what differs from live is to go there. */
function Columns({ app, table, differences }: { app: DataApp; table: DataTable; differences: DataDifference[] }) {
  const both = app.mode === 'dual-repository';
  const places = app.tables.filter(({ name }) => name === table.name);
  const site = places.find(({ group }) => group === 'site')?.staging;
  const main = places.find(({ group }) => group !== 'site');
  const staging = both ? site : main?.staging;
  const here = new Map((staging?.columns ?? []).map((column) => [column.name, column]));
  const there = new Map((main?.live?.columns ?? []).map((column) => [column.name, column]));
  const copy = new Map((main?.staging?.columns ?? []).map((column) => [column.name, column]));
  const names = [...new Set([...here.keys(), ...there.keys(), ...copy.keys()])];
  return (
    <section
      tabIndex={0}
      aria-label={`Columns of ${table.name}`}
      className="relative overflow-auto rounded-2 border border-line"
    >
      <table className="w-full border-collapse">
        <thead className="bg-sunken text-left text-12 text-ink-2">
          <tr>
            {['Column', 'Type', ...(both ? ['Staging site', 'Live'] : []), 'What it is'].map((name) => (
              <th key={name} scope="col" className="px-2 py-1.5 font-mid whitespace-nowrap">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const column = here.get(name) ?? there.get(name) ?? copy.get(name)!;
            const differs = differences.filter(({ columns }) => columns.includes(name));
            const whole = differences.find(({ between, columns }) => between === 'site' && columns.length === 0);
            const lacks = (side: 'staging' | 'live') => {
              const one = [...differs, whole].find(
                (found) => found?.between === 'site' && found.on !== 'both' && found.on !== side,
              );
              return one && (one.reminder ? 'not yet' : 'not here');
            };
            const is = [
              column.key ? 'primary key' : '',
              column.references ? `belongs to ${column.references}` : '',
              column.notNull ? '' : 'may be empty',
            ].filter(Boolean);
            return (
              <tr key={name} className={cx('border-t border-line align-top', differs.length > 0 && 'bg-remind-soft')}>
                <td className={cx('px-2 py-1.5', differs.length > 0 && 'min-w-40')}>
                  <code>{name}</code>
                  {differs.map((one) => (
                    <span
                      key={`${one.between} ${one.words}`}
                      className="flex items-start gap-1.5 text-12 text-remind-ink"
                    >
                      <Diamond className="mt-1" /> <span className="min-w-0 break-words">{one.words}</span>
                    </span>
                  ))}
                </td>
                <td className="px-2 py-1.5 text-ink-2 md:whitespace-nowrap">{column.type}</td>
                {both && <Has column={here.get(name)} lacks={lacks('staging')} />}
                {both && (
                  <Has
                    column={there.get(name)}
                    lacks={lacks('live')}
                    unknown={main?.live == null && app.notCompared !== null}
                  />
                )}
                <td className="px-2 py-1.5 text-ink-3">{is.join(', ')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Has({
  column,
  lacks,
  unknown = false,
}: {
  column: DataColumn | undefined;
  lacks: string | undefined;
  unknown?: boolean;
}) {
  return (
    <td className="px-2 py-1.5 whitespace-nowrap">
      {column ? (
        <>
          <Check size={14} aria-hidden="true" className="inline" />
          <span className="sr">yes</span>
        </>
      ) : lacks ? (
        <span className="rounded-1 bg-remind-soft px-1.5 text-12 text-remind-ink">{lacks}</span>
      ) : (
        <span className="text-12 text-ink-3">{unknown ? 'not known now' : 'no'}</span>
      )}
    </td>
  );
}
