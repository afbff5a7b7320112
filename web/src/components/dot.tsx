/** A state, always with its shape: open = ring, review = half, approved = tick, asks = question mark, working = turning ring. */
import { cx } from './cx.ts';

export type DotState = 'open' | 'review' | 'approved' | 'asks' | 'working';
const NAMES: Record<DotState, string> = {
  open: 'open',
  review: 'in review',
  approved: 'approved',
  asks: 'a question waits for you',
  working: 'working',
};

export function Dot({ state, quiet }: { state: DotState; quiet?: boolean }) {
  const name = quiet ? { 'aria-hidden': true as const } : { role: 'img', 'aria-label': NAMES[state] };
  const base = 'relative inline-grid h-3 w-3 shrink-0 place-items-center rounded-full';
  if (state === 'approved') {
    return (
      <span {...name} className={cx(base, 'bg-good')}>
        <svg
          viewBox="0 0 12 12"
          className="h-3 w-3 stroke-surface"
          fill="none"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
        >
          <path d="m3.4 6.2 1.8 1.8 3.4-3.8" />
        </svg>
      </span>
    );
  }
  if (state === 'asks') {
    return (
      <span {...name} className={cx(base, 'bg-accent text-on-accent')}>
        <span className="text-[9px] leading-3 font-bold" aria-hidden="true">
          ?
        </span>
      </span>
    );
  }
  if (state === 'working')
    return <span {...name} className={cx(base, 'working border-2 border-line-2 border-t-ink')} />;
  return (
    <span
      {...name}
      className={cx(base, 'overflow-hidden border-2', state === 'review' ? 'border-accent' : 'border-ink-3')}
    >
      {state === 'review' && <span className="absolute inset-y-0 right-0 w-1/2 bg-accent" />}
    </span>
  );
}
