/** Find or do anything: acts of this screen, chats, apps, places and what was said. Loaded when it is first opened. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command, defaultFilter } from 'cmdk';
import { Search } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import type { App } from '../../../contract/apps.ts';
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
const fits = (_value: string, search: string, keywords?: string[]): number => {
  const fit = Math.max(0, ...(keywords ?? []).map((words) => defaultFilter(words, search)));
  return fit > LEAST_FIT ? fit : 0;
};
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
  return (
    <Command label="Find or do anything" filter={fits} loop className="flex max-h-[min(560px,76vh)] flex-col">
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
        <Command.Empty className="px-2.5 py-4 text-ink-2">Nothing is called that.</Command.Empty>
        <Command.Group heading="Do" className={GROUP}>
          {acts
            .filter((act) => say !== '' || !act.not)
            .map((act) => (
              <Item
                key={act.id}
                id={`act ${act.id}`}
                words={[act.name, act.words ?? '']}
                disabled={act.not !== undefined}
                onSelect={then(act.run)}
              >
                <span className="min-w-0 flex-1 truncate">{act.name}</span>
                {act.not && <span className="shrink-0 text-12 text-ink-3">{act.not}</span>}
                {act.keys && !act.not && <Keys keys={act.keys} />}
              </Item>
            ))}
        </Command.Group>
        <Command.Group heading="Chats" className={GROUP}>
          {chats.data?.map((chat) => (
            <Item
              key={chat.id}
              id={`chat ${chat.id}`}
              words={[chat.title, chat.app?.name ?? '']}
              onSelect={then(() => void navigate({ to: '/chats/$chatId', params: { chatId: chat.id } }))}
            >
              <Dot state={stateOf(chat)} />
              <span className="min-w-0 flex-1 truncate">{chat.title}</span>
              {chat.app && <AppTag app={chat.app} />}
            </Item>
          ))}
        </Command.Group>
        <Command.Group heading="Apps" className={GROUP}>
          {apps.data?.flatMap((app) => [
            ...(app.state === 'none'
              ? []
              : [
                  <Item
                    key={app.id}
                    id={`app ${app.id}`}
                    words={[app.name, `open ${app.name}`, app.description]}
                    onSelect={then(() => {
                      window.open(app.url, '_blank', 'noreferrer');
                      void api('POST', `/api/apps/${app.id}/opened`).catch(() => {});
                    })}
                  >
                    <Tile app={app} />
                    <span className="min-w-0 flex-1 truncate">Open {app.name}</span>
                  </Item>,
                ]),
            <Item
              key={`${app.id} change`}
              id={`change ${app.id}`}
              words={[app.name, `change ${app.name}`]}
              onSelect={then(() => void navigate({ to: '/chats/new', search: { app: app.id } }))}
            >
              <Tile app={app} />
              <span className="min-w-0 flex-1 truncate">Change {app.name}</span>
            </Item>,
          ])}
        </Command.Group>
        {said.length > 0 && (
          <Command.Group heading="In messages" forceMount className={GROUP}>
            {said.map((item) => (
              <Command.Item
                key={`${item.chatId} ${item.turnId} ${item.at}`}
                value={`said ${item.chatId} ${item.turnId} ${item.at}`}
                forceMount
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
          <Command.Group heading="New" forceMount className={GROUP}>
            <Command.Item
              value="new chat with these words"
              forceMount
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

const Item = ({
  id,
  words,
  disabled = false,
  onSelect,
  children,
}: {
  id: string;
  words: string[];
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) => (
  <Command.Item value={id} keywords={words.filter(Boolean)} disabled={disabled} onSelect={onSelect} className={ITEM}>
    {children}
  </Command.Item>
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
