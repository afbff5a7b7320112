/** Find or do anything: acts of this screen, chats, apps, places and what was said. Loaded when it is first opened. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command, defaultFilter } from 'cmdk';
import { Search } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import type { App } from '../../../contract/apps.ts';
import type { Found } from '../../../contract/chats.ts';
import { Dot } from '../components/dot.tsx';
import { AppTag, Tile } from '../components/tile.tsx';
import { stateOf } from '../features/chats/sidebar.tsx';
import { Snippet } from '../features/chats/snippet.tsx';
import { useSearch } from '../features/chats/use-search.ts';
import { api } from '../lib/api.ts';
import { type Act, useRegistry } from './acts.tsx';
import { useChats } from './pages/use-chats.ts';

/** Letters that lie far apart in a long line fit everything a little. */
const LEAST_FIT = 0.015;

const NEW = 'new chat with these words';
const idOf = (found: Found) => `said ${found.chatId} ${found.turnId} ${found.at}`;

interface Entry {
  id: string;
  words: string[];
  not?: string | undefined;
  run: () => void;
  shows: ReactNode;
}

/** The entries that fit, the best first; all of them in their order when nothing is looked for. */
function fitting(entries: Entry[], wanted: string): { entries: Entry[]; best: number } {
  if (wanted === '') return { entries: entries.filter((entry) => !entry.not), best: 1 };
  const scored = entries
    .map((entry) => ({ entry, fit: Math.max(0, ...entry.words.map((words) => defaultFilter(words, wanted))) }))
    .filter(({ fit }) => fit > LEAST_FIT)
    // what cannot be done now is found, and stands last
    .sort((one, other) => Number(Boolean(one.entry.not)) - Number(Boolean(other.entry.not)) || other.fit - one.fit);
  return { entries: scored.map(({ entry }) => entry), best: scored[0]?.entry.not ? 0.1 : (scored[0]?.fit ?? 0) };
}

const ITEM =
  'flex min-h-9 cursor-pointer items-center gap-2.5 rounded-2 px-2.5 py-1 data-[disabled=true]:cursor-default data-[disabled=true]:text-ink-3 data-[selected=true]:bg-selected max-md:min-h-11';
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:font-strong [&_[cmdk-group-heading]]:text-ink-3';

export default function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="appear fixed inset-0 z-30 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="appear fixed top-[12vh] left-1/2 z-40 w-[min(600px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden rounded-4 border border-line-2 bg-raised shadow-3 max-md:top-3"
        >
          <Dialog.Title className="sr">Find or do anything</Dialog.Title>
          <Contents onClose={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Contents({ onClose }: { onClose: () => void }) {
  const registry = useRegistry();
  const navigate = useNavigate();
  const [acts] = useState<Act[]>(() => registry.all());
  const [wanted, setWanted] = useState('');
  const [chosen, setChosen] = useState('');
  const chats = useChats();
  const apps = useQuery({
    queryKey: ['apps'],
    queryFn: () => api<{ items: App[] }>('GET', '/api/apps').then((page) => page.items),
  });
  const { items } = useSearch(wanted);
  const said = items.filter((item) => item.turnId !== null || item.archived).slice(0, 6);
  // what the act opens must find the focus where it was, not in a palette that is going
  const then = (run: () => void) => () => {
    onClose();
    setTimeout(run, 0);
  };
  const say = wanted.trim();
  const groups: { heading: string; entries: Entry[] }[] = [
    {
      heading: 'Do',
      entries: acts.map((act) => ({
        id: `act ${act.id}`,
        words: [act.name, act.words ?? ''].filter(Boolean),
        not: act.not,
        run: act.run,
        shows: (
          <>
            <span className="min-w-0 flex-1 truncate">{act.name}</span>
            {act.not && <span className="shrink-0 text-12 text-ink-3">{act.not}</span>}
            {act.keys && !act.not && <Keys keys={act.keys} />}
          </>
        ),
      })),
    },
    {
      heading: 'Chats',
      entries: (chats.data ?? []).map((chat) => ({
        id: `chat ${chat.id}`,
        words: [chat.title, ...(chat.app ? [chat.app.name] : [])],
        run: () => void navigate({ to: '/chats/$chatId', params: { chatId: chat.id } }),
        shows: (
          <>
            <Dot state={stateOf(chat)} />
            <span className="min-w-0 flex-1 truncate">{chat.title}</span>
            {chat.app && <AppTag app={chat.app} />}
          </>
        ),
      })),
    },
    {
      heading: 'Apps',
      entries: (apps.data ?? []).flatMap((app) => [
        ...(app.state === 'none'
          ? []
          : [
              {
                id: `open ${app.id}`,
                words: [app.name, `open ${app.name}`],
                run: () => {
                  window.open(app.url, '_blank', 'noreferrer');
                  void api('POST', `/api/apps/${app.id}/opened`).catch(() => {});
                },
                shows: <AppLine app={app} text={`Open ${app.name}`} />,
              },
            ]),
        {
          id: `change ${app.id}`,
          words: [app.name, `change ${app.name}`],
          run: () => void navigate({ to: '/chats/new', search: { app: app.id } }),
          shows: <AppLine app={app} text={`Change ${app.name}`} />,
        },
      ]),
    },
  ];
  const shown = groups
    .map(({ heading, entries }) => ({ heading, ...fitting(entries, say) }))
    .filter(({ entries }) => entries.length > 0);
  if (say !== '') shown.sort((one, other) => other.best - one.best);
  const open = shown.flatMap(({ entries }) => entries).filter((entry) => !entry.not);
  const ids = [...open.map(({ id }) => id), ...said.map(idOf), ...(say === '' ? [] : [NEW])];
  // ↵ does the best that fits, until somebody goes elsewhere; a choice that is not shown any more is none
  // biome-ignore lint/correctness/useExhaustiveDependencies: what comes later must not move the choice
  useEffect(() => setChosen(''), [say]);
  const selected = ids.includes(chosen) ? chosen : (ids[0] ?? '');
  return (
    <Command
      label="Find or do anything"
      value={selected}
      onValueChange={setChosen}
      shouldFilter={false}
      loop
      className="flex max-h-[min(560px,76vh)] flex-col"
    >
      <div className="flex h-12 shrink-0 items-center gap-2.5 border-b border-line px-3.5 text-ink-3">
        <Search size={16} aria-hidden="true" />
        <Command.Input
          autoFocus
          value={wanted}
          onValueChange={setWanted}
          placeholder="Find or do anything"
          className="min-w-0 flex-1 bg-transparent text-15 text-ink focus-visible:shadow-none"
        />
        <kbd className="rounded-1 border border-line-2 px-1 font-mono text-11 leading-4">esc</kbd>
      </div>
      <Command.List className="min-h-0 flex-1 overflow-y-auto p-1.5">
        {shown.map(({ heading, entries }) => (
          <Command.Group key={heading} heading={heading} className={GROUP}>
            {entries.map((entry) => (
              <Command.Item
                key={entry.id}
                value={entry.id}
                disabled={entry.not !== undefined}
                onSelect={then(entry.run)}
                className={ITEM}
              >
                {entry.shows}
              </Command.Item>
            ))}
          </Command.Group>
        ))}
        {said.length > 0 && (
          <Command.Group heading="In messages" className={GROUP}>
            {said.map((item) => (
              <Command.Item
                key={`${item.chatId} ${item.turnId} ${item.at}`}
                value={idOf(item)}
                onSelect={then(
                  () =>
                    void navigate({
                      to: '/chats/$chatId',
                      params: { chatId: item.chatId },
                      search: item.turnId ? { turn: item.turnId } : {},
                    }),
                )}
                className={ITEM}
              >
                <span className="min-w-0 flex-1 truncate">
                  <Snippet runs={item.snippet} />
                </span>
                <span className="max-w-40 shrink-0 truncate text-12 text-ink-3">{item.title}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {say !== '' && (
          <Command.Group heading="New" className={GROUP}>
            <Command.Item
              value={NEW}
              onSelect={then(() => void navigate({ to: '/chats/new', search: { say } }))}
              className={ITEM}
            >
              <span className="min-w-0 flex-1 truncate">
                New chat: <span className="font-mid">“{say}”</span>
              </span>
            </Command.Item>
          </Command.Group>
        )}
      </Command.List>
    </Command>
  );
}

const AppLine = ({ app, text }: { app: App; text: string }) => (
  <>
    <Tile app={app} />
    <span className="min-w-0 flex-1 truncate">{text}</span>
  </>
);

const Keys = ({ keys }: { keys: string }) => (
  <span className="flex shrink-0 gap-1">
    {keys.split(' ').map((key) => (
      <kbd key={key} className="rounded-1 border border-line-2 px-1 font-mono text-11 leading-4 text-ink-3">
        {key === 'Escape' ? 'Esc' : key.toUpperCase()}
      </kbd>
    ))}
  </span>
);
