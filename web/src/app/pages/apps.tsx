/** The launcher: open the app one came for in a second; what waits for a person stands first. */
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { ArrowUpRight, Plus, Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { App } from '../../../../contract/apps.ts';
import { Dot } from '../../components/dot.tsx';
import { Notice } from '../../components/notice.tsx';
import { AppTag, Tile } from '../../components/tile.tsx';
import { stateOf } from '../../features/chats/sidebar.tsx';
import { ReleasesDialog } from '../../features/releases/releases-dialog.tsx';
import { api, sentenceOf } from '../../lib/api.ts';
import { ago, count } from '../../lib/text.ts';
import { useMe } from '../session.tsx';
import { DeleteApp, DeletedApps, useDeletedApps } from './app-deletion.tsx';
import { useChats } from './use-chats.ts';

export function AppsPage() {
  const me = useMe();
  const chats = useChats();
  const navigate = useNavigate();
  const apps = useQuery({
    queryKey: ['apps'],
    queryFn: () => api<{ items: App[] }>('GET', '/api/apps').then((page) => page.items),
    enabled: me.containers.length > 0,
    refetchOnWindowFocus: true,
  });
  const [wanted, setWanted] = useState('');
  const [deleting, setDeleting] = useState<App>();
  const [looking, setLooking] = useState<string>();
  const manages = me.containers[0]?.role !== 'member';
  const nothing = apps.data?.length === 0 && chats.data?.length === 0;
  const deleted = useDeletedApps(nothing);
  // who has nothing yet is taken elsewhere: they must not begin to use what goes away again
  if ((nothing && deleted.isLoading) || (me.containers.length > 0 && (apps.isPending || chats.isPending)))
    return <div className="h-full bg-surface" aria-busy="true" />;
  // what can still be brought back must be reached
  if (me.containers.length === 0 || (nothing && !deleted.data?.length)) return <Navigate to="/chats/new" replace />;
  const waiting = (chats.data ?? []).filter(
    (chat) => chat.asks || (chat.status === 'review' && stateOf(chat) === 'review' && chat.transport === 'open'),
  );
  const term = wanted.trim().toLowerCase();
  const all = [...(apps.data ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  const found = all.filter((app) => `${app.name} ${app.description}`.toLowerCase().includes(term));
  const recent = term ? [] : (apps.data ?? []).filter((app) => app.lastOpenedAt && app.state !== 'none').slice(0, 4);
  const looked = all.find(({ id }) => id === looking);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!term) return;
    const first = found[0];
    if (first && first.state !== 'none') openApp(first);
    else void navigate({ to: '/chats/new', search: { say: wanted.trim() } });
  };
  return (
    <div data-list="" className="h-full overflow-y-auto bg-surface">
      <div className="mx-auto grid max-w-[1040px] gap-9 px-6 py-8 max-md:gap-6 max-md:p-4">
        <h1 className="sr">Apps</h1>
        <form onSubmit={submit}>
          <label className="flex h-11 items-center gap-2.5 rounded-3 border border-line-3 bg-raised px-3.5 text-ink-3 focus-within:border-accent focus-within:shadow-[0_0_0_1px_var(--accent)]">
            <Search size={16} aria-hidden="true" />
            <input
              id="app-search"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
              aria-label="Open an app, or say what you would like to exist"
              placeholder="Open an app, or say what you would like to exist"
              className="min-w-0 flex-1 bg-transparent text-15 text-ink focus-visible:shadow-none"
            />
            <kbd className="rounded-1 border border-line-2 px-1 font-mono text-11 leading-4 max-md:hidden">/</kbd>
          </label>
        </form>
        {apps.error && <Notice>{sentenceOf(apps.error)}</Notice>}
        {waiting.length > 0 && !term && (
          <section aria-labelledby="waiting">
            <h2 id="waiting" className="pb-2 text-12 tracking-normal text-ink-3">
              Waiting for you
            </h2>
            <ul className="border-t border-line">
              {waiting.map((chat) => (
                <li key={chat.id} className="border-b border-line">
                  <Link
                    to="/chats/$chatId"
                    params={{ chatId: chat.id }}
                    data-row=""
                    className="flex min-h-10 items-center gap-2.5 px-2 py-1.5 hover:bg-hover max-md:min-h-14"
                  >
                    <Dot state={stateOf(chat)} />
                    <b className="min-w-0 truncate font-strong">{chat.title}</b>
                    <span className="min-w-0 flex-1 truncate text-ink-2 max-md:hidden">
                      {chat.asks ? 'Asks you something' : 'Ready to look at'}
                    </span>
                    <span className="flex-1 md:hidden" />
                    {chat.app && <AppTag app={chat.app} />}
                    <time className="w-12 shrink-0 text-right text-12 text-ink-3" dateTime={chat.updatedAt}>
                      {ago(chat.updatedAt)}
                    </time>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        )}
        {recent.length > 0 && (
          <section aria-labelledby="recent">
            <h2 id="recent" className="pb-2 text-12 tracking-normal text-ink-3">
              Recently used
            </h2>
            <ul className="grid grid-cols-4 gap-3 max-lg:grid-cols-2 max-md:gap-2">
              {recent.map((app) => (
                <li key={app.id}>
                  <button
                    type="button"
                    data-row=""
                    onClick={() => openApp(app)}
                    className="flex w-full items-center gap-3 rounded-3 border border-line bg-raised p-3 text-left hover:bg-hover"
                  >
                    <Tile app={app} size="large" />
                    <span className="min-w-0">
                      <b className="block truncate text-15 font-strong">{app.name}</b>
                      <span className="block truncate text-ink-3">{stateText(app)}</span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <section aria-labelledby="all">
          <h2 id="all" className="flex items-center pb-2 text-12 tracking-normal text-ink-3">
            All apps <span className="flex-1" />
            <Link
              to="/chats/new"
              className="inline-flex h-7 items-center gap-1.5 rounded-2 px-2 text-13 font-mid text-ink-2 hover:bg-hover hover:text-ink max-md:h-11"
            >
              <Plus size={14} aria-hidden="true" /> New app
            </Link>
          </h2>
          {term && found.length === 0 && (
            <p className="py-2 text-ink-2">No app is called that. Press ↵ to start one: “{wanted.trim()}”.</p>
          )}
          <ul className="grid grid-cols-2 gap-x-4 gap-y-1 max-md:grid-cols-1">
            {found.map((app) => (
              <AppEntry
                key={app.id}
                app={app}
                onReleases={() => setLooking(app.id)}
                onDelete={manages ? () => setDeleting(app) : undefined}
              />
            ))}
          </ul>
        </section>
        {manages && <DeletedApps />}
        {deleting && <DeleteApp app={deleting} onClose={() => setDeleting(undefined)} />}
        {looked && (
          <ReleasesDialog
            app={looked}
            mayChoose={manages || looked.mode === 'vibe-coded'}
            onClose={() => setLooking(undefined)}
          />
        )}
      </div>
    </div>
  );
}

/** Opens in a tab of its own; the launcher remembers that it was used. */
function openApp(app: App): void {
  window.open(app.url, '_blank', 'noreferrer');
  void api('POST', `/api/apps/${app.id}/opened`).catch(() => {});
}

/** Whether somebody went back to an older release than the newest that has served. */
const isBehind = ({ serves, release }: App): boolean =>
  serves !== null && release?.state === 'retired' && release.number > serves;

function stateText(app: App): string {
  if (app.release?.state === 'failed') return `Release ${app.release.number} did not come up`;
  if (app.release && ['queued', 'building', 'starting'].includes(app.release.state)) return 'Being built';
  if (app.site?.release?.state === 'failed')
    return `The staging site’s release ${app.site.release.number} did not come up`;
  if (app.state === 'none') return 'Not merged yet';
  if (app.state === 'asleep' || app.state === 'stopping') return 'Asleep, wakes when opened';
  if (app.state === 'failed') return 'Stopped';
  return 'Live';
}

interface EntryProps {
  app: App;
  onReleases: () => void;
  onDelete: (() => void) | undefined;
}

function AppEntry({ app, onReleases, onDelete }: EntryProps) {
  const merged = app.state !== 'none';
  return (
    <li className="grid grid-cols-[40px_1fr] gap-x-3 rounded-3 p-2.5 hover:bg-hover">
      <Tile app={app} size="large" />
      <div className="min-w-0">
        <p className="flex items-center gap-1.5">
          {merged ? (
            <button
              type="button"
              data-row=""
              onClick={() => openApp(app)}
              className="inline-flex min-h-6 min-w-0 items-center gap-1 font-strong hover:underline max-md:min-h-9"
            >
              <span className="truncate">{app.name}</span>{' '}
              <ArrowUpRight size={14} className="shrink-0 text-ink-3" aria-hidden="true" />
              <span className="sr">(opens in a new tab)</span>
            </button>
          ) : (
            <span className="truncate font-strong">{app.name}</span>
          )}
        </p>
        {app.description && <p className="truncate text-ink-2">{app.description}</p>}
        <p className="flex flex-wrap items-center gap-x-2 text-12 text-ink-3">
          {stateText(app)}
          {app.site?.release?.state === 'serving' && (
            <a
              href={app.site.url}
              target="_blank"
              rel="noreferrer"
              className="inline-flex min-h-6 items-center underline decoration-line-2 underline-offset-[3px] hover:text-ink max-md:min-h-9"
            >
              {app.site.release.commit === app.release?.commit && !isBehind(app)
                ? 'Staging site'
                : 'Staging site, ahead of live'}
              <span className="sr"> (opens in a new tab)</span>
            </a>
          )}
          {isBehind(app) && <span>Release {app.serves} serves, a newer one waits</span>}
          {app.openChats > 0 && <span>{count(app.openChats, 'open chat')}</span>}
          <Link
            to="/chats/new"
            search={{ app: app.id }}
            className="inline-flex min-h-6 items-center text-accent-ink underline decoration-accent-line underline-offset-[3px] max-md:min-h-9"
          >
            Change it
          </Link>
          {app.release && (
            <button
              type="button"
              onClick={onReleases}
              aria-label={`Releases of ${app.name}`}
              className="inline-flex min-h-6 items-center underline decoration-line-2 underline-offset-[3px] hover:text-ink max-md:min-h-9"
            >
              Releases
            </button>
          )}
          {onDelete && (
            <button
              type="button"
              onClick={onDelete}
              aria-label={`Delete ${app.name}`}
              className="inline-flex min-h-6 items-center underline decoration-line-2 underline-offset-[3px] hover:text-bad-ink max-md:min-h-9"
            >
              Delete
            </button>
          )}
        </p>
      </div>
    </li>
  );
}
