/**
 * The preview in a frame of its own origin. Before it has a session it posts the hash of its nonce; the platform fetches a one-time code
 * for exactly that host and hands it over. Nothing else is said between the two.
 */
import { useEffect, useRef } from 'react';
import { appCode } from '../chats/api.ts';

interface Props {
  origin: string;
  path: string;
  /** a new value loads the frame anew */
  version: number;
  width: string;
  onProblem: (text: string) => void;
}

export function PreviewFrame({ origin, path, version, width, onProblem }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const onMessage = (event: MessageEvent) => {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return;
      const data = event.data as { type?: string; nonceHash?: string } | null;
      if (data?.type !== 'vibe-nonce' || typeof data.nonceHash !== 'string') return;
      appCode(new URL(origin).host, data.nonceHash).then(
        (code) => frame.current?.contentWindow?.postMessage({ type: 'vibe-code', code }, origin),
        () => onProblem('The preview could not sign you in. Reload it.'),
      );
    };
    addEventListener('message', onMessage);
    return () => removeEventListener('message', onMessage);
  }, [origin, onProblem]);
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
