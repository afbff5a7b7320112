/**
 * Runs in every page of a preview that the platform shows in its frame, and tells the platform two things: what went wrong here, and which
 * element a person points at. It gives the app nothing that it has not: the platform believes none of it.
 */
(() => {
  const platform = document.currentScript?.dataset.platform;
  if (!platform || parent === window) return;
  const tell = (message) => parent.postMessage(message, platform);
  const cut = (text, length) => String(text ?? '').slice(0, length);
  const APP_FILE = /^(?!\/)(?!.*\.\.)[\w@+()[\]./ -]+$/;

  // ---- what went wrong ----
  const MOST = 30;
  const seen = new Set();

  /** Where a line of served code stands in its source, by the map that the dev server puts at its end. */
  async function inSource(url, line, column) {
    const file = decodeURIComponent(new URL(url).pathname.slice(1));
    try {
      const code = await (await fetch(url, { cache: 'force-cache' })).text();
      const [, packed] =
        /\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([\w+/=]+)\s*$/.exec(code) ?? [];
      if (!packed) return { file, line };
      const { mappings } = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0))));
      return { file, line: sourceLine(mappings, line, column) ?? line };
    } catch {
      return { file, line };
    }
  }

  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  /** The source's line (from 1) of a place in generated code; source maps are base64 VLQ, relative to what came before. */
  function sourceLine(mappings, line, column) {
    let source = 0;
    let found;
    const rows = mappings.split(';');
    for (let row = 0; row < Math.min(rows.length, line); row++) {
      let at = 0;
      for (const segment of rows[row].split(',')) {
        const numbers = [];
        let value = 0;
        let shift = 0;
        for (const digit of segment) {
          const bits = DIGITS.indexOf(digit);
          value += (bits & 31) << shift;
          shift += 5;
          if (bits & 32) continue;
          numbers.push(value & 1 ? -(value >> 1) : value >> 1);
          value = 0;
          shift = 0;
        }
        if (numbers.length < 4) continue;
        at += numbers[0];
        source += numbers[2];
        if (row === line - 1 && (found === undefined || at < column)) found = source + 1;
      }
    }
    return found;
  }

  /** The first place of a stack that is the app's own code. */
  function placeOf(stack) {
    for (const [, url, line, column] of stack.matchAll(/(https?:\/\/[^\s)]+?):(\d+):(\d+)/g)) {
      if (url.startsWith(`${location.origin}/src/`)) return { url, line: Number(line), column: Number(column) };
    }
    return undefined;
  }

  async function report(message, stack, at) {
    const text = cut(message, 500).trim();
    const key = `${text} ${stack}`;
    if (!text || seen.size >= MOST || seen.has(key)) return;
    seen.add(key);
    const found = placeOf(stack) ?? at;
    const place = found ? await inSource(found.url, found.line, found.column) : undefined;
    const known = place && APP_FILE.test(place.file) && place.line >= 1;
    const short = stack.replaceAll(location.origin, '').replace(/\?[tv]=[\w.]+/g, '');
    tell({
      type: 'vibe-problem',
      problem: {
        message: text,
        stack: cut(short, 2000),
        file: known ? cut(place.file, 300) : null,
        line: known ? place.line : null,
      },
    });
  }

  const wordsOf = (value) => {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value === 'object' && value !== null) {
      try {
        return JSON.stringify(value);
      } catch {
        return Object.prototype.toString.call(value);
      }
    }
    return String(value);
  };
  addEventListener('error', (event) => {
    if (!(event instanceof ErrorEvent)) return;
    const own = event.filename?.startsWith(`${location.origin}/src/`);
    const at = own ? { url: event.filename, line: event.lineno, column: event.colno } : undefined;
    void report(event.error ? wordsOf(event.error) : event.message, String(event.error?.stack ?? ''), at);
  });
  addEventListener(
    'unhandledrejection',
    (event) => void report(wordsOf(event.reason), String(event.reason?.stack ?? '')),
  );
  const said = console.error;
  console.error = (...values) => {
    said.apply(console, values);
    try {
      const error = values.find((value) => value instanceof Error);
      void report(
        values.map(wordsOf).join(' '),
        String(error?.stack ?? new Error('here').stack?.split('\n').slice(2).join('\n') ?? ''),
      );
    } catch {
      // an app's own log must never fail because of us
    }
  };

  // ---- where one is ----
  let told = '';
  const tellPlace = () => {
    const path = location.pathname + location.search;
    if (path === told) return;
    told = path;
    tell({ type: 'vibe-page', path });
  };
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name];
    history[name] = function (...rest) {
      const result = original.apply(this, rest);
      tellPlace();
      return result;
    };
  }
  addEventListener('popstate', tellPlace);
  tellPlace();
  // the app's own page for what is not there says so in its head
  let missing = false;
  const tellMissing = () => {
    const now = document.querySelector('meta[name="vibe-missing"]') !== null;
    if (now && !missing) tell({ type: 'vibe-missing', path: location.pathname + location.search });
    missing = now;
  };
  addEventListener('DOMContentLoaded', () => {
    new MutationObserver(tellMissing).observe(document.head, { childList: true });
    tellMissing();
  });

  // ---- pointing ----
  const ROLES = {
    a: 'link',
    button: 'button',
    h1: 'heading',
    h2: 'heading',
    h3: 'heading',
    h4: 'heading',
    img: 'img',
    input: 'textbox',
    li: 'listitem',
    nav: 'navigation',
    main: 'main',
    select: 'combobox',
    table: 'table',
    td: 'cell',
    th: 'columnheader',
    textarea: 'textbox',
    ul: 'list',
    form: 'form',
  };
  let picking;

  const nameOf = (element) =>
    cut(
      (
        element.getAttribute('aria-label') ||
        element.getAttribute('alt') ||
        element.labels?.[0]?.innerText ||
        element.getAttribute('placeholder') ||
        element.innerText ||
        element.getAttribute('title') ||
        ''
      )
        .replace(/\s+/g, ' ')
        .trim(),
      200,
    );
  const roleOf = (element) =>
    cut((element.getAttribute('role') || ROLES[element.localName] || '').replace(/[^a-z]/g, ''), 40);

  function selectorOf(element) {
    const parts = [];
    for (let one = element; one && one !== document.documentElement; one = one.parentElement) {
      if (one === document.body) {
        parts.unshift('body');
        break;
      }
      const alike = [...(one.parentElement?.children ?? [])].filter((other) => other.localName === one.localName);
      parts.unshift(`${one.localName}:nth-of-type(${alike.indexOf(one) + 1})`);
    }
    return parts.join(' > ');
  }

  /** Svelte's dev build writes on each element where it stands in its file. */
  function sourceOf(element) {
    for (let one = element; one; one = one.parentElement) {
      const loc = one.__svelte_meta?.loc;
      const file = typeof loc?.file === 'string' ? loc.file.replace(/^\/?(?:w\/app\/)?/, '') : '';
      if (APP_FILE.test(file) && Number.isInteger(loc.line) && loc.line >= 1)
        return { file: cut(file, 300), line: loc.line };
    }
    return { file: null, line: null };
  }

  const isVisible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== 'hidden';
  };
  /** What the Tab key goes through: what can be used, what is read, what is seen. */
  const stops = () =>
    [...document.body.querySelectorAll('*')].filter(
      (element) =>
        element !== picking?.host &&
        (/^(a|button|input|select|textarea|img|svg|h[1-6]|th|td|label|li|p)$/.test(element.localName) ||
          [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')) &&
        isVisible(element),
    );

  function begin() {
    if (picking) return;
    const host = document.createElement('div');
    const shade = host.attachShadow({ mode: 'closed' });
    Object.assign(host.style, { position: 'fixed', inset: '0', zIndex: '2147483647', pointerEvents: 'none' });
    const box = document.createElement('div');
    Object.assign(box.style, {
      position: 'fixed',
      display: 'none',
      boxSizing: 'border-box',
      border: '2px solid #00768f',
      borderRadius: '3px',
      background: 'rgba(0, 118, 143, .14)',
      pointerEvents: 'none',
    });
    const label = document.createElement('div');
    label.setAttribute('role', 'status');
    Object.assign(label.style, {
      position: 'fixed',
      display: 'none',
      maxWidth: '70vw',
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
      padding: '2px 7px',
      borderRadius: '3px',
      background: '#00566b',
      color: '#fff',
      font: '500 12px/18px system-ui, sans-serif',
    });
    shade.append(box, label);
    document.documentElement.append(host);
    const pointer = document.createElement('style');
    pointer.textContent = '*{cursor:crosshair!important}';
    document.head?.append(pointer);
    picking = { host, box, label, pointer, element: undefined };
    for (const [name, handler] of HANDLERS) addEventListener(name, handler, { capture: true, passive: false });
  }

  function finish(tellIt) {
    if (!picking) return;
    for (const [name, handler] of HANDLERS) removeEventListener(name, handler, { capture: true });
    picking.host.remove();
    picking.pointer.remove();
    picking = undefined;
    if (tellIt) tell({ type: 'vibe-pick-ended' });
  }

  function show(element) {
    if (!picking || !element || element === document.documentElement) return;
    picking.element = element;
    const { box, label } = picking;
    const at = element.getBoundingClientRect();
    Object.assign(box.style, {
      display: 'block',
      left: `${at.left}px`,
      top: `${at.top}px`,
      width: `${at.width}px`,
      height: `${at.height}px`,
    });
    label.textContent = [roleOf(element) || element.localName, nameOf(element).slice(0, 60)]
      .filter(Boolean)
      .join(' · ');
    const above = at.top > 24 ? at.top - 24 : Math.min(at.bottom + 3, innerHeight - 24);
    Object.assign(label.style, {
      display: 'block',
      left: `${Math.max(2, Math.min(at.left, innerWidth - 120))}px`,
      top: `${Math.max(2, above)}px`,
    });
  }

  /** Until Svelte has taken the page over, nothing of it says where it stands. A page that is none of Svelte's is not waited for long. */
  const TAKEN_OVER_MS = 10_000;
  async function whenTakenOver() {
    const end = Date.now() + TAKEN_OVER_MS;
    const taken = () => [...document.body.querySelectorAll('*')].some((element) => element.__svelte_meta);
    while (!taken() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async function choose(element) {
    if (!element || !/^[a-z][a-z0-9-]{0,40}$/.test(element.localName)) return finish(true);
    finish(false);
    const selector = selectorOf(element);
    const about = {
      path: location.pathname + location.search,
      selector,
      tag: element.localName,
      role: roleOf(element),
      name: nameOf(element),
      viewport: { width: innerWidth, height: innerHeight },
    };
    await whenTakenOver();
    const now = element.isConnected ? element : document.querySelector(selector);
    tell({ type: 'vibe-picked', element: { ...sourceOf(now), ...about } });
  }

  const hold = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const under = (event) => document.elementFromPoint(event.clientX, event.clientY);
  const HANDLERS = [
    ['pointermove', (event) => show(under(event))],
    ...['pointerdown', 'pointerup', 'mousedown', 'mouseup', 'dblclick', 'contextmenu', 'submit'].map((name) => [
      name,
      hold,
    ]),
    [
      'click',
      (event) => {
        hold(event);
        // a key that presses a button is no click
        choose(event.detail === 0 ? picking?.element : under(event));
      },
    ],
    ['scroll', () => show(picking?.element)],
    [
      'keydown',
      (event) => {
        const { key } = event;
        if (!['Escape', 'Enter', 'Tab', 'ArrowUp', 'ArrowDown'].includes(key)) return;
        hold(event);
        if (key === 'Escape') return finish(true);
        if (key === 'Enter') return choose(picking?.element);
        const now = picking?.element;
        let next;
        if (key === 'ArrowUp') next = now?.parentElement === document.body ? now : now?.parentElement;
        else if (key === 'ArrowDown') next = now?.firstElementChild;
        else {
          const all = stops();
          const at = all.indexOf(now);
          next = all[(at + (event.shiftKey ? -1 + all.length : 1)) % all.length] ?? all[0];
        }
        next?.scrollIntoView({ block: 'nearest' });
        show(next);
      },
    ],
  ];
  addEventListener('message', (event) => {
    if (event.source !== parent || event.origin !== platform || event.data?.type !== 'vibe-pick') return;
    if (event.data.on) begin();
    else finish(false);
  });
})();
