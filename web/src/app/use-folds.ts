/** Which panes of a chat are folded away; remembered in this browser. */
import { useState } from 'react';

export interface Folds {
  chats: boolean;
  preview: boolean;
}
const KEY = 'vibe-folds';

export function useFolds(): [Folds, (pane: keyof Folds) => void] {
  const [folds, setFolds] = useState<Folds>(() => {
    const kept = localStorage.getItem(KEY) ?? '';
    return { chats: kept.includes('chats'), preview: kept.includes('preview') };
  });
  return [
    folds,
    (pane) => {
      const next = { ...folds, [pane]: !folds[pane] };
      localStorage.setItem(KEY, [next.chats && 'chats', next.preview && 'preview'].filter(Boolean).join(' '));
      setFolds(next);
    },
  ];
}
