/** Every app’s tables, staging and live on one row each, so that a difference is a gap one sees. */
import { ArrowLeft, FlaskConical, Radio } from 'lucide-react';
import type { DataApp, DataSide, DataTable, DataTables } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { AppTag } from '../../components/tile.tsx';
import { fileSize } from '../../lib/text.ts';
import type { TableRef } from './api.ts';
import { Differences } from './differences.tsx';
import { LiveControls, mirrorLine } from './live.tsx';
import { differencesOf, GROUP_ORDER, GROUPS, rowsText } from './words.ts';

interface Props {
  /** the person decides about this container */
  manages: boolean;
  /** nothing is written in this container now */
  frozen: boolean;
  onChanged: () => void;
  data: DataTables;
  chosen: Partial<TableRef>;
  onChoose: (table: TableRef) => void;
}

export function TablesView({ data, chosen, onChoose, manages, frozen, onChanged }: Props) {
  const apps = data.items.filter(({ tables }) => tables.length > 0);
  const empty = data.items.filter(({ tables }) => tables.length === 0);
  const anyLive = data.items.some(({ mode }) => mode === 'dual-repository');
  if (data.items.length === 0)
    return <p className="text-ink-2">There is no app yet. What an app keeps is here once its first chat is merged.</p>;
  return (
    // how much is said of a table depends on the room that the list has: with a table opened beside it, it is narrow
    <div className="@container grid gap-6" data-list="">
      {apps.length > 0 && (
        <dl className="grid grid-cols-2 gap-2 text-12 @3xl:mr-[26%] @3xl:gap-9">
          <div className="flex min-h-9 flex-wrap content-center items-center gap-x-2 rounded-3 border border-line bg-raised px-3 py-1">
            <dt className="flex items-center gap-1.5 font-strong">
              <FlaskConical size={14} strokeWidth={1.75} aria-hidden="true" /> Staging
            </dt>
            <dd className="text-ink-3">
              {fileSize(data.bytes.staging)}, {anyLive ? 'assistants work here' : 'all rows are here'}
            </dd>
          </div>
          <div
            className={cx(
              'flex min-h-9 flex-wrap content-center items-center gap-x-2 rounded-3 border px-3 py-1',
              anyLive ? 'border-live bg-live-soft text-live-ink' : 'border-dashed border-line-2 text-ink-3',
            )}
          >
            <dt className="flex items-center gap-1.5 font-strong">
              <Radio size={14} strokeWidth={1.75} aria-hidden="true" /> Live
            </dt>
            <dd>
              {anyLive
                ? data.bytes.live === null
                  ? 'does not answer'
                  : `${fileSize(data.bytes.live)}, customers are here`
                : 'not used yet: people’s rows are on staging'}
            </dd>
          </div>
        </dl>
      )}
      {apps.map((app) => (
        <AppTables key={app.app.id} {...{ app, chosen, onChoose, manages, frozen, onChanged }} />
      ))}
      {empty.length > 0 && (
        <p className="text-12 text-ink-3">
          Nothing kept yet: {empty.map(({ app }) => app.name).join(', ')}. Tables come with the first merge.
        </p>
      )}
    </div>
  );
}

function AppTables({ app, chosen, onChoose, manages, frozen, onChanged }: { app: DataApp } & Omit<Props, 'data'>) {
  const dual = app.mode === 'dual-repository';
  const groups = GROUP_ORDER.map((group) => ({
    group,
    tables: app.tables.filter((table) => table.group === group),
  })).filter(({ tables }) => tables.length > 0);
  const loose = app.differences.filter(({ table }) => table === null);
  return (
    <section aria-label={app.app.name}>
      <h2 className="flex min-h-8 items-center gap-3 text-13 tracking-normal">
        <AppTag app={app.app} />
        <span className="flex-1" />
        {app.mirror && <span className="text-12 font-text text-ink-3">{mirrorLine(app)}</span>}
      </h2>
      <table className="w-full table-fixed border-collapse">
        <colgroup>
          <col />
          {dual && <col className="w-9" />}
          {dual && <col />}
          <col className="hidden w-[26%] @3xl:table-column" />
        </colgroup>
        <thead className="text-left text-12 text-ink-3 @max-3xl:sr">
          <tr>
            <Head name="On staging" dual={dual} />
            {dual && (
              <th scope="col">
                <span className="sr">How they compare</span>
              </th>
            )}
            {dual && <Head name="On live" dual={dual} />}
            <th scope="col" className="hidden pr-2 pb-1 pl-6 font-text @3xl:table-cell">
              What it is for
            </th>
          </tr>
        </thead>
        {groups.map(({ group, tables }) => (
          <tbody key={group}>
            {dual && (
              <tr>
                <th scope="rowgroup" colSpan={3} className="pt-2 pb-1 text-left text-12 font-text text-ink-3">
                  {GROUPS[group]}
                </th>
                <td className={FILLER} />
              </tr>
            )}
            {tables.map((table) => (
              <TableRow key={table.name} {...{ app, table, chosen, onChoose }} />
            ))}
          </tbody>
        ))}
      </table>
      {loose.length > 0 && <Differences marked differences={loose} className="border-t border-line px-2 py-1.5" />}
      {app.notCompared && <p className="border-t border-line px-2 py-1.5 text-12 text-ink-2">{app.notCompared}</p>}
      <LiveControls {...{ app, manages, frozen, onChanged }} />
    </section>
  );
}

/** Where the last column is, beside what goes over all others. */
const FILLER = 'hidden @3xl:table-cell';
/** What is said of a table where there is room: as wide in its heading as in its rows. */
const DETAIL = {
  columns: 'w-20 shrink-0 text-right whitespace-nowrap',
  size: 'w-18 shrink-0 text-right whitespace-nowrap',
  rows: 'shrink-0 text-right @3xl:min-w-16',
} as const;
/** Two databases need more room for it than one. */
const shownIf = (dual: boolean): string => (dual ? 'hidden @5xl:block' : 'hidden @3xl:block');

function Head({ name, dual }: { name: string; dual: boolean }) {
  return (
    <th scope="col" className="px-2 pb-1 font-text">
      <span className="flex gap-x-2">
        <span className="min-w-0 flex-1 truncate">{name}</span>
        <span className={cx(DETAIL.columns, shownIf(dual))}>Columns</span>
        <span className={cx(DETAIL.size, shownIf(dual))}>Size</span>
        <span className={DETAIL.rows}>Rows</span>
      </span>
    </th>
  );
}

type RowProps = { app: DataApp; table: DataTable } & Pick<Props, 'chosen' | 'onChoose'>;

/** What differs and what it is for is said once, on the row that has live if there is one. */
function TableRow({ app, table, chosen, onChoose }: RowProps) {
  const dual = app.mode === 'dual-repository';
  const differences = differencesOf(app, table.name);
  const first = app.tables.find(({ name }) => name === table.name) === table;
  const says = first && differences.length > 0;
  return (
    <>
      <tr className={cx('border-t border-line', says && 'bg-remind-soft')}>
        <Side app={app} table={table} side={table.staging} {...{ chosen, onChoose }} />
        {dual && (
          <td className="text-center text-ink-3">
            <Between table={table} differs={differences.length > 0} />
          </td>
        )}
        {dual && <Side app={app} table={table} side={table.live} {...{ chosen, onChoose }} />}
        <td className={cx(FILLER, 'py-1 pr-2 pl-6 text-12 break-words')}>
          {first && (
            <span className={says || table.purpose ? 'text-ink-2' : 'text-ink-3'}>
              {table.purpose || 'not said yet'}
            </span>
          )}
        </td>
      </tr>
      {says && (
        <tr className="bg-remind-soft">
          <td colSpan={3} className="px-2 pb-1.5">
            <Differences differences={differences} most={MOST_SAID} />
          </td>
          <td className={FILLER} />
        </tr>
      )}
    </>
  );
}

/** Of one table in the list; its panel says all. */
const MOST_SAID = 4;

function Between({ table, differs }: { table: DataTable; differs: boolean }) {
  if (differs) return <span role="img" aria-label="Differs" className="inline-block h-2 w-2 rotate-45 bg-remind-ink" />;
  if (table.group === 'mirrored')
    return (
      <ArrowLeft size={13} strokeWidth={1.75} className="inline" role="img" aria-label="Copied from live to staging" />
    );
  return null;
}

function Side({ app, table, side, chosen, onChoose }: RowProps & { side: DataSide | null }) {
  if (!side) return <td className="px-2 text-12 text-ink-3">{absent(app, table)}</td>;
  const on = chosen.appId === app.app.id && chosen.table === table.name && chosen.place === side.place;
  const copy = table.group === 'mirrored' && side.place === 'staging';
  const dual = app.mode === 'dual-repository';
  return (
    <td className="p-0">
      <button
        type="button"
        data-row=""
        aria-current={on ? 'true' : undefined}
        onClick={() => onChoose({ appId: app.app.id, place: side.place, table: table.name })}
        className={cx(
          'flex min-h-9 w-full items-center gap-x-2 rounded-2 px-2 py-1 text-left max-md:min-h-11',
          on ? 'bg-selected' : 'hover:bg-hover',
        )}
      >
        <code className="min-w-0 truncate" title={table.name}>
          {table.name}
        </code>
        {/* where names need the room, the heading above says it alone */}
        {copy && (
          <span className="shrink-0 rounded-1 border border-dashed border-line-3 px-1 text-11 text-ink-3 @max-xl:sr">
            copy
          </span>
        )}
        {side.kind === 'view' && <span className="shrink-0 text-11 text-ink-3">view</span>}
        <span className="flex-1" />
        <span className={cx(DETAIL.columns, shownIf(dual), 'text-12 text-ink-2')}>
          {side.columns.length}
          <span className="sr">{side.columns.length === 1 ? ' column' : ' columns'}</span>
        </span>
        <span className={cx(DETAIL.size, shownIf(dual), 'text-12 text-ink-2')}>
          {side.kind === 'view' ? '' : fileSize(side.bytes)}
        </span>
        <span className={cx(DETAIL.rows, 'font-mono text-12 text-ink-2')}>
          {side.kind === 'view' ? '' : rowsText(side.rows)}
          <span className="sr">{side.kind === 'table' && side.rows === null ? 'not counted yet' : ' rows'}</span>
        </span>
      </button>
    </td>
  );
}

/** Of the side that a row has nothing of. */
function absent(app: DataApp, table: DataTable) {
  if (table.group === 'live_only') {
    if (table.home === 'live') return 'lives on live alone';
    return app.tables.some(({ name, group }) => name === table.name && group === 'site')
      ? 'not copied'
      : 'not here yet';
  }
  if (table.group !== 'site') return <span className="sr">not here</span>;
  if (table.home === 'staging') return 'lives on staging alone';
  if (app.notCompared) return <span className="sr">not known now</span>;
  const differences = differencesOf(app, table.name).filter(({ between }) => between === 'site');
  if (differences.length === 0)
    return table.home === 'both' && isOnLive(app, table.name) ? (
      'same columns on live'
    ) : (
      <span className="sr">not here</span>
    );
  return isOnLive(app, table.name) ? 'differs from live' : 'not on live yet';
}

const isOnLive = (app: DataApp, name: string): boolean =>
  app.tables.some((table) => table.name === name && table.live !== null);
