/** The screens. Routes compose features; features do not know each other. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { AppsPage } from './pages/apps.tsx';
import { ChatsPage } from './pages/chats.tsx';
import { LoginPage } from './pages/login.tsx';
import { NewChatPage } from './pages/new-chat.tsx';
import { useSession } from './session.tsx';
import { Shell } from './shell.tsx';
import { Waiting } from './waiting.tsx';

// what the first screen does not need comes when it is opened
const ChatPage = lazyRouteComponent(() => import('./pages/chat.tsx'), 'ChatPage');
const DataPage = lazyRouteComponent(() => import('./pages/data.tsx'), 'DataPage');
const SettingsPage = lazyRouteComponent(() => import('./pages/settings.tsx'), 'SettingsPage');
const JoinPage = lazyRouteComponent(() => import('./pages/join.tsx'), 'JoinPage');
const OpenPage = lazyRouteComponent(() => import('./pages/open.tsx'), 'OpenPage');

const root = createRootRoute({ component: Outlet, notFoundComponent: () => <Navigate to="/" /> });

function SignedIn() {
  const { me } = useSession();
  if (me === undefined) return <Waiting />;
  if (me === null)
    return (
      <Navigate
        to="/login"
        search={{ to: location.pathname === '/' ? undefined : location.pathname + location.search }}
        replace
      />
    );
  return <Shell />;
}

const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: SignedIn });
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: LoginPage,
  validateSearch: (search: Record<string, unknown>): { to?: string | undefined } =>
    typeof search.to === 'string' && /^\/(?!\/)/.test(search.to) ? { to: search.to } : {},
});
const join = createRoute({ getParentRoute: () => root, path: '/join', component: JoinPage });
const open = createRoute({
  getParentRoute: () => root,
  path: '/open',
  component: OpenPage,
  validateSearch: (search: Record<string, unknown>) => ({
    host: String(search.host ?? ''),
    nonce: String(search.nonce ?? ''),
    path: String(search.path ?? '/'),
  }),
});
const apps = createRoute({ getParentRoute: () => signedIn, path: '/', component: AppsPage });
const chats = createRoute({ getParentRoute: () => signedIn, path: '/chats', component: ChatsPage });
const newChat = createRoute({
  getParentRoute: () => signedIn,
  path: '/chats/new',
  component: NewChatPage,
  validateSearch: (search: Record<string, unknown>): { app?: string | undefined; say?: string | undefined } => ({
    ...(typeof search.app === 'string' ? { app: search.app } : {}),
    ...(typeof search.say === 'string' ? { say: search.say } : {}),
  }),
});
const chat = createRoute({
  getParentRoute: () => signedIn,
  path: '/chats/$chatId',
  component: ChatPage,
  validateSearch: (search: Record<string, unknown>): { turn?: string | undefined } =>
    typeof search.turn === 'string' && /^[0-9a-f-]{36}$/.test(search.turn) ? { turn: search.turn } : {},
});
const CHANGE_KINDS = ['rows', 'tables', 'settings'] as const;
const DATA_VIEWS = ['tables', 'reminders', 'console', 'calls', 'rules'] as const;
const DATA_PLACES = ['staging', 'site', 'live'] as const;
interface DataSearch {
  kind?: (typeof CHANGE_KINDS)[number];
  view?: (typeof DATA_VIEWS)[number];
  app?: string;
  table?: string;
  place?: (typeof DATA_PLACES)[number];
}
const data = createRoute({
  getParentRoute: () => signedIn,
  path: '/data',
  component: DataPage,
  validateSearch: (search: Record<string, unknown>): DataSearch => {
    const view = DATA_VIEWS.find((one) => one === search.view);
    const place = DATA_PLACES.find((one) => one === search.place);
    const kind = CHANGE_KINDS.find((one) => one === search.kind);
    return {
      ...(view ? { view } : {}),
      ...(typeof search.app === 'string' ? { app: search.app } : {}),
      // a table may be called 2024
      ...(search.table !== undefined ? { table: String(search.table) } : {}),
      ...(place ? { place } : {}),
      ...(kind ? { kind } : {}),
    };
  },
});
const settings = createRoute({ getParentRoute: () => signedIn, path: '/settings', component: SettingsPage });
const start = createRoute({
  getParentRoute: () => root,
  path: '/index.html',
  beforeLoad: () => {
    throw redirect({ to: '/' });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    signedIn.addChildren([apps, chats, newChat, chat, data, settings]),
    login,
    join,
    open,
    start,
  ]),
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
