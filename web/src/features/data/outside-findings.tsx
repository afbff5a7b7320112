/** What a look at an outside database has found: what is wrong first, each with its way out. */
import { Check, Info, TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { OutsideCheck, OutsideFinding } from '../../../../contract/outside.ts';
import { cx } from '../../components/cx.ts';

const ORDER = { bad: 0, note: 1, good: 2 };
const MARKS = {
  bad: { Icon: TriangleAlert, className: 'text-bad-ink', word: 'Wrong' },
  note: { Icon: Info, className: 'text-ink-3', word: 'Worth knowing' },
  good: { Icon: Check, className: 'text-good-ink', word: 'Good' },
};

export function OutsideFindings({ check }: { check: OutsideCheck }) {
  const place = useRef<HTMLElement>(null);
  // below a long form it would not be noticed
  useEffect(() => {
    // newer browsers answer with a promise, which is not what an effect may give back
    void place.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const found = [...check.findings].sort((a, b) => ORDER[a.state] - ORDER[b.state]);
  return (
    <section
      ref={place}
      aria-label="What was found"
      aria-live="polite"
      className="grid scroll-mb-24 gap-2 rounded-3 border border-line bg-surface p-3"
    >
      <h3 className="text-13 font-mid">
        {check.fits ? 'It can hold the live database.' : 'It cannot hold the live database yet.'}
      </h3>
      <ul className="grid gap-1.5">
        {found.map((one) => (
          <Finding key={`${one.name} ${one.text}`} {...one} />
        ))}
      </ul>
    </section>
  );
}

function Finding({ state, text, fix }: OutsideFinding) {
  const { Icon, className, word } = MARKS[state];
  return (
    <li className="flex min-w-0 items-start gap-2 text-13">
      <Icon size={14} strokeWidth={1.75} className={cx('mt-0.5 shrink-0', className)} aria-hidden="true" />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className="sr">{word}: </span>
        {text}
        {fix && <span className="block text-12 text-ink-2">{fix}</span>}
      </span>
    </li>
  );
}
