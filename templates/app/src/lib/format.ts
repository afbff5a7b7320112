import { words } from './words.ts';

const { locale } = words;
const day = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
const days = new Intl.DateTimeFormat(locale, day);
const moments = new Intl.DateTimeFormat(locale, { ...day, hour: '2-digit', minute: '2-digit' });
const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 10 });
const percents = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });

/** `2026-11-21` as 21 Nov 2026. */
export const formatDate = (date: string): string => days.format(new Date(`${date.slice(0, 10)}T00:00:00Z`));

/** `2026-11-21T14:30` as 21 Nov 2026, 14:30. */
export const formatMoment = (moment: string): string => moments.format(new Date(`${moment}:00Z`));

/** `12500.5` as 12,500.5. */
export const formatNumber = (value: number): string => numbers.format(value);

/** `12.5` as €12.50. */
export const formatMoney = (value: number, currency: string): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency }).format(value);

/** `25` as 25%. */
export const formatPercent = (value: number): string => `${percents.format(value)} %`;

/** 90 minutes as 1:30 h. */
export const formatDuration = (minutes: number): string => {
  const whole = Math.round(Math.abs(minutes));
  return `${minutes < 0 ? '−' : ''}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} ${words.hours}`;
};

/** `1 book`, `14 books`. */
export const count = (amount: number, one: string, many: string): string =>
  words.amount(formatNumber(amount), amount, one, many);
