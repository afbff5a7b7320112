/** Where a person says what should change. Enter sends; during a turn the message waits its turn. */
import { Square } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Chat } from '../../../../contract/chats.ts';
import type { ModelInfo } from '../../../../contract/settings.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Dot } from '../../components/dot.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { beginning } from '../../lib/text.ts';
import { patchChat, sendMessage, stopTurn, withdraw } from './api.ts';
import { ModelPicker } from './model-picker.tsx';
import type { Turn } from './projection.ts';

interface Props {
  chat: Chat;
  queued: Turn[];
  models: ModelInfo[];
  onChanged: () => void;
}

const draftKey = (chatId: string) => `vibe-draft-${chatId}`;

export function Composer({ chat, queued, models, onChanged }: Props) {
  const [text, setText] = useState(() => sessionStorage.getItem(draftKey(chat.id)) ?? '');
  const [problem, setProblem] = useState('');
  const [sending, setSending] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const working = chat.turn?.state === 'running' || chat.turn?.state === 'queued';
  const busy = working || chat.turn?.state === 'waiting';

  useEffect(() => {
    if (text) sessionStorage.setItem(draftKey(chat.id), text);
    else sessionStorage.removeItem(draftKey(chat.id));
    const area = box.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
  }, [text, chat.id]);

  const send = async () => {
    const message = text.trim();
    if (!message || sending) return;
    setSending(true);
    setProblem('');
    try {
      await sendMessage(message, { chatId: chat.id });
      setText('');
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setSending(false);
    box.current?.focus();
    onChanged();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <div className="mx-auto w-full max-w-[760px] shrink-0 px-4 pt-1 pb-3 max-md:px-2 max-md:pb-[max(8px,env(safe-area-inset-bottom))]">
      {queued.map((turn) => (
        <div
          key={turn.id}
          className="mx-2.5 flex min-h-8 items-center gap-2 border border-b-0 border-line-2 bg-bg px-2.5 first:rounded-t-3"
        >
          <span className="text-12 font-strong text-ink-3">Next</span>
          <span className="min-w-0 flex-1 truncate">{beginning(turn.asked.text, 300)}</span>
          <Button
            look="bare"
            onClick={() =>
              withdraw(chat.id, turn.id).then(
                () => setText((now) => now || turn.asked.text),
                (error) => setProblem(sentenceOf(error)),
              )
            }
          >
            Take back
          </Button>
        </div>
      ))}
      {problem && (
        <div className="mb-2">
          <Notice>{problem}</Notice>
        </div>
      )}
      <div className="rounded-3 border border-line-3 bg-raised focus-within:border-accent focus-within:shadow-[0_0_0_1px_var(--accent)]">
        <textarea
          ref={box}
          rows={2}
          value={text}
          maxLength={32_000}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          aria-label="Message"
          placeholder={chat.asks ? 'Answer above, or say what should change' : 'Say what should change'}
          className="block w-full resize-none bg-transparent px-3 pt-2.5 text-15 leading-[1.5] focus-visible:shadow-none"
        />
        <div className="flex items-end gap-1.5 p-1.5">
          <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5 self-center">
            {chat.app && (
              <span className="inline-flex h-6 items-center gap-1.5 rounded-full border border-line-2 px-2 text-12 font-mid">
                <span className="h-2 w-2 rounded-[2px]" style={{ background: `var(--app-${chat.app.colour})` }} />
                <span className="max-w-36 truncate">{chat.app.name}</span>
              </span>
            )}
            <StatusPill chat={chat} onChanged={onChanged} onProblem={(error) => setProblem(sentenceOf(error))} />
            <ModelPicker
              chat={chat}
              models={models}
              onChanged={onChanged}
              onProblem={(error) => setProblem(sentenceOf(error))}
            />
          </div>
          {busy && (
            <Button
              size="icon"
              aria-label="Stop the turn"
              title="Stop (Esc)"
              onClick={() => void stopTurn(chat.id).catch((error) => setProblem(sentenceOf(error)))}
            >
              <Square size={13} aria-hidden="true" />
            </Button>
          )}
          <Button
            look={busy || text.trim() === '' ? 'plain' : 'primary'}
            disabled={text.trim() === '' || sending}
            onClick={() => void send()}
            hint="↵"
          >
            {busy ? 'Queue' : 'Send'}
          </Button>
        </div>
      </div>
    </div>
  );
}

function StatusPill({
  chat,
  onChanged,
  onProblem,
}: {
  chat: Chat;
  onChanged: () => void;
  onProblem: (error: unknown) => void;
}) {
  return (
    <label
      className={cx(
        'inline-flex h-6 items-center gap-1 rounded-full border border-line-2 pl-2 text-12 font-mid hover:bg-hover max-md:h-9',
      )}
    >
      <Dot state={chat.status} quiet />
      <span className="sr">Status of this chat</span>
      <select
        value={chat.status}
        onChange={(event) => void patchChat(chat.id, { status: event.target.value }).then(onChanged, onProblem)}
        className="rounded-full bg-transparent pr-1"
      >
        <option value="open" className="bg-raised text-ink">
          Open
        </option>
        <option value="review" className="bg-raised text-ink">
          Review
        </option>
        <option value="approved" className="bg-raised text-ink">
          Approved
        </option>
      </select>
    </label>
  );
}
