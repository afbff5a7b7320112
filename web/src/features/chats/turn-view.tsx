/** One turn on the line: what was asked, what was done, how it ended and how to take it back. */
import { ChevronRight, Pencil, RotateCcw, TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { beginning, clock, count, initials, money, seconds } from '../../lib/text.ts';
import { Attached, Pictures } from './attachment-view.tsx';
import { DiffCard } from './diff-card.tsx';
import { ModelCalls } from './model-calls.tsx';
import { OnLive } from './on-live.tsx';
import type { Item, Step, Turn } from './projection.ts';
import { Prose } from './prose.tsx';
import { QuestionCard } from './question-card.tsx';
import { Reasoning } from './reasoning.tsx';
import { Steps } from './steps.tsx';
import { WordsEditor } from './words-editor.tsx';

const FILES_AT_FIRST = 4;
const OPEN_AT_MOST = 3;
const SHOWN_OF_A_MESSAGE = 1500;

interface Props {
  chatId: string;
  turn: Turn;
  latest: boolean;
  undo: (() => void) | undefined;
  redo: (() => void) | undefined;
  /** a search leads here */
  wanted: boolean;
  /** merged since: the chat cannot go back behind it */
  merged: boolean;
  /** how many turns follow that would be taken back with this one */
  after: number;
  /** writes the message anew; undefined while something runs */
  rerun: ((turnId: string, message: string) => Promise<void>) | undefined;
  /** has the plan of this turn done; undefined when it is none, or not the newest */
  carryOut: (() => void) | undefined;
}

export function TurnView({ chatId, turn, latest, undo, redo, wanted, merged, after, rerun, carryOut }: Props) {
  const [unfolded, setUnfolded] = useState(false);
  const [editing, setEditing] = useState(false);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!wanted) return;
    setUnfolded(true);
    const timer = setTimeout(() => {
      place.current?.scrollIntoView({ block: 'center' });
      // never out of the hands of somebody who types in a dialog
      if (!document.querySelector('[role="dialog"]')) place.current?.focus({ preventScroll: true });
    }, 60);
    return () => clearTimeout(timer);
  }, [wanted]);
  const [details, setDetails] = useState(false);
  const ended = turn.state === 'ended';
  if (!unfolded && (turn.undone || (ended && !latest))) {
    return (
      <article
        ref={place}
        data-row=""
        tabIndex={-1}
        className={cx('relative flex min-h-9 items-center gap-2.5 rounded-2 pl-7', wanted && 'bg-selected')}
        aria-label={`Turn: ${beginning(turn.asked.text, 120)}`}
      >
        <Stop state={turn.undone ? 'ahead' : 'done'} />
        <button
          type="button"
          aria-expanded={false}
          onClick={() => setUnfolded(true)}
          className="flex min-w-0 flex-1 items-center gap-2 rounded-2 py-1 text-left hover:text-ink disabled:cursor-default"
        >
          <span className={cx('min-w-0 truncate', turn.undone ? 'text-ink-3 line-through' : 'text-ink-2')}>
            <span className="font-mid">{turn.asked.by.split(' ')[0]}</span> {beginning(turn.asked.text, 300)}
          </span>
        </button>
        <OnLive turn={turn} />
        {turn.undone ? (
          <span className="shrink-0 text-12 text-ink-3">taken back</span>
        ) : (
          turn.files > 0 &&
          turn.commit && (
            <code className="text-ink-3" title="The commit of this turn">
              {turn.commit.slice(0, 7)}
            </code>
          )
        )}
        {redo && (
          <Button look="bare" onClick={redo}>
            Redo
          </Button>
        )}
        {undo && (
          <Button look="bare" onClick={undo}>
            <RotateCcw size={14} aria-hidden="true" /> Undo
          </Button>
        )}
      </article>
    );
  }
  return (
    <>
      <article
        ref={place}
        data-row=""
        tabIndex={-1}
        className={cx('group relative rounded-2 pl-7', wanted && 'bg-selected')}
        aria-label={`${turn.asked.by} asked`}
      >
        <Stop state="done" />
        <header className="flex items-center gap-2 text-12 text-ink-3">
          <span
            className="grid h-[22px] w-[22px] place-items-center rounded-full bg-selected text-[10px] font-strong text-ink-2"
            aria-hidden="true"
          >
            {initials(turn.asked.by)}
          </span>
          <b className="font-strong text-ink">{turn.asked.by.split(' ')[0]}</b>
          <time dateTime={turn.asked.at}>{clock(turn.asked.at)}</time>
          {turn.mode === 'plan' && <span className="rounded-1 bg-selected px-1.5 font-mid text-ink-2">plan</span>}
          {turn.replaces && <span>written anew</span>}
          <span className="flex-1" />
          {turn.undone && <span>taken back</span>}
          {turn.undone && redo && (
            <Button look="bare" onClick={redo}>
              Redo
            </Button>
          )}
          {ended && rerun && !editing && !turn.undone && (
            <Button
              look="bare"
              size="icon"
              aria-label={`Edit and run again: ${beginning(turn.asked.text, 60)}`}
              title="Edit and run again"
              onClick={() => setEditing(true)}
            >
              <Pencil size={13} aria-hidden="true" />
            </Button>
          )}
          {ended && (!latest || turn.undone) && (
            <Button look="bare" onClick={() => setUnfolded(false)}>
              Fold
            </Button>
          )}
        </header>
        {editing ? (
          <div className="mt-1.5">
            <WordsEditor
              label="Message to run again"
              text={turn.asked.text}
              act="Run this instead"
              note={
                merged
                  ? 'This was merged since, so the chat cannot go back behind it. Say in a new message what should be different.'
                  : `Files and draft go back to before this message${after > 0 ? `, and ${count(after, 'later message')} with it` : ''}. It can come back.`
              }
              onCancel={() => setEditing(false)}
              onDone={async (message) => {
                await rerun?.(turn.id, message);
                setEditing(false);
              }}
            />
          </div>
        ) : (
          <Asked text={turn.asked.text} />
        )}
        <Attached attachments={turn.asked.attachments} element={turn.asked.element} />
      </article>
      {turn.state !== 'queued' && (
        <article
          className="relative grid grid-cols-[minmax(0,1fr)] gap-2.5 pl-7"
          aria-label="Answer"
          aria-busy={turn.state === 'running'}
        >
          <Stop state={ended ? 'done' : 'now'} />
          {grouped(turn.items).map((group) =>
            Array.isArray(group) ? (
              <Steps key={group[0]!.callId} steps={group} />
            ) : (
              <ItemView key={keyOf(group)} chatId={chatId} item={group} open={turn.state === 'waiting'} />
            ),
          )}
          {turn.state === 'running' && turn.items.length === 0 && <p className="text-ink-3">Reading what you said…</p>}
          <OnLive turn={turn} className="justify-self-start" />
          {ended && turn.reason && (
            <p
              className={cx(
                'flex items-start gap-2 rounded-3 border px-3 py-2',
                turn.outcome === 'completed'
                  ? 'border-line bg-raised text-ink-2'
                  : 'border-bad/40 bg-bad-soft text-bad-ink',
              )}
              role="status"
            >
              <TriangleAlert size={14} strokeWidth={1.75} className="mt-0.5 shrink-0" aria-hidden="true" />
              <span>{turn.reason}</span>
            </p>
          )}
          {carryOut && (
            <p className="flex flex-wrap items-center gap-2.5">
              <Button look="primary" onClick={carryOut}>
                Do this
              </Button>
              <span className="text-12 text-ink-3">Or say below what the plan should be instead.</span>
            </p>
          )}
          {ended && turn.outcome === 'stopped' && (
            <p className="text-ink-2">Stopped. What was done until then is kept.</p>
          )}
          {ended && (
            <p className="flex flex-wrap items-center gap-x-3.5 gap-y-1 text-12 text-ink-3">
              <button
                type="button"
                aria-expanded={details}
                onClick={() => setDetails(!details)}
                className="inline-flex items-center gap-0.5 rounded-1 hover:text-ink max-md:min-h-9"
              >
                {answeredBy(turn)}
                <ChevronRight
                  size={12}
                  className={cx('transition-transform duration-[90ms]', details && 'rotate-90')}
                  aria-hidden="true"
                />
                <span className="sr">Details of this turn</span>
              </button>
              {turn.tokens > 0 && <span>{count(turn.tokens, 'token')}</span>}
              {!free(turn) && <span>{turn.costMicros === null ? 'price unknown' : money(turn.costMicros)}</span>}
              <span>{seconds(turn.ms)}</span>
              {turn.files > 0 && <span>{count(turn.files, 'file')}</span>}
              {undo && (
                <Button look="bare" className="-my-1 ml-auto" onClick={undo}>
                  <RotateCcw size={14} aria-hidden="true" /> Undo
                </Button>
              )}
            </p>
          )}
          {ended && details && <ModelCalls chatId={chatId} turnId={turn.id} />}
        </article>
      )}
    </>
  );
}

/** What a person said. A very long message shows its beginning: tens of thousands of letters without a space keep a browser busy for minutes. */
function Asked({ text }: { text: string }) {
  const [all, setAll] = useState(text.length <= SHOWN_OF_A_MESSAGE * 1.5);
  return (
    <>
      <p className="mt-1 max-w-[64ch] text-15 leading-[1.6] font-mid break-words whitespace-pre-wrap">
        {all ? text : beginning(text, SHOWN_OF_A_MESSAGE)}
      </p>
      {!all && (
        <Button look="bare" onClick={() => setAll(true)}>
          Show all {count(text.length, 'character')}
        </Button>
      )}
    </>
  );
}

/** The built-in builder costs nothing, and says nothing about money. */
const free = (turn: Turn): boolean =>
  turn.models.length > 0
    ? turn.models.every((model) => model.provider === 'builtin')
    : turn.model?.provider === 'builtin';

/** The models that answered; until that is known, the one that is asked first. */
function answeredBy(turn: Turn): string {
  const names = turn.models.map((model) => model.name);
  return names.length > 0 ? names.join(', ') : (turn.model?.name ?? '');
}

/** A stop on the thread's line. */
export function Stop({ state }: { state: 'done' | 'now' | 'ahead' }) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        'absolute top-[7px] left-[1px] h-[9px] w-[9px] rounded-full border-2',
        state === 'done' && 'border-ink bg-ink',
        state === 'now' && 'border-accent bg-surface shadow-[0_0_0_3px_var(--accent-soft)]',
        state === 'ahead' && 'border-line-2 bg-surface',
      )}
    />
  );
}

function ItemView({ chatId, item, open }: { chatId: string; item: Exclude<Item, Step>; open: boolean }) {
  if (item.kind === 'text') return <Prose text={item.text} />;
  if (item.kind === 'reasoning') return <Reasoning text={item.text} ms={item.ms} />;
  if (item.kind === 'pictures') return <Pictures pictures={item.pictures} />;
  if (item.kind === 'note') return <p className="text-12 text-ink-3">{item.text}</p>;
  if (item.kind === 'question')
    return <QuestionCard chatId={chatId} question={item.question} answer={item.answer} open={open} />;
  return <Files files={item.files} />;
}

/** The files of one change. What people read comes first, what is derived last. */
function Files({ files }: { files: Extract<Item, { kind: 'diff' }>['files'] }) {
  const [all, setAll] = useState(false);
  const ordered = [...files].sort((a, b) => weight(a) - weight(b));
  const shown = all ? ordered : ordered.slice(0, FILES_AT_FIRST);
  const hidden = files.length - shown.length;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      {shown.map((file, i) => (
        <DiffCard
          key={file.path}
          file={file}
          // what was understood is read first: only a small change shows its lines at once
          open={i === 0 && files.length <= OPEN_AT_MOST && file.change !== 'D' && file.additions + file.deletions <= 60}
        />
      ))}
      {hidden > 0 && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="flex min-h-8 items-center gap-1.5 rounded-2 px-1 text-left text-ink-2 hover:text-ink max-md:min-h-11"
        >
          <ChevronRight size={14} className="text-ink-3" aria-hidden="true" /> {count(hidden, 'more file')}
        </button>
      )}
    </div>
  );
}

const weight = ({ path, change }: { path: string; change: string }): number =>
  change === 'D' ? 9 : path.endsWith('.svelte') ? 0 : path.startsWith('changes/') ? 1 : path.endsWith('.ts') ? 2 : 3;

/** Neighbouring steps become one group; the ones that are shown in another way are left out. */
function grouped(items: Item[]): (Exclude<Item, Step> | Step[])[] {
  const groups: (Exclude<Item, Step> | Step[])[] = [];
  for (const item of items) {
    if (item.kind !== 'step') groups.push(item);
    else if (item.tool === 'ask_person' || (item.tool === 'ready_for_review' && item.state === 'done')) continue;
    else {
      const last = groups.at(-1);
      if (Array.isArray(last)) last.push(item);
      else groups.push([item]);
    }
  }
  return groups;
}

const keyOf = (item: Exclude<Item, Step>): string =>
  item.kind === 'text'
    ? item.messageId
    : item.kind === 'diff'
      ? `diff-${item.callId}`
      : item.kind === 'question'
        ? item.question.questionId
        : item.kind === 'reasoning'
          ? `reasoning-${item.messageId}`
          : item.kind === 'pictures'
            ? `pictures-${item.callId}`
            : item.key;
