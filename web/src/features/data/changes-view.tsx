/** Who changed what and when, by whatever road: one list. What ran is opened on request. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, CircleQuestionMark, Dot, ShieldX, TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import type { ChangeKind, DataApp, DataChange } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { AppTag } from '../../components/tile.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { type ChangeFilter, dataKeys, listChanges, openChange } from './api.ts';
import { type ChangeMark, wordsOfChange } from './change-words.ts';
import { ChatLink } from './chat-link.tsx';
import { moment } from './words.ts';

const SELECT = 'h-8 rounded-2 border border-line-3 bg-raised px-1.5 max-md:h-11 max-md:text-[16px]';

const KINDS: Record<ChangeKind, string> = { rows: 'Rows', tables: 'Tables and releases', settings: 'Settings' };

interface Props {
  apps: DataApp[];
  people: { id: string; name: string }[];
  kind: ChangeKind | undefined;
  onKind: (kind: ChangeKind | undefined) => void;
}

export function ChangesView({ apps, people, kind, onKind }: Props) {
  const [chosen, setFilter] = useState<ChangeFilter>({});
  const filter = { ...chosen, kind, reads: chosen.reads && (kind ?? 'rows') === 'rows' };
  const changes = useInfiniteQuery({
    queryKey: [...dataKeys.changes, filter],
    queryFn: ({ pageParam }) => listChanges(filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const items = changes.data?.pages.flatMap((page) => page.items) ?? [];
  const choose = (more: ChangeFilter) => setFilter({ ...chosen, ...more });
  const tables = [
    ...new Set(
      apps
        .filter(({ app }) => !filter.appId || app.id === filter.appId)
        .flatMap((app) => app.tables.map(({ name }) => name)),
    ),
  ].sort();
  return (
    <div className="grid max-w-[1180px] grid-cols-[minmax(0,1fr)] gap-4">
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
        <select
          aria-label="Kind of change"
          className={SELECT}
          value={kind ?? ''}
          onChange={(event) => onKind((event.target.value || undefined) as ChangeKind | undefined)}
        >
          <option value="">Every kind</option>
          {Object.entries(KINDS).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
        {(kind ?? 'rows') === 'rows' && (
          <label className="flex min-h-8 items-center gap-2 max-md:min-h-11">
            <input
              type="checkbox"
              checked={filter.reads ?? false}
              onChange={(event) => choose({ reads: event.target.checked })}
              className="h-4 w-4 accent-(--ink)"
            />
            Also what was only read
          </label>
        )}
      </div>
      {changes.error && <Notice>{sentenceOf(changes.error)}</Notice>}
      {changes.data && items.length === 0 && (
        <p className="text-ink-2">
          {Object.values(filter).some(Boolean)
            ? 'Nothing fits.'
            : 'Nobody has changed tables, rows or settings yet. What apps write themselves is not listed.'}
        </p>
      )}
      <ul data-list="">
        {items.map((change) => (
          <Change key={`${change.source} ${change.id}`} change={change} />
        ))}
      </ul>
      {changes.hasNextPage && (
        <Button className="justify-self-start" onClick={() => void changes.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </div>
  );
}

/** How it stands, by its shape; the sentence says it too. */
const MARKS: Record<ChangeMark, { Icon: typeof Dot; colour: string }> = {
  done: { Icon: Dot, colour: 'text-ink-3 stroke-4' },
  agreed: { Icon: CircleCheck, colour: 'text-good-ink' },
  waits: { Icon: CircleQuestionMark, colour: 'text-accent' },
  declined: { Icon: X, colour: 'text-ink-3' },
  refused: { Icon: ShieldX, colour: 'text-ink-3' },
  open: { Icon: CircleDashed, colour: 'text-ink-3' },
  trouble: { Icon: TriangleAlert, colour: 'text-bad-ink' },
};

function Mark({ mark }: { mark: ChangeMark }) {
  const { Icon, colour } = MARKS[mark];
  return (
    <Icon
      size={14}
      strokeWidth={1.75}
      className={cx('shrink-0 self-center', colour)}
      data-mark={mark}
      aria-hidden="true"
    />
  );
}

function Change({ change }: { change: DataChange }) {
  const { source, id, at, app, chat } = change;
  const [open, setOpen] = useState(false);
  const ran = useQuery({
    queryKey: [...dataKeys.changes, 'ran', source, id],
    queryFn: () => openChange(source, id),
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const words = wordsOfChange(change);
  const what = source === 'call' ? 'statement' : 'change';
  return (
    <li
      className={cx(
        'border-t border-l-2 border-t-line py-2 pl-2',
        words.live ? 'border-l-live' : 'border-l-transparent',
      )}
    >
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="flex w-32 shrink-0 items-baseline gap-1.5 text-12 text-ink-3">
          <Mark mark={words.mark} />
          <time dateTime={at}>{moment(at)}</time>
        </span>
        <div className="min-w-0 flex-1 basis-64 break-words">
          <p>
            <b className="font-strong">{words.who}</b>
            {words.through && <span className="text-ink-2"> through {words.through}</span>} {words.what}
            {words.at && (
              <>
                {' '}
                {words.at.word} <span className={cx(words.live && 'font-mid text-live-ink')}>{words.at.place}</span>
              </>
            )}
            {chat && (
              <span className="text-ink-3">
                {' '}
                in <ChatLink chat={chat} />
              </span>
            )}
            {words.answer && <span className="text-ink-2">{words.answer}</span>}
          </p>
          {words.more && <p className="text-12 text-ink-2">{words.more}</p>}
        </div>
        {(app || change.opens) && (
          <div className="flex w-72 items-center justify-between gap-2 max-md:w-full">
            {app && <AppTag app={app} />}
            {change.opens && (
              <Button
                look="bare"
                data-row=""
                className="ml-auto shrink-0"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {open ? `Hide ${what}` : `Show ${what}`}
              </Button>
            )}
          </div>
        )}
      </div>
      {open && ran.error && <Notice>{sentenceOf(ran.error)}</Notice>}
      {open && ran.data !== undefined && (
        <section
          tabIndex={0}
          aria-label={`The ${what}`}
          className="mt-1 max-h-60 overflow-auto rounded-2 bg-sunken px-3 py-2 font-mono text-12 break-words whitespace-pre-wrap"
        >
          <pre className="font-mono text-12 break-words whitespace-pre-wrap">{ran.data}</pre>
        </section>
      )}
    </li>
  );
}
