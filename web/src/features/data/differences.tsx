/** What is not the same on staging and live, in words, with the way to the reminder that it is part of. */
import { Link } from '@tanstack/react-router';
import type { DataDifference } from '../../../../contract/data.ts';
import { cx } from '../../components/cx.ts';
import { Diamond } from '../../components/diamond.tsx';
import { anchorOf } from './reminders.tsx';

interface Props {
  differences: DataDifference[];
  /** left out: all of them are said */
  most?: number;
  /** with the mark that the list has between staging and live */
  marked?: boolean;
  className?: string;
}

export function Differences({ differences, most = differences.length, marked = false, className }: Props) {
  const reminders = new Map(differences.flatMap(({ reminder }) => (reminder ? [[reminder.id, reminder]] : [])));
  const more = differences.length - most;
  return (
    <div className={cx('flex gap-2 text-12 text-remind-ink', className)}>
      {marked && <Diamond className="mt-1" />}
      <div className="grid min-w-0 gap-0.5">
        <ul>
          {differences.slice(0, most).map((one) => (
            <li key={`${one.between} ${one.on} ${one.words}`} className="break-words">
              {one.words}
            </li>
          ))}
          {more > 0 && <li>and {more} more</li>}
        </ul>
        {[...reminders.values()].map(({ id, direction }) => (
          <Link
            key={id}
            to="/data"
            search={{ view: 'reminders' }}
            hash={anchorOf(id)}
            className="inline-flex min-h-6 items-center justify-self-start text-ink-2 underline underline-offset-2 hover:text-ink"
          >
            {STILL_NEEDED[direction ?? 'drift']}
          </Link>
        ))}
      </div>
    </div>
  );
}

const STILL_NEEDED = {
  to_live: 'This change may still be needed on live',
  to_staging: 'This change may still be needed on staging',
  drift: 'No chat made this difference: decide about it',
};
