/**
 * The preview in a frame of its own origin. Before it has a session it posts the hash of its nonce; the platform fetches a one-time code
 * for exactly that host and hands it over. After that its pages tell what went wrong, where they are, and what a person points at. All of
 * it comes from an app: it counts only from this frame and its origin, in the shapes of the contract, and not more often than a person acts.
 */
import { useEffect, useLayoutEffect, useRef } from 'react';
import { type PickedElement, type PreviewProblem, pageMessageSchema } from '../../../../contract/preview.ts';
import { appCode } from '../chats/api.ts';

const MOST = 30;
const WINDOW_MS = 10_000;

interface Props {
  origin: string;
  path: string;
  /** a new value loads the frame anew */
  version: number;
  width: string;
  /** the person points at an element */
  picking: boolean;
  onProblem: (text: string) => void;
  onPageProblem: (problem: PreviewProblem) => void;
  onPicked: (element: PickedElement | undefined) => void;
  onPath: (path: string) => void;
  /** the app has no such page */
  onMissing: (path: string) => void;
}

export function PreviewFrame(props: Props) {
  const { origin, path, version, width, picking } = props;
  const frame = useRef<HTMLIFrameElement>(null);
  const now = useRef(props);
  now.current = props;
  // before the frame can have said anything: what it asks for first would be lost on a busy machine
  useLayoutEffect(() => {
    let since = 0;
    let heard = 0;
    const onMessage = (event: MessageEvent) => {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return;
      if (Date.now() - since > WINDOW_MS) {
        since = Date.now();
        heard = 0;
      }
      if (++heard > MOST) return;
      const parsed = pageMessageSchema.safeParse(event.data);
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.type === 'vibe-problem') now.current.onPageProblem(message.problem);
      else if (message.type === 'vibe-page') {
        now.current.onPath(message.path);
        // a page that was loaded while the person points must hear it too
        if (now.current.picking) tellPicking(frame.current, origin, true);
      } else if (message.type === 'vibe-missing') now.current.onMissing(message.path);
      else if (message.type === 'vibe-picked') {
        // nobody asked for it: an app must not put things into a message
        if (now.current.picking) now.current.onPicked(message.element);
      } else if (message.type === 'vibe-pick-ended') now.current.onPicked(undefined);
      else
        appCode(new URL(origin).host, message.nonceHash).then(
          (code) => frame.current?.contentWindow?.postMessage({ type: 'vibe-code', code }, origin),
          () => now.current.onProblem('The preview could not sign you in. Reload it.'),
        );
    };
    addEventListener('message', onMessage);
    return () => removeEventListener('message', onMessage);
  }, [origin]);
  const told = useRef(false);
  useEffect(() => {
    // a frame that has loaded nothing yet need not hear that nobody points
    if (picking || told.current) tellPicking(frame.current, origin, picking);
    told.current = picking;
    if (!picking) return;
    frame.current?.focus();
    // Esc leaves from this side as well, and means nothing else meanwhile
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopImmediatePropagation();
      now.current.onPicked(undefined);
    };
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, [picking, origin]);
  return (
    <iframe
      key={version}
      ref={frame}
      src={`${origin}${path}`}
      title="Preview of the app"
      sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads"
      allow="clipboard-write"
      className="mx-auto block h-full border-0 bg-surface"
      style={{ width }}
    />
  );
}

function tellPicking(frame: HTMLIFrameElement | null, origin: string, on: boolean): void {
  // before the app has its session the frame shows a page of the gateway, of the same origin
  frame?.contentWindow?.postMessage({ type: 'vibe-pick', on }, origin);
}
