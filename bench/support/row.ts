/** What a row of the table is. `ours` and `bare` come from the same run; a limit is what we promise. */
export interface Row {
  path: string;
  beside: string;
  ours: number;
  bare: number | null;
  unit: 'ms' | 'req/s' | 'MB' | 's';
  /** what is compared with the limit: a ratio, a difference or a plain value */
  result: number;
  kind: 'ratio' | 'difference' | 'value';
  limit: number;
  /** higher is better */
  atLeast?: boolean;
  note?: string;
}

export const median = (values: number[]): number => percentile(values, 50);
export function percentile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? Number.NaN;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export const passes = (row: Row): boolean => (row.atLeast ? row.result >= row.limit : row.result <= row.limit);
