const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const numbers = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 10 });

/** `2026-11-21` as 21 Nov 2026. */
export const formatDate = (date: string): string => days.format(new Date(`${date}T00:00:00Z`));

/** `12500.5` as 12,500.5. */
export const formatNumber = (value: number): string => numbers.format(value);

/** `1 book`, `14 books`. */
export const count = (amount: number, one: string, many: string): string =>
  `${formatNumber(amount)} ${amount === 1 ? one : many}`;
