/** The acts that every screen offers. */
import { useNavigate } from '@tanstack/react-router';
import { setTheme } from '../lib/theme.ts';
import { useActs } from './acts.tsx';
import { useMe, useSession } from './session.tsx';

const SECTIONS = [
  ['account', 'Account', 'password sign-in'],
  ['container', 'Container', 'name address'],
  ['people', 'People', 'invite members roles'],
  ['models', 'Models', 'key anthropic claude'],
  ['limits', 'Limits', 'money cost spending budget'],
  ['server', 'Server', 'registration accounts'],
] as const;

const DATA_VIEWS = [
  ['console', 'SQL console', 'query statement select'],
  ['calls', 'Who did what', 'audit changes history statements'],
  ['rules', 'Rules', 'allow ask deny permissions'],
] as const;

export function useShellActs(showKeys: () => void, newContainer: () => void): void {
  const navigate = useNavigate();
  const { leave, visit } = useSession();
  const { owner, containers } = useMe();
  useActs([
    { id: 'new', name: 'New chat', words: 'begin make app', keys: 'n', run: () => void navigate({ to: '/chats/new' }) },
    { id: 'search', name: 'Search', words: 'find look for messages', keys: '/', run: () => focusSearch(navigate) },
    { id: 'apps', name: 'Go to apps', words: 'launcher home', keys: 'g a', run: () => void navigate({ to: '/' }) },
    { id: 'chats', name: 'Go to chats', keys: 'g c', run: () => void navigate({ to: '/chats' }) },
    {
      id: 'data',
      name: 'Go to data',
      words: 'databases tables rows',
      keys: 'g b',
      run: () => void navigate({ to: '/data' }),
    },
    ...DATA_VIEWS.map(([view, name, words]) => ({
      id: `data-${view}`,
      name: `Data: ${name}`,
      words,
      run: () => void navigate({ to: '/data', search: { view } }),
    })),
    { id: 'settings', name: 'Go to settings', keys: 'g s', run: () => void navigate({ to: '/settings' }) },
    ...SECTIONS.filter(([id]) => id !== 'server' || owner).map(([id, name, words]) => ({
      id: `settings-${id}`,
      name: `Settings: ${name}`,
      words,
      run: () => void navigate({ to: '/settings', hash: id }),
    })),
    ...containers.slice(1).map(({ id, name }) => ({
      id: `visit-${id}`,
      name: `Go to container: ${name}`,
      words: 'switch change',
      run: () => void navigate({ to: '/' }).then(() => visit(id)),
    })),
    ...(owner
      ? [{ id: 'container', name: 'New container', words: 'customer environment add', run: newContainer }]
      : []),
    { id: 'light', name: 'Theme: light', words: 'colour bright day', run: () => setTheme('light') },
    { id: 'dark', name: 'Theme: dark', words: 'colour night', run: () => setTheme('dark') },
    { id: 'system', name: 'Theme: as the system', words: 'colour', run: () => setTheme('system') },
    { id: 'keys', name: 'Keyboard', words: 'shortcuts keys help', keys: '?', run: showKeys },
    {
      id: 'leave',
      name: 'Sign out',
      words: 'log out leave',
      run: () => void leave().then(() => navigate({ to: '/login' })),
    },
  ]);
}

/** The search of this screen, or that of the chats where there is none. */
function focusSearch(navigate: ReturnType<typeof useNavigate>): void {
  const find = () => document.querySelector<HTMLInputElement>('#chat-search, #app-search');
  const here = find();
  if (here) return here.focus();
  void navigate({ to: '/chats' }).then(() => setTimeout(() => find()?.focus(), 100));
}
