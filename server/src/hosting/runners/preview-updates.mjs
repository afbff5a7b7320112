/**
 * What changes in an app's files reaches the page that shows it, whenever it comes. Vite alone loses two kinds of change: of a file that the
 * browser has no module of, and whatever comes while a page is still loading. The page then shows what was, and nothing tells it.
 */
import { readFileSync } from 'node:fs';

const SERVER_CHANGED = 'vibe:server-changed';
const SHOWN = 'vibe:shown';
const OUT_OF_DATE = 'vibe:out-of-date';
const late = readFileSync(new URL('./preview-late.js', import.meta.url), 'utf8')
  .replaceAll('SHOWN', `'${SHOWN}'`)
  .replaceAll('OUT_OF_DATE', `'${OUT_OF_DATE}'`);

/** What tells pages that something changed, among all that Vite and SvelteKit send them. */
const tellsOfChange = ({ type, event }) =>
  type === 'update' || type === 'full-reload' || (type === 'custom' && event === SERVER_CHANGED);
/** The number of the last of these: a page that was asked for before it is out of date. No two processes count from the same number. */
let changes = Date.now();

/** @returns the number of the last change that a page shows for sure that is asked for now */
export const currentChange = () => changes;

/** Vite's plugin. */
export const updates = {
  name: 'vibe:updates',
  configureServer(server) {
    const { hot } = server.environments.client;
    const send = hot.send.bind(hot);
    hot.send = (message, ...rest) => {
      if (tellsOfChange(message)) changes++;
      return send(message, ...rest);
    };
    hot.on(SHOWN, (shown, page) => {
      if (Number.isInteger(shown) && shown < changes) page.send({ type: 'custom', event: OUT_OF_DATE });
    });
  },
  hotUpdate: {
    order: 'post',
    /**
     * A change of a file that the browser has no module of (a server load, a query) would not be seen: the page is asked to load its data
     * anew, which keeps what the person has typed. Only a page that is not SvelteKit's is reloaded whole.
     */
    handler({ file, modules, server }) {
      if (this.environment.name !== 'ssr' || modules.length === 0) return;
      const client = server.environments.client;
      // Tailwind's scan leaves an entry without id for each file that it read.
      const known = [...(client.moduleGraph.getModulesByFile(file) ?? [])].some((one) => one.id !== null);
      if (!known) client.hot.send({ type: 'custom', event: SERVER_CHANGED });
    },
  },
  transform: {
    filter: { id: [/@sveltejs\/kit\/src\/runtime\/client\/entry\.js/, /\/vite\/dist\/client\/client\.mjs/] },
    handler(code, id) {
      return { code: `${code}\n${id.includes('/vite/') ? late : renewal(code)}\n`, map: null };
    },
  },
};

/** For SvelteKit's own code in the browser: a page has no data to load anew until it has started, so it does that then. */
function renewal(code) {
  const starts = code.includes('export async function start(');
  return `if (import.meta.hot) {
  let lives = ${!starts};
  let missed = false;
  const renew = () => import('$app/navigation').then((kit) => kit.invalidateAll());
  import.meta.hot.on('${SERVER_CHANGED}', () => (lives ? renew() : (missed = true)));
  ${
    starts
      ? `const begin = start;
  start = async (...given) => {
    await begin(...given);
    lives = true;
    if (missed) await renew();
  };`
      : ''
  }
  globalThis.vibeShown?.();
}`;
}
