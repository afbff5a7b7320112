/** The databases of the container: what is in them, SQL on them, who did what, what is allowed. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef } from 'react';
import type { DataApp } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { Diamond } from '../../components/diamond.tsx';
import { Notice } from '../../components/notice.tsx';
import { dataKeys, listReminders, readTables } from '../../features/data/api.ts';
import { BroughtBack } from '../../features/data/brought-back.tsx';
import { ChangesView } from '../../features/data/changes-view.tsx';
import { ConsoleView } from '../../features/data/console-view.tsx';
import { Dropped } from '../../features/data/dropped.tsx';
import { FreezeSwitch } from '../../features/data/freeze.tsx';
import { Leftovers } from '../../features/data/leftovers.tsx';
import { Reminders } from '../../features/data/reminders.tsx';
import { RulesView } from '../../features/data/rules-view.tsx';
import { TablePanel } from '../../features/data/table-panel.tsx';
import { TablesView } from '../../features/data/tables-view.tsx';
import { countDifferences } from '../../features/data/words.ts';
import { listPeople, peopleKeys } from '../../features/people/api.ts';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { useMe, useSession } from '../session.tsx';
import { useChats } from './use-chats.ts';

const route = getRouteApi('/signed-in/data');
const VIEWS = {
  tables: 'Tables',
  reminders: 'Reminders',
  console: 'Console',
  calls: 'Who did what',
  rules: 'Rules',
} as const;

export function DataPage() {
  const me = useMe();
  const { reload } = useSession();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const container = me.containers[0];
  // its room tells when an app or the container changes
  useChats();
  const looked = useRef({ missing: '', since: 0 });
  const tables = useQuery({
    queryKey: dataKeys.tables,
    queryFn: readTables,
    enabled: container !== undefined,
    refetchOnWindowFocus: true,
    // a copy that is on its way is looked at again, and so is what could not be compared
    refetchInterval: ({ state }) => {
      const apps = state.data?.items ?? [];
      if (apps.some(({ mirror }) => mirror && mirror.state !== 'in_step')) return 2000;
      if (apps.some(({ notCompared }) => notCompared !== null)) return 5000;
      // what was written just now is counted within a second or two; some may never be
      const missing = apps
        .filter(isUncounted)
        .map(({ app }) => app.id)
        .join(' ');
      if (missing !== looked.current.missing) looked.current = { missing, since: state.dataUpdateCount };
      return missing !== '' && state.dataUpdateCount - looked.current.since < MOST_LOOKS ? 2000 : false;
    },
  });
  const members = useQuery({
    queryKey: peopleKeys.people,
    queryFn: listPeople,
    enabled: container !== undefined,
  });
  const people = [me.user, ...(members.data ?? []).filter(({ id }) => id !== me.user.id)];
  const reminders = useQuery({
    queryKey: [...dataKeys.reminders, ''],
    queryFn: () => listReminders(),
    enabled: container !== undefined,
  });
  const waiting = reminders.data?.filter(({ state }) => state === 'open').length ?? 0;
  const apps = tables.data?.items ?? [];
  const view = search.view ?? 'tables';
  const { app: appId, table: name, place = 'staging' } = search;
  const app = apps.find((one) => one.app.id === appId);
  const table = app?.tables.find((one) => one.name === name && (place === 'site') === (one.group === 'site'));
  const chosen = app && table ? { appId: app.app.id, place, table: table.name } : undefined;
  const manages = container !== undefined && container.role !== 'member';
  return (
    <div className="h-full overflow-y-auto bg-surface">
      <div className="mx-auto grid max-w-[1400px] grid-cols-[minmax(0,1fr)] gap-5 px-6 py-5 max-md:px-4 max-md:py-4">
        <header className="flex flex-wrap items-start gap-3">
          <div className="min-w-0 flex-1 basis-64">
            <h1 className="text-18">{tables.data ? titleOf(apps, tables.data.bytes.live === null) : 'Data'}</h1>
            <p className="text-ink-2">
              {apps.some(({ mode }) => mode === 'dual-repository')
                ? 'Live is what customers use. Staging holds a read-only copy of it, and what only you use.'
                : 'What your apps keep, as it is used. Drafts of chats stay with their chats.'}
            </p>
          </div>
          {container && <FreezeSwitch container={container} onChanged={reload} />}
        </header>
        <nav aria-label="Parts of Data" className="flex flex-wrap gap-1 border-b border-line max-md:gap-0">
          {(Object.keys(VIEWS) as (keyof typeof VIEWS)[]).map((one) => (
            <Link
              key={one}
              to="/data"
              search={{ view: one }}
              aria-current={view === one ? 'page' : undefined}
              className={cx(
                '-mb-px flex h-9 items-center border-b-2 px-2.5 font-mid max-md:h-11 max-md:px-1',
                view === one ? 'border-ink' : 'border-transparent text-ink-2 hover:text-ink',
              )}
            >
              {VIEWS[one]}
              {one === 'reminders' && waiting > 0 && (
                <span className="ml-1 flex items-center gap-0.5 text-12 tabular-nums text-remind-ink">
                  <Diamond /> {waiting} <span className="sr">open</span>
                </span>
              )}
            </Link>
          ))}
        </nav>
        {tables.error && <Notice>{sentenceOf(tables.error)}</Notice>}
        {tables.data && view === 'tables' && (
          <div
            className={cx(
              'grid gap-8 max-lg:grid-cols-[minmax(0,1fr)]',
              chosen ? 'grid-cols-[minmax(0,440px)_minmax(0,1fr)]' : 'grid-cols-[minmax(0,1fr)]',
            )}
          >
            <div className={cx('grid content-start gap-6', chosen && 'max-md:hidden')}>
              <TablesView
                data={tables.data}
                chosen={chosen ?? {}}
                manages={manages}
                frozen={Boolean(container?.frozen)}
                onChanged={() => void tables.refetch()}
                onChoose={({ appId, place, table }) =>
                  void navigate({ search: { view: 'tables', app: appId, place, table } })
                }
              />
              <Dropped manages={manages} frozen={Boolean(container?.frozen) && apps.length > 0} />
              <BroughtBack manages={manages} />
              {manages && <Leftovers />}
            </div>
            {chosen && (
              <TablePanel
                key={`${chosen.appId} ${chosen.place} ${chosen.table}`}
                app={app!}
                table={table!}
                chosen={chosen}
                manages={manages}
                people={people}
                onChanged={() => void tables.refetch()}
                onClose={() => void navigate({ search: { view: 'tables' } })}
              />
            )}
          </div>
        )}
        {view === 'reminders' && <Reminders manages={manages} />}
        {tables.data && view === 'console' && <ConsoleView apps={apps} first={appId} />}
        {tables.data && view === 'calls' && (
          <ChangesView
            apps={apps}
            people={members.data ?? []}
            kind={search.kind}
            onKind={(kind) => void navigate({ search: { view: 'calls', ...(kind ? { kind } : {}) }, replace: true })}
          />
        )}
        {tables.data && view === 'rules' && <RulesView apps={apps} manages={manages} people={people} />}
      </div>
    </div>
  );
}

const MOST_LOOKS = 6;
const isUncounted = ({ tables }: DataApp): boolean =>
  tables.some((table) => [table.staging, table.live].some((side) => side?.kind === 'table' && side.rows === null));

/** The situation in a few words. */
function titleOf(apps: DataApp[], away: boolean): string {
  const tables = apps.flatMap((app) => app.tables);
  if (tables.length === 0) return 'Nothing is kept yet';
  if (away) return 'Live does not answer';
  if (apps.some(({ mode }) => mode === 'dual-repository')) {
    const differ = countDifferences(apps);
    if (apps.some(({ notCompared }) => notCompared !== null))
      return differ > 0 ? `Two databases, at least ${count(differ, 'difference')}` : 'Two databases, not compared now';
    return differ > 0 ? `Two databases, ${count(differ, 'difference')}` : 'Two databases, same tables and columns';
  }
  return `${count(tables.length, 'table')} in ${count(apps.filter((app) => app.tables.length > 0).length, 'app')}`;
}
