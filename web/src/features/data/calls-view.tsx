/** Who read and changed what, and when. What a statement said is opened on request. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DataApp, DataCall } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { AppTag } from '../../components/tile.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { type CallFilter, dataKeys, listCalls, readStatement } from './api.ts';
import { moment } from './words.ts';

const SELECT = 'h-8 rounded-2 border border-line-3 bg-raised px-1.5 max-md:h-11 max-md:text-[16px]';

export function CallsView({ apps, people }: { apps: DataApp[]; people: { id: string; name: string }[] }) {
  const [filter, setFilter] = useState<CallFilter>({});
  const calls = useInfiniteQuery({
    queryKey: [...dataKeys.calls, filter],
    queryFn: ({ pageParam }) => listCalls(filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const items = calls.data?.pages.flatMap((page) => page.items) ?? [];
  const choose = (more: CallFilter) => setFilter({ ...filter, ...more });
  const tables = [
    ...new Set(
      apps
        .filter(({ app }) => !filter.appId || app.id === filter.appId)
        .flatMap((app) => app.tables.map(({ name }) => name)),
    ),
  ].sort();
  return (
    <div className="grid max-w-[920px] grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <select
          aria-label="App"
          className={SELECT}
          value={filter.appId ?? ''}
          onChange={(event) => choose({ appId: event.target.value || undefined, table: undefined })}
        >
          <option value="">Every app</option>
          {apps.map(({ app }) => (
            <option key={app.id} value={app.id}>
              {app.name}
            </option>
          ))}
        </select>
        <select
          aria-label="Table"
          className={SELECT}
          value={filter.table ?? ''}
          onChange={(event) => choose({ table: event.target.value || undefined })}
        >
          <option value="">Every table</option>
          {tables.map((table) => (
            <option key={table} value={table}>
              {table}
            </option>
          ))}
        </select>
        <select
          aria-label="Person"
          className={SELECT}
          value={filter.person ?? ''}
          onChange={(event) => choose({ person: event.target.value || undefined })}
        >
          <option value="">Everybody</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <label className="flex min-h-8 items-center gap-2 max-md:min-h-11">
          <input
            type="checkbox"
            checked={filter.reads ?? false}
            onChange={(event) => choose({ reads: event.target.checked })}
            className="h-4 w-4 accent-(--ink)"
          />
          Also what was only read
        </label>
      </div>
      {calls.error && <Notice>{sentenceOf(calls.error)}</Notice>}
      {calls.data && items.length === 0 && (
        <p className="text-ink-2">
          {filter.reads
            ? 'Nothing fits.'
            : 'Nobody has changed rows here with SQL. What apps write themselves is not listed.'}
        </p>
      )}
      <ul data-list="">
        {items.map((call) => (
          <Call key={call.id} call={call} />
        ))}
      </ul>
      {calls.hasNextPage && (
        <Button className="justify-self-start" onClick={() => void calls.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </div>
  );
}

const PLACES = { staging: 'staging', live: 'live', draft: 'a draft' };

function whatHappened({ state, rule, rows, tables, writes }: DataCall): string {
  const of = tables.length > 0 ? ` of ${tables.join(', ')}` : '';
  if (state === 'refused') return rule === 'asks' ? 'was asked before anything ran' : `was refused (${rule})`;
  if (state === 'unknown') return 'was cut off; it is not known whether it took effect';
  if (state === 'open') return 'is running';
  return `${writes ? 'changed' : 'read'} ${count(rows ?? 0, 'row')}${of}`;
}

function Call({ call }: { call: DataCall }) {
  const [open, setOpen] = useState(false);
  const statement = useQuery({
    queryKey: [...dataKeys.calls, 'statement', call.id],
    queryFn: () => readStatement(call.id),
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const self = call.agent === 'console' || call.agent === 'browse';
  const live = call.target === 'live';
  return (
    <li className={cx('border-t border-line py-2', live && 'border-l-2 border-l-live pl-2')}>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <time dateTime={call.at} className="w-28 shrink-0 text-12 text-ink-3">
          {moment(call.at)}
        </time>
        <p className="min-w-0 flex-1 basis-64">
          <b className="font-strong">{call.askedBy?.name ?? 'Somebody'}</b>
          {!self && <span className="text-ink-2"> through {call.agent}</span>} {whatHappened(call)} on{' '}
          <span className={cx(live && 'font-mid text-live-ink')}>{PLACES[call.target]}</span>
          {call.chat && <span className="text-ink-3"> in “{call.chat.title}”</span>}
          {call.agreedBy && <span className="text-ink-3">. Yes by {call.agreedBy.name}</span>}
        </p>
        {call.app && <AppTag app={call.app} />}
        <Button look="bare" data-row="" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide statement' : 'Show statement'}
        </Button>
      </div>
      {open && statement.error && <Notice>{sentenceOf(statement.error)}</Notice>}
      {open && statement.data !== undefined && (
        <section
          tabIndex={0}
          aria-label="The statement"
          className="mt-1 max-h-60 overflow-auto rounded-2 bg-sunken px-3 py-2 font-mono text-12 break-words whitespace-pre-wrap"
        >
          <pre className="font-mono text-12 break-words whitespace-pre-wrap">{statement.data}</pre>
        </section>
      )}
    </li>
  );
}
