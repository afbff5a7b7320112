/** The days of a month as a calendar shows them: whole weeks from Monday on. */
import { words } from './words.ts';

export interface Month {
  /** 2026-11 */
  name: string;
  /** November 2026 */
  label: string;
  previous: string;
  next: string;
  today: string;
  /** whole weeks, days of the months around it included */
  days: string[];
}

/** @param wanted `2026-11`; anything else gives the month of `now` */
export function monthOf(wanted: string | null, now = new Date()): Month {
  const today = now.toISOString().slice(0, 10);
  const name = wanted && /^(?!0000)\d{4}-(0[1-9]|1[0-2])$/.test(wanted) ? wanted : today.slice(0, 7);
  const first = new Date(`${name}-01T00:00:00Z`);
  const moved = (months: number) => {
    const date = new Date(first);
    date.setUTCMonth(date.getUTCMonth() + months);
    return date;
  };
  const start = new Date(first);
  start.setUTCDate(1 - ((first.getUTCDay() + 6) % 7));
  const days: string[] = [];
  for (const day = start; days.length % 7 !== 0 || day < moved(1); day.setUTCDate(day.getUTCDate() + 1))
    days.push(day.toISOString().slice(0, 10));
  const label = new Intl.DateTimeFormat(words.locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    first,
  );
  const text = (date: Date) => date.toISOString().slice(0, 7);
  return { name, label, previous: text(moved(-1)), next: text(moved(1)), today, days };
}
