/** The element that the person points at in the preview: kept until it is sent or removed, with a picture of it as soon as there is one. */
import { useCallback, useRef, useState } from 'react';
import type { PickedElement } from '../../../../contract/preview.ts';
import type { Pointed } from './attachment-chips.tsx';
import { elementPicture, removeFile } from './attachments-api.ts';

export function usePointed(chatId: string): {
  pointed: Pointed | undefined;
  /** another state of it: undefined when it was sent */
  setPointed: (pointed: Pointed | undefined) => void;
  /** the person chose an element, or removes it */
  point: (element: PickedElement | undefined) => void;
} {
  const [pointed, setPointed] = useState<Pointed>();
  const latest = useRef(0);
  const point = useCallback(
    (element: PickedElement | undefined) => {
      const turn = ++latest.current;
      setPointed((before) => {
        if (before?.picture) void removeFile(before.picture.id).catch(() => {});
        return element && { element, picture: undefined };
      });
      if (!element) return;
      const dark = matchMedia('(prefers-color-scheme: dark)').matches;
      // without a picture the words are enough
      elementPicture(chatId, element, dark)
        .catch(() => null)
        .then((picture) => {
          if (latest.current === turn) setPointed((now) => now && { ...now, picture });
          else if (picture) void removeFile(picture.id).catch(() => {});
        });
    },
    [chatId],
  );
  const set = useCallback((next: Pointed | undefined) => {
    latest.current++;
    setPointed(next);
  }, []);
  return { pointed, setPointed: set, point };
}
