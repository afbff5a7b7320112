/** The top bar that never scrolls away, and what is reached from everywhere: the palette and the keys. */
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Boxes, LogOut, Search, Settings, SunMoon, WifiOff } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { cx } from '../components/cx.ts';
import { Mark } from '../components/mark.tsx';
import { FrozenStrip } from '../features/data/freeze.tsx';
import { initials } from '../lib/text.ts';
import { readTheme, setTheme, type Theme } from '../lib/theme.ts';
import { Acts } from './acts.tsx';
import { ContainerMenu } from './container-menu.tsx';
import { useMe, useSession } from './session.tsx';
import { useShellActs } from './shell-acts.ts';
import { useKeys } from './use-keys.ts';

// not part of the first load
const Palette = lazy(() => import('./palette.tsx'));
const NewContainer = lazy(() => import('./new-container.tsx'));
const KeyboardMap = lazy(() => import('./keyboard-map.tsx'));

export const Shell = () => (
  <Acts>
    <Frame />
  </Acts>
);

function Frame() {
  const me = useMe();
  const { live } = useSession();
  const client = useQueryClient();
  const containerId = me.containers[0]?.id;
  useEffect(() => {
    if (!containerId) return;
    return live.join(`container:${containerId}`, 0, (data) => {
      if (data.type === 'container.changed') void client.invalidateQueries({ queryKey: ['me'] });
    });
  }, [containerId, live, client]);
  const state = useSyncExternalStore(live.watch, () => live.state);
  const path = useRouterState({ select: (router) => router.location.pathname });
  const [over, setOver] = useState<'palette' | 'keys' | 'container'>();
  const openPalette = useCallback(() => setOver('palette'), []);
  const close = () => setOver(undefined);
  const several = me.containers.length > 1;
  useShellActs(
    () => setOver('keys'),
    () => setOver('container'),
  );
  useKeys(openPalette);
  return (
    <div className="flex h-dvh flex-col overflow-hidden">
      <a
        href="#main"
        className="sr focus:not-sr focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-2 focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line bg-bg px-3">
        <Link to="/" className="flex h-8 items-center gap-2 rounded-2 px-1.5 font-strong">
          <Mark />
          {several ? (
            <span className="sr">Vibe: all apps</span>
          ) : (
            <>
              <span className="max-w-48 truncate max-md:sr">{me.containers[0]?.name ?? 'Vibe'}</span>
              <span className="sr">: all apps</span>
            </>
          )}
        </Link>
        {several && <ContainerMenu onNew={me.owner ? () => setOver('container') : undefined} />}
        <nav aria-label="Screens" className="ml-3 flex gap-0.5 max-md:ml-1">
          {[
            { to: '/' as const, name: 'Apps', on: path === '/' },
            { to: '/chats' as const, name: 'Chats', on: path.startsWith('/chats') },
            { to: '/data' as const, name: 'Data', on: path === '/data' },
          ].map(({ to, name, on }) => (
            <Link
              key={to}
              to={to}
              aria-current={on ? 'page' : undefined}
              className={cx(
                'flex h-7 items-center rounded-2 px-2.5 font-mid max-md:h-9',
                on ? 'bg-selected' : 'text-ink-2 hover:bg-hover hover:text-ink',
              )}
            >
              {name}
            </Link>
          ))}
        </nav>
        <span className="flex-1" />
        {state === 'lost' && (
          <span role="status" className="flex items-center gap-1.5 text-12 text-ink-2">
            <WifiOff size={13} aria-hidden="true" />{' '}
            <span className="max-md:sr">Offline. It connects again by itself.</span>
          </span>
        )}
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={openPalette}
          className="flex h-7 items-center gap-2 rounded-2 border border-line-2 bg-surface px-2 text-ink-3 hover:bg-hover max-md:h-11 max-md:w-11 max-md:justify-center max-md:border-transparent max-md:bg-transparent"
        >
          <Search size={14} aria-hidden="true" />
          <span className="max-md:sr">Find or do</span>
          <kbd className="rounded-1 border border-line-2 px-1 font-mono text-11 leading-4 max-md:hidden">
            {/Mac|iPhone|iPad/.test(navigator.platform) ? '⌘K' : 'Ctrl K'}
          </kbd>
        </button>
        <UserMenu onNewContainer={() => setOver('container')} />
      </header>
      {me.containers[0]?.frozen && (
        <FrozenStrip container={me.containers[0]}>
          {path !== '/data' && (
            <Link to="/data" className="font-mid underline underline-offset-[3px]">
              Look at Data
            </Link>
          )}
        </FrozenStrip>
      )}
      <main id="main" className="min-h-0 flex-1">
        <Outlet />
      </main>
      <Suspense>
        {over === 'palette' && <Palette open onClose={close} />}
        {over === 'container' && <NewContainer onClose={close} />}
        {over === 'keys' && <KeyboardMap open onClose={close} />}
      </Suspense>
    </div>
  );
}

function UserMenu({ onNewContainer }: { onNewContainer: () => void }) {
  const me = useMe();
  const { leave } = useSession();
  const navigate = useNavigate();
  const [theme, choose] = useState<Theme>(readTheme);
  const item = 'flex h-[34px] items-center gap-2.5 rounded-2 px-2 outline-none data-[highlighted]:bg-hover max-md:h-11';
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="grid h-8 w-8 place-items-center rounded-full max-md:h-11 max-md:w-11">
        <span className="sr">{me.user.name}: settings and sign-out</span>
        <span
          aria-hidden="true"
          className="grid h-[26px] w-[26px] place-items-center rounded-full bg-selected text-[10px] font-strong text-ink-2"
        >
          {initials(me.user.name)}
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="appear z-40 w-60 rounded-3 border border-line-2 bg-raised p-1 shadow-2"
        >
          <DropdownMenu.Label className="px-2 py-1.5">
            <span className="block truncate font-strong">{me.user.name}</span>
            <span className="block truncate text-12 text-ink-3">{me.user.email}</span>
          </DropdownMenu.Label>
          <DropdownMenu.Item className={item} onSelect={() => void navigate({ to: '/settings' })}>
            <Settings size={14} aria-hidden="true" /> Settings
          </DropdownMenu.Item>
          {me.owner && (
            <DropdownMenu.Item className={item} onSelect={onNewContainer}>
              <Boxes size={14} aria-hidden="true" /> New container
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item
            className={item}
            onSelect={(event) => {
              event.preventDefault();
              const next: Theme = theme === 'system' ? 'light' : theme === 'light' ? 'dark' : 'system';
              setTheme(next);
              choose(next);
            }}
          >
            <SunMoon size={14} aria-hidden="true" /> Theme: {theme === 'system' ? 'as the system' : theme}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void leave().then(() => navigate({ to: '/login' }))}>
            <LogOut size={14} aria-hidden="true" /> Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
