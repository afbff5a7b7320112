// Added to the end of Vite's own code in the browser, where `hmrClient` and `createHotContext` are.
{
  const hot = createHotContext('/@vibe/updates');

  // What changed between the making of this page and this moment was sent to nobody: the server says whether there was something.
  const shown = Number(document.querySelector('script[data-change]')?.dataset.change ?? Number.NaN);
  globalThis.vibeShown = () => {
    if (Number.isInteger(shown)) hot.send(SHOWN, shown);
  };
  globalThis.vibeShown();
  hot.on(OUT_OF_DATE, () => {
    // a page that comes from the app's own service worker is as old again: once is enough
    const place = `${OUT_OF_DATE} ${location.href}`;
    try {
      if (sessionStorage.getItem(place) === String(shown)) return;
      sessionStorage.setItem(place, String(shown));
    } catch {
      // nothing can be kept here: what was loaded anew is left as it is
      if (performance.getEntriesByType('navigation')[0]?.type === 'reload') return;
    }
    location.reload();
  });

  // Vite drops what it is told of a module that has not run yet, though the browser may have got the old one: it is told again when it has.
  const PATIENCE_MS = 20_000;
  const late = new Map();
  let looking;
  const look = () => {
    for (const [key, { update, until }] of late) {
      const runs = hmrClient.hotModulesMap.has(update.path);
      if (runs) void hmrClient.queueUpdate(update);
      if (runs || performance.now() > until) late.delete(key);
    }
    if (late.size === 0) looking = clearInterval(looking);
  };
  hot.on('vite:beforeUpdate', ({ updates }) => {
    for (const update of updates) {
      if (update.type !== 'js-update' || hmrClient.hotModulesMap.has(update.path)) continue;
      late.set(`${update.path} ${update.acceptedPath}`, { update, until: performance.now() + PATIENCE_MS });
      looking ??= setInterval(look, 50);
    }
  });
}
