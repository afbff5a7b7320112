/** Where a person says what should change. Enter sends; during a turn the message waits its turn. */
import { Square } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Chat, TurnMode } from '../../../../contract/chats.ts';
import type { ModelInfo } from '../../../../contract/settings.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Dot } from '../../components/dot.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { patchChat, sendMessage, stopTurn } from './api.ts';
import { AttachButton, AttachmentChips, type Pointed, useDrop } from './attachment-chips.tsx';
import { ContextMeter } from './context-meter.tsx';
import { DatabasePill, LiveNotice } from './database-pill.tsx';
import { ModelPicker } from './model-picker.tsx';
import { PlanSwitch, readCommand } from './plan-mode.tsx';
import type { Turn } from './projection.ts';
import { Queue } from './queue.tsx';
import { ReminderBadge } from './reminder-badge.tsx';
import type { PendingFiles } from './use-attachments.ts';

interface Props {
  chat: Chat;
  queued: Turn[];
  models: ModelInfo[];
  mode: TurnMode;
  onMode: (mode: TurnMode) => void;
  /** files of the message; kept above, because the composer moves when the window changes its shape */
  files: PendingFiles;
  /** what the person points at in the preview */
  pointed: Pointed | undefined;
  onPointed: (pointed: Pointed | undefined) => void;
  onUnpoint: () => void;
  onReminders: () => void;
  onChanged: () => void;
}

const draftKey = (chatId: string) => `vibe-draft-${chatId}`;

export function Composer({
  chat,
  queued,
  models,
  mode,
  onMode,
  files,
  pointed,
  onPointed,
  onUnpoint,
  onReminders,
  onChanged,
}: Props) {
  const [text, setText] = useState(() => sessionStorage.getItem(draftKey(chat.id)) ?? '');
  const [problem, setProblem] = useState('');
  const { over, handlers } = useDrop(files);
  const line = useRef<Promise<unknown>>(Promise.resolve());
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

  // whoever has just pointed at something wants to say something about it
  const element = pointed?.element;
  useEffect(() => {
    if (element) box.current?.focus();
  }, [element]);

  const send = () => {
    const asked = readCommand(text.trim() || wordsFor(files.ready.length, pointed), mode);
    if (asked.message === '' && text.trim() === '') return;
    if (files.busy) return setProblem('Wait until the files are uploaded.');
    if (files.files.some((one) => one.problem)) return setProblem('Remove the files that could not be uploaded first.');
    setText('');
    // the command alone turns the switch
    if (asked.message === '') return onMode(asked.mode);
    const words = text;
    const sentFiles = files.ready;
    const picture = pointed?.picture ? [pointed.picture] : [];
    const attachments = [...sentFiles, ...picture].map(({ id }) => id);
    files.clear();
    onPointed(undefined);
    setProblem('');
    box.current?.focus();
    const sent = line.current.then(() =>
      sendMessage(asked.message, {
        chatId: chat.id,
        mode: asked.mode,
        ...(attachments.length > 0 ? { attachments } : {}),
        ...(pointed ? { element: pointed.element } : {}),
      }),
    );
    // messages go one after the other, and what is written meanwhile stays
    line.current = sent.then(
      () => onChanged(),
      (error) => {
        setProblem(sentenceOf(error));
        setText((now) => (now.trim() ? `${words}\n\n${now}` : words));
        files.restore(sentFiles);
        if (pointed) onPointed(pointed);
      },
    );
  };
  const empty = text.trim() === '' && files.ready.length === 0 && !pointed;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div className="mx-auto w-full max-w-[760px] shrink-0 px-4 pt-1 pb-3 max-md:px-2 max-md:pb-[max(8px,env(safe-area-inset-bottom))]">
      <Queue
        chatId={chat.id}
        queued={queued}
        onTakenBack={(words, taken) => {
          files.restore(taken);
          setText((now) => (now.trim() ? `${now}\n\n${words}` : words));
          box.current?.focus();
        }}
      />
      {problem && (
        <div className="mb-2">
          <Notice>{problem}</Notice>
        </div>
      )}
      <div
        {...handlers}
        className={cx(
          '@container',
          'relative rounded-3 border bg-raised',
          // on live the whole box is edged, also while one writes in it
          chat.database !== 'live' && 'focus-within:border-accent focus-within:shadow-[0_0_0_1px_var(--accent)]',
          over
            ? 'border-accent bg-accent-soft'
            : chat.database === 'live'
              ? 'border-live shadow-[0_0_0_1px_var(--db-live)]'
              : 'border-line-3',
        )}
      >
        {chat.database === 'live' && <LiveNotice />}
        <AttachmentChips files={files} pointed={pointed} onUnpoint={onUnpoint} note={noteFor(chat, models)} />
        <textarea
          ref={box}
          rows={2}
          value={text}
          maxLength={32_000}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          aria-label="Message"
          placeholder={
            chat.asks
              ? 'Answer above, or say what should change'
              : mode === 'plan'
                ? 'Say what to plan; nothing is changed'
                : 'Say what should change'
          }
          className="block w-full resize-none bg-transparent px-3 pt-2.5 text-15 leading-[1.5] focus-visible:shadow-none"
        />
        <div className="flex items-end gap-1.5 p-1.5 max-md:flex-wrap max-md:items-center max-md:justify-end">
          {/* one line beside a preview: two databases or a turn to stop leave less room for words, and the model's name gives way */}
          <div
            data-tight={chat.databases.includes('live') || busy || undefined}
            className="group/tools flex min-w-0 flex-1 flex-wrap items-center gap-1.5 self-center max-md:basis-full @min-[480px]:flex-nowrap"
          >
            <AttachButton files={files} />
            {chat.app && (
              <span className="inline-flex h-6 items-center gap-1.5 min-w-0 rounded-full border border-line-2 px-2 text-12 font-mid @max-[600px]:hidden">
                <span
                  className="h-2 w-2 shrink-0 rounded-[2px]"
                  style={{ background: `var(--app-${chat.app.colour})` }}
                />
                <span className="max-w-36 min-w-0 truncate">{chat.app.name}</span>
              </span>
            )}
            <PlanSwitch mode={mode} onChange={onMode} />
            <StatusPill chat={chat} onChanged={onChanged} onProblem={(error) => setProblem(sentenceOf(error))} />
            {chat.reminders > 0 && <ReminderBadge count={chat.reminders} onOpen={onReminders} />}
            <DatabasePill chat={chat} onChanged={onChanged} onProblem={(error) => setProblem(sentenceOf(error))} />
            <ModelPicker
              chat={chat}
              models={models}
              onChanged={onChanged}
              onProblem={(error) => setProblem(sentenceOf(error))}
            />
          </div>
          <ContextMeter context={chat.context} />
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
          <Button look={busy || empty ? 'plain' : 'primary'} disabled={empty || files.busy} onClick={send} hint="↵">
            {busy ? 'Queue' : 'Send'}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** A message may be its files alone. */
const wordsFor = (files: number, pointed: Pointed | undefined): string =>
  pointed ? 'Look at this element.' : files > 0 ? `Look at the attached ${files === 1 ? 'file' : 'files'}.` : '';

/** Who answers may not be able to look: said before the message is sent. */
function noteFor(chat: Chat, models: ModelInfo[]): string | undefined {
  const model = models.find((one) => (chat.model ? one.id === chat.model : one.default));
  if (model?.provider === 'builtin') return `${model.name} works by rules: it reads your words, and no files.`;
  if (model && !model.pictures) return `${model.name} reads text files; pictures it cannot see.`;
  return undefined;
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
        'inline-flex h-6 shrink-0 items-center gap-1 rounded-full border border-line-2 pl-2 text-12 font-mid hover:bg-hover max-md:h-9',
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
