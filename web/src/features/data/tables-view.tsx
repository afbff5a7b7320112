/** Every app’s tables, staging and live on one row each, so that a difference is a gap one sees. */
import { ArrowLeft, FlaskConical, Radio } from 'lucide-react';
import type { DataApp, DataSide, DataTable, DataTables } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { AppTag } from '../../components/tile.tsx';
import { fileSize } from '../../lib/text.ts';
import type { TableRef } from './api.ts';
import { LiveControls, mirrorLine } from './live.tsx';
import { GROUP_ORDER, GROUPS, rowsText } from './words.ts';

interface Props {
  /** the person decides about this container */
  manages: boolean;
  onChanged: () => void;
  data: DataTables;
  chosen: Partial<TableRef>;
  onChoose: (table: TableRef) => void;
}

export function TablesView({ data, chosen, onChoose, manages, onChanged }: Props) {
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
        <AppTables key={app.app.id} {...{ app, chosen, onChoose, manages, onChanged }} />
      ))}
      {empty.length > 0 && (
        <p className="text-12 text-ink-3">
          Nothing kept yet: {empty.map(({ app }) => app.name).join(', ')}. Tables come with the first merge.
        </p>
      )}
    </div>
  );
}

function AppTables({ app, chosen, onChoose, manages, onChanged }: { app: DataApp } & Omit<Props, 'data'>) {
  const dual = app.mode === 'dual-repository';
  const groups = GROUP_ORDER.map((group) => ({
    group,
    tables: app.tables.filter((table) => table.group === group),
  })).filter(({ tables }) => tables.length > 0);
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
              <tr key={`${group} ${table.name}`} className="border-t border-line">
                <Side app={app} table={table} side={table.staging} {...{ chosen, onChoose }} />
                {dual && (
                  <td className="text-center text-ink-3">
                    <Between table={table} />
                  </td>
                )}
                {dual && <Side app={app} table={table} side={table.live} {...{ chosen, onChoose }} />}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
      <LiveControls {...{ app, manages, onChanged }} />
    </section>
  );
}

function Between({ table }: { table: DataTable }) {
  if (table.differences.length > 0 || table.group === 'live_only')
    return <span role="img" aria-label="Differs" className="inline-block h-2 w-2 rotate-45 bg-remind-ink" />;
  if (table.group === 'mirrored')
    return (
      <ArrowLeft size={13} strokeWidth={1.75} className="inline" role="img" aria-label="Copied from live to staging" />
    );
  return null;
}

function Side({
  app,
  table,
  side,
  chosen,
  onChoose,
}: { app: DataApp; table: DataTable; side: DataSide | null } & Pick<Props, 'chosen' | 'onChoose'>) {
  if (!side)
    return (
      <td className="px-2 text-12 text-ink-3">
        {table.group === 'live_only' ? 'not here yet' : <span className="sr">not here</span>}
      </td>
    );
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
          <span className="sr"> rows</span>
        </span>
        {copy && table.differences.length > 0 && (
          <span className="w-full text-12 text-remind-ink">{table.differences.join(', ')}</span>
        )}
      </button>
    </td>
  );
}
