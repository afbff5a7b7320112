/** The conversation: turns on a line. It starts scrolled to its end and stays there, unless the person reads further up. */

import { ArrowUpRight, GitMerge, TriangleAlert } from 'lucide-react';
import type { Chat } from '../../../../contract/chats.ts';
import { Dot } from '../../components/dot.tsx';
import { ago } from '../../lib/text.ts';
import type { Entry, Thread, Turn } from './projection.ts';
import { Stop, TurnView } from './turn-view.tsx';

interface Props {
  chat: Chat;
  thread: Thread;
  appUrl: string | undefined;
  /** of the staging site, while something runs there */
  siteUrl: string | undefined;
  onUndo: (turnId: string) => void;
  onRedo: (turnId: string) => void;
  /** the turn that a search leads to */
  wanted: string | undefined;
  onRerun: ((turnId: string, message: string) => Promise<void>) | undefined;
  onCarryOut: (turn: Turn) => void;
}

export function ThreadView({ chat, thread, appUrl, siteUrl, onUndo, onRedo, wanted, onRerun, onCarryOut }: Props) {
  const shown = thread.entries.filter((entry) => entry.kind !== 'turn' || entry.state !== 'queued');
  const latest = shown.findLast((entry) => entry.kind === 'turn' && !entry.undone);
  return (
    // column-reverse keeps the end in view while text arrives, and leaves a reader further up alone
    <div
      role="log"
      aria-label="Conversation"
      aria-live="polite"
      tabIndex={0}
      data-list=""
      className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto"
    >
      <div className="relative mx-auto grid w-full max-w-[760px] grid-cols-[minmax(0,1fr)] gap-4 px-5 pt-5 pb-6 max-md:px-4">
        <span aria-hidden="true" className="absolute top-7 bottom-6 left-[25px] w-0.5 bg-line max-md:left-[21px]" />
        {shown.map((entry, i) => (
          <EntryView
            key={keyOf(entry)}
            entry={entry}
            chat={chat}
            latest={entry === latest}
            later={shown.slice(i + 1)}
            wanted={wanted}
            onRerun={onRerun}
            onCarryOut={onCarryOut}
            appUrl={appUrl}
            siteUrl={siteUrl}
            onUndo={onUndo}
            onRedo={onRedo}
          />
        ))}
      </div>
      <span className="flex-1" />
    </div>
  );
}

const keyOf = (entry: Entry): string => (entry.kind === 'marker' ? entry.key : entry.id);

function EntryView({
  entry,
  chat,
  latest,
  later,
  appUrl,
  siteUrl,
  onUndo,
  onRedo,
  wanted,
  onRerun,
  onCarryOut,
}: Omit<Props, 'thread'> & { entry: Entry; latest: boolean; later: Entry[] }) {
  if (entry.kind === 'turn') {
    const undo = chat.undo?.turnId === entry.id ? () => onUndo(entry.id) : undefined;
    const redo = chat.redoable.includes(entry.id) ? () => onRedo(entry.id) : undefined;
    const planned = latest && entry.mode === 'plan' && entry.outcome === 'completed' && onRerun !== undefined;
    return (
      <TurnView
        chatId={chat.id}
        turn={entry}
        latest={latest}
        undo={undo}
        redo={redo}
        wanted={wanted === entry.id}
        merged={later.some((one) => one.kind === 'release')}
        after={later.filter((one) => one.kind === 'turn' && !one.undone).length}
        rerun={onRerun}
        carryOut={planned ? () => onCarryOut(entry) : undefined}
      />
    );
  }
  if (entry.kind === 'marker') {
    return (
      <p className="relative flex items-center gap-2 pl-7 text-12 text-ink-3">
        <Stop state="done" />
        {entry.text}
        <time className="ml-auto" dateTime={entry.at}>
          {ago(entry.at)}
        </time>
      </p>
    );
  }
  const busy = entry.stage !== 'serving' && entry.stage !== 'failed';
  // another one has taken its place since
  const replaced = later.some(
    (one) => one.kind === 'release' && one.stage === 'serving' && Boolean(one.staging) === Boolean(entry.staging),
  );
  return (
    <section className="relative pl-7" aria-live="polite">
      <Stop state={busy ? 'now' : 'done'} />
      <div
        className={
          entry.stage === 'failed'
            ? 'rounded-3 border border-bad/40 bg-bad-soft px-3 py-2.5'
            : 'rounded-3 border border-line bg-raised px-3 py-2.5'
        }
      >
        <p className="flex items-center gap-2">
          {busy ? (
            <Dot state="working" quiet />
          ) : entry.stage === 'failed' ? (
            <TriangleAlert size={14} className="shrink-0 text-bad" aria-hidden="true" />
          ) : (
            <GitMerge size={14} className="shrink-0 text-good" aria-hidden="true" />
          )}
          <b className="font-strong">Release {entry.number}</b>
          <span className="min-w-0 flex-1 truncate text-ink-2">
            {entry.stage === 'failed'
              ? 'did not come up'
              : entry.stage === 'serving'
                ? `${replaced ? 'was' : 'is'} ${entry.staging ? 'on the staging site' : 'live'}`
                : entry.text}
          </span>
          {entry.stage === 'serving' && !replaced && (entry.staging ? siteUrl : appUrl) && (
            <a
              href={entry.staging ? siteUrl : appUrl}
              target="_blank"
              rel="noreferrer"
              className="inline-flex items-center gap-1 font-mid text-accent-ink underline decoration-accent-line underline-offset-[3px]"
            >
              Open <ArrowUpRight size={14} aria-hidden="true" />
            </a>
          )}
        </p>
        {entry.stage === 'failed' && (
          <p className="mt-1.5 max-h-40 overflow-auto text-12 whitespace-pre-wrap text-bad-ink [overflow-wrap:anywhere]">
            {entry.text}
          </p>
        )}
      </div>
    </section>
  );
}
