/**
 * What can be done right now. Each screen says which acts it offers; the keyboard and the palette both take them from here, so that what a
 * key does can be found, and what can be found has its key beside it.
 */
import { createContext, type ReactNode, use, useEffect, useMemo, useRef } from 'react';

export interface Act {
  id: string;
  /** the act in words */
  name: string;
  /** other words for it */
  words?: string;
  /** a single key, or two after each other (`g a`) */
  keys?: string;
  /** with this key the act is meant even while somebody types */
  whileTyping?: boolean;
  /** why it cannot be done now */
  not?: string | undefined;
  run: () => void;
}

export class ActRegistry {
  readonly #sets = new Map<symbol, Act[]>();

  set(key: symbol, acts: Act[]): void {
    this.#sets.set(key, acts);
  }

  drop(key: symbol): void {
    this.#sets.delete(key);
  }

  /** All acts; those of the innermost screen come first. */
  all(): Act[] {
    return [...this.#sets.values()].reverse().flat();
  }
}

const ActsContext = createContext<ActRegistry | undefined>(undefined);

export function Acts({ children }: { children: ReactNode }) {
  const registry = useMemo(() => new ActRegistry(), []);
  return <ActsContext value={registry}>{children}</ActsContext>;
}

export function useRegistry(): ActRegistry {
  const registry = use(ActsContext);
  if (!registry) throw new Error('useRegistry outside of Acts');
  return registry;
}

/** Offers acts as long as the component is on the screen. */
export function useActs(acts: Act[]): void {
  const registry = useRegistry();
  const key = useRef(Symbol('acts'));
  useEffect(() => {
    registry.set(key.current, acts);
  });
  useEffect(() => {
    const own = key.current;
    return () => registry.drop(own);
  }, [registry]);
}
