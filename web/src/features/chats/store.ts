/** A chat's thread, kept up to date by live sync. Changes are handed to React once per frame, however many came. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { isDelta, isEvent, type Live } from '../../lib/live.ts';
import { applyDelta, applyEvent, emptyThread, type Thread } from './projection.ts';

class ThreadStore {
  #thread: Thread = emptyThread();
  #listeners = new Set<() => void>();
  #scheduled = false;
  readonly #live: Live;
  readonly #chatId: string;

  constructor(live: Live, chatId: string) {
    this.#live = live;
    this.#chatId = chatId;
  }

  join(): () => void {
    return this.#live.join(`chat:${this.#chatId}`, this.#thread.lastSeq, (data) => {
      if (isDelta(data)) this.#thread = applyDelta(this.#thread, data);
      else if (isEvent(data)) this.#thread = applyEvent(this.#thread, data);
      else return;
      this.#tell();
    });
  }

  read = (): Thread => this.#thread;
  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = () => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    };
    // a tab in the background gets no frames, but its title and dot should move
    if (document.visibilityState === 'visible') requestAnimationFrame(flush);
    else setTimeout(flush, 200);
  }
}

/** The thread of a chat; joins its room while it is on the screen. */
export function useThread(live: Live, chatId: string): Thread {
  const store = useMemo(() => new ThreadStore(live, chatId), [live, chatId]);
  useEffect(() => store.join(), [store]);
  return useSyncExternalStore(store.watch, store.read);
}
