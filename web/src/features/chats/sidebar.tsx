/** All chats, by what they need: what waits for a person stands first. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import type { Chat } from '../../../../contract/chats.ts';
import { cx } from '../../components/cx.ts';
import { Diamond } from '../../components/diamond.tsx';
import { Dot, type DotState } from '../../components/dot.tsx';
import { AppTag } from '../../components/tile.tsx';
import { ago, count } from '../../lib/text.ts';
import { chatKeys, listArchived } from './api.ts';
import { Deleted } from './deleted.tsx';
import { FoundMessages } from './found-messages.tsx';

export function stateOf(chat: Chat): DotState {
  if (chat.asks) return 'asks';
  if (chat.turn && (chat.turn.state === 'running' || chat.turn.state === 'queued')) return 'working';
  return chat.status;
}

const GROUPS = ['Needs you', 'Working', 'Open', 'Approved'] as const;

/** A chat in review that main has all of asks for nothing more. */
function groupOf(chat: Chat): (typeof GROUPS)[number] {
  const state = stateOf(chat);
  if (state === 'asks' || (state === 'review' && chat.transport === 'open')) return 'Needs you';
  if (state === 'working') return 'Working';
  return state === 'approved' ? 'Approved' : 'Open';
}

export function Sidebar({ chats, current, loading }: { chats: Chat[]; current: string | undefined; loading: boolean }) {
  const [wanted, setWanted] = useState('');
  const found = chats.filter((chat) =>
    `${chat.title} ${chat.app?.name ?? ''}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return (
    <aside
      aria-label="Chats"
      data-list=""
      className="flex min-h-0 w-[264px] shrink-0 flex-col gap-2 overflow-y-auto border-r border-line bg-bg p-2 max-md:w-full max-md:border-r-0"
    >
      <Link
        to="/chats/new"
        className="flex h-7 shrink-0 items-center gap-2 rounded-2 border border-line-2 bg-raised px-2.5 font-mid hover:bg-hover max-md:h-11"
      >
        <Plus size={14} aria-hidden="true" /> New chat
        <kbd className="ml-auto rounded-1 border border-line-2 px-1 font-mono text-11 leading-4 text-ink-3 max-md:hidden">
          N
        </kbd>
      </Link>
      <label className="flex h-7 shrink-0 items-center gap-1.5 rounded-2 border border-line-2 bg-surface px-2 text-ink-3 focus-within:border-accent max-md:h-11">
        <Search size={14} aria-hidden="true" />
        <input
          id="chat-search"
          aria-label="Search chats"
          placeholder="Search all chats"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            setWanted('');
          }}
          className="min-w-0 flex-1 bg-transparent text-ink focus-visible:shadow-none"
        />
        <kbd className="rounded-1 border border-line-2 px-1 font-mono text-11 leading-4 text-ink-3 max-md:hidden">
          /
        </kbd>
      </label>
      {!loading && chats.length === 0 && (
        <p className="px-2 py-3 text-ink-3">
          No chats yet. A chat is one piece of work on a copy of its own; nobody sees it until you merge.
        </p>
      )}
      {chats.length > 0 && found.length === 0 && <p className="px-2 py-3 text-ink-3">No open chat is called that.</p>}
      {GROUPS.map((group) => {
        const members = found.filter((chat) => groupOf(chat) === group);
        if (members.length === 0) return null;
        return (
          <section key={group}>
            <h2 className="flex justify-between px-2 pt-2 pb-1 text-12 font-strong tracking-normal text-ink-3">
              {group} <span className="font-text tabular-nums">{members.length}</span>
            </h2>
            <ul>
              {members.map((chat) => (
                <li key={chat.id}>
                  <Link
                    to="/chats/$chatId"
                    params={{ chatId: chat.id }}
                    data-row=""
                    aria-current={chat.id === current ? 'page' : undefined}
                    className={cx(
                      'grid min-h-10 grid-cols-[12px_minmax(0,1fr)_auto] items-center gap-x-2 rounded-2 px-2 py-1.5 max-md:min-h-14',
                      chat.id === current ? 'bg-selected' : 'hover:bg-hover',
                    )}
                  >
                    <Dot state={stateOf(chat)} />
                    <span className="truncate font-mid">{chat.title}</span>
                    <span className="flex items-center gap-1.5">
                      {chat.reminders > 0 && (
                        <>
                          <Diamond />
                          <span className="sr">{count(chat.reminders, 'reminder')},</span>
                        </>
                      )}
                      <time className="text-12 text-ink-3" dateTime={chat.updatedAt}>
                        {ago(chat.updatedAt)}
                      </time>
                    </span>
                    {chat.app && (
                      <span className="col-span-2 col-start-2 flex min-w-0">
                        <AppTag app={chat.app} />
                      </span>
                    )}
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <FoundMessages wanted={wanted} />
      <div className="mt-auto grid gap-1 pt-2">
        <Archived current={current} />
        <Deleted />
      </div>
    </aside>
  );
}

/** What was put away: looked up when somebody asks for it. */
function Archived({ current }: { current: string | undefined }) {
  const [open, setOpen] = useState(false);
  const chats = useQuery({ queryKey: chatKeys.shelf('archived'), queryFn: listArchived, enabled: open });
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer rounded-2 px-2 py-1 text-12 text-ink-3 max-md:py-3">Archived</summary>
      {chats.data?.length === 0 && <p className="px-2 py-1 text-ink-3">Nothing is archived.</p>}
      <ul>
        {chats.data?.map((chat) => (
          <li key={chat.id}>
            <Link
              to="/chats/$chatId"
              params={{ chatId: chat.id }}
              aria-current={chat.id === current ? 'page' : undefined}
              className={cx(
                'grid min-h-8 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-2 rounded-2 px-2 py-1 max-md:min-h-11',
                chat.id === current ? 'bg-selected' : 'hover:bg-hover',
              )}
            >
              <span className="truncate text-ink-2">{chat.title}</span>
              <time className="text-12 text-ink-3" dateTime={chat.updatedAt}>
                {ago(chat.updatedAt)}
              </time>
              {chat.app && <AppTag app={chat.app} />}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}
