/** Words that are written anew where they stand. ↵ keeps them, Esc leaves them as they were. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';

interface Props {
  label: string;
  text: string;
  /** the button's words */
  act: string;
  note?: ReactNode;
  onCancel: () => void;
  /** @throws what is shown beside the words, which stay */
  onDone: (text: string) => Promise<void>;
  /** another way out for the words, in place of the act */
  other?: { name: string; run: (text: string) => void };
}

export function WordsEditor({ label, text: before, act, note, onCancel, onDone, other }: Props) {
  const [text, setText] = useState(before);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = box.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight + 2, 260)}px`;
  }, [text]);
  const done = async () => {
    if (!text.trim() || busy || other) return;
    setBusy(true);
    setProblem('');
    await onDone(text.trim()).catch((error) => setProblem(sentenceOf(error)));
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Esc means these words here, not the turn that runs
    if (event.key === 'Escape') {
      event.stopPropagation();
      onCancel();
    }
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void done();
    }
  };
  return (
    <div className="grid gap-2">
      <textarea
        ref={box}
        aria-label={label}
        value={text}
        maxLength={32_000}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="block w-full resize-none rounded-2 border border-line-3 bg-raised px-2.5 py-2 text-15 leading-[1.5]"
      />
      {problem && <Notice>{problem}</Notice>}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {note && <p className="min-w-0 flex-1 basis-56 text-12 text-ink-2">{note}</p>}
        <Button onClick={onCancel}>Leave it</Button>
        {other ? (
          <Button look="primary" onClick={() => other.run(text)}>
            {other.name}
          </Button>
        ) : (
          <Button
            look="primary"
            hint="↵"
            disabled={busy || text.trim() === '' || text.trim() === before.trim()}
            onClick={() => void done()}
          >
            {act}
          </Button>
        )}
      </div>
    </div>
  );
}
