/** Where the files are: stops on a line. Vibe-coded apps go live by being merged, so there are three. */
import type { Chat } from '../../../contract/chats.ts';
import { cx } from './cx.ts';

const STOPS = ['open', 'merged', 'deployed'] as const;
const NAMES = { open: 'open', merged: 'merged', pushed: 'pushed', deployed: 'live' };
const SAID = {
  open: 'The code is open: not merged yet',
  merged: 'The code is merged',
  pushed: 'The code is pushed',
  deployed: 'The code is live',
};

export function Transport({ state }: { state: Chat['transport'] }) {
  const at = STOPS.indexOf(state === 'pushed' ? 'merged' : state);
  return (
    <span
      role="img"
      aria-label={SAID[state]}
      className="inline-flex items-center gap-1.5 text-12 whitespace-nowrap text-ink-3"
    >
      {STOPS.map((stop, i) => (
        <span key={stop} className="inline-flex items-center gap-1.5">
          {i > 0 && <span className={cx('h-[1.5px] w-3', i <= at ? 'bg-ink' : 'line-todo')} />}
          <span
            className={cx('h-[7px] w-[7px] rounded-full border-2', i <= at ? 'border-ink bg-ink' : 'border-line-2')}
          />
          <span className={cx(i === at && 'font-mid text-ink')}>{NAMES[stop]}</span>
        </span>
      ))}
    </span>
  );
}
