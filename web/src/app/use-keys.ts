/** The keys that work everywhere. None of them is taken from somebody who types, or from a dialog or menu that is open. */
import { useEffect, useRef } from 'react';
import { type Act, useRegistry } from './acts.tsx';
import { stepRow } from './rows.ts';

const GAP_MS = 900;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|button|range)$/.test(target.type)));

/** Something is open that has keys of its own. */
const isCovered = (): boolean =>
  document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;

export function useKeys(openPalette: () => void): void {
  const registry = useRegistry();
  const first = useRef({ key: '', at: 0 });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return openPalette();
      }
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isCovered()) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const before = Date.now() - first.current.at < GAP_MS ? first.current.key : '';
      const typing = isTyping(event.target);
      const acts = registry.all().filter((act) => !act.not && (!typing || act.whileTyping));
      const fits = (keys: string) => (act: Act) => act.keys === keys;
      const act = (before && acts.find(fits(`${before} ${key}`))) || acts.find(fits(key));
      first.current = typing ? { key: '', at: 0 } : { key, at: Date.now() };
      if (act) {
        event.preventDefault();
        first.current = { key: '', at: 0 };
        act.run();
      } else if (!typing && (key === 'j' || key === 'k') && stepRow(key === 'j' ? 1 : -1)) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [registry, openPalette]);
}
