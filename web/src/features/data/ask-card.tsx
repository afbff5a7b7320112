/** What changes rows in use, before it does: the exact statement, where it goes, and how many rows it would change. */
import type { ConsoleAsk } from '../../../../contract/data.ts';
import { WILL } from '../../../../contract/row-words.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { count } from '../../lib/text.ts';

/** The question itself. */
export const titleOfAsk = (ask: ConsoleAsk): string =>
  ask.action ? WILL[ask.action](count(ask.rows, 'row'), ask.place) : `Read this in ${ask.place}?`;

export function AskCard({
  ask,
  live,
  busy,
  onAgree,
  onLeave,
}: {
  ask: ConsoleAsk;
  live: boolean;
  busy: boolean;
  onAgree: (ask: ConsoleAsk) => void;
  onLeave: (ask: ConsoleAsk) => void;
}) {
  return (
    <section
      aria-labelledby="console-ask"
      className={cx(
        'overflow-hidden rounded-3 border bg-raised',
        live
          ? 'border-live shadow-[0_0_0_3px_var(--db-live-soft)]'
          : 'border-accent-line shadow-[0_0_0_3px_var(--accent-soft)]',
      )}
    >
      <div className="grid gap-2 p-3">
        <h2 id="console-ask" className="text-15">
          {titleOfAsk(ask)}
        </h2>
        <p className="text-ink-2">This exact statement would run:</p>
        <section
          tabIndex={0}
          aria-label="The statement"
          className="max-h-60 overflow-auto rounded-2 border border-line bg-sunken px-3 py-2 font-mono text-12 whitespace-pre-wrap"
        >
          <pre className="font-mono text-12 break-words whitespace-pre-wrap">{ask.statement}</pre>
        </section>
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1 rounded-2 bg-sunken px-3 py-2">
          {[
            ...ask.changes.map((change) => ['What it does', change]),
            ...(ask.action === null ? [] : [['Rows', `${ask.rows}, counted without changing any`]]),
            ['Why it asks', ask.because],
          ].map(([label, value]) => (
            <div key={`${label} ${value}`} className="contents">
              <dt className="text-ink-3">{label}</dt>
              <dd className="break-words text-ink-2">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <footer className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
        {ask.mayAgree ? (
          <>
            <span className="flex-1 text-12 text-ink-3">Nothing has been changed yet.</span>
            <Button disabled={busy} onClick={() => onLeave(ask)}>
              Leave it
            </Button>
            <Button look={live ? 'live' : 'primary'} disabled={busy} onClick={() => onAgree(ask)}>
              {live ? 'Run it on live' : 'Run it'}
            </Button>
          </>
        ) : (
          <>
            <span className="flex-1 text-12 text-ink-2">
              Only an owner or admin of the container can run this. Send them the statement.
            </span>
            <Button onClick={() => onLeave(ask)}>Close</Button>
          </>
        )}
      </footer>
    </section>
  );
}
