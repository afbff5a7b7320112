/** Whether there is room for one pane only. */
import { useSyncExternalStore } from 'react';

const query = '(max-width: 820px)';
const watch = (listener: () => void) => {
  const list = matchMedia(query);
  list.addEventListener('change', listener);
  return () => list.removeEventListener('change', listener);
};

export const useIsPhone = (): boolean => useSyncExternalStore(watch, () => matchMedia(query).matches);
