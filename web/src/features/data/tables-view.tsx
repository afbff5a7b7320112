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
    <div className="grid gap-6" data-list="">
      {apps.length > 0 && (
        <dl className="grid grid-cols-2 gap-2 text-12">
          <div className="flex min-h-9 flex-wrap items-center gap-x-2 rounded-3 border border-line bg-raised px-3 py-1">
            <dt className="flex items-center gap-1.5 font-strong">
              <FlaskConical size={14} strokeWidth={1.75} aria-hidden="true" /> Staging
            </dt>
            <dd className="text-ink-3">
              {fileSize(data.bytes.staging)}, {anyLive ? 'assistants work here' : 'all rows are here'}
            </dd>
          </div>
          <div
            className={cx(
              'flex min-h-9 flex-wrap items-center gap-x-2 rounded-3 border px-3 py-1',
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
        {dual && (
          <colgroup>
            <col />
            <col className="w-9" />
            <col />
          </colgroup>
        )}
        <thead className="sr">
          <tr>
            <th scope="col">On staging</th>
            {dual && <th scope="col">How they compare</th>}
            {dual && <th scope="col">On live</th>}
          </tr>
        </thead>
        {groups.map(({ group, tables }) => (
          <tbody key={group}>
            {dual && (
              <tr>
                <th scope="rowgroup" colSpan={3} className="pt-2 pb-1 text-left text-12 font-text text-ink-3">
                  {GROUPS[group]}
                </th>
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

type RowProps = { app: DataApp; table: DataTable } & Pick<Props, 'chosen' | 'onChoose'>;

/** What differs is said once, on the row that has live if there is one. */
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
      </tr>
      {says && (
        <tr className="bg-remind-soft">
          <td colSpan={3} className="px-2 pb-1.5">
            <Differences differences={differences} most={MOST_SAID} />
          </td>
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
  return (
    <td className="p-0">
      <button
        type="button"
        data-row=""
        aria-current={on ? 'true' : undefined}
        onClick={() => onChoose({ appId: app.app.id, place: side.place, table: table.name })}
        className={cx(
          'flex min-h-9 w-full flex-wrap items-center gap-x-2 rounded-2 px-2 py-1 text-left max-md:min-h-11',
          on ? 'bg-selected' : 'hover:bg-hover',
        )}
      >
        <code className="min-w-0 truncate">{table.name}</code>
        {copy && <span className="rounded-1 border border-dashed border-line-3 px-1 text-11 text-ink-3">copy</span>}
        {side.kind === 'view' && <span className="text-11 text-ink-3">view</span>}
        <span className="flex-1" />
        <span className="font-mono text-12 text-ink-2">
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
