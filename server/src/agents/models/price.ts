/** What a call costs, and the most that it can cost. In millionths of a dollar: dollars per million tokens times tokens. */
import type { ModelEntry } from './catalogue.ts';

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** of the tokens written to the cache, those that are kept for an hour: they cost twice the input */
  longCacheWriteTokens?: number;
}

/** What unknown prices are reserved at: the dearest known. */
const DEAREST = { input: 15, output: 75, cacheWrite: 30 };

export const noUsage = (): Usage => ({ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 });

/** Cost in millionths of a dollar; undefined where the price is unknown. */
export function costOf(entry: ModelEntry, usage: Usage): number | undefined {
  if (!entry.price) return undefined;
  const { input, output, cacheRead, cacheWrite } = entry.price;
  const long = Math.min(usage.longCacheWriteTokens ?? 0, usage.cacheWriteTokens);
  return Math.ceil(
    usage.inputTokens * input +
      usage.outputTokens * output +
      usage.cacheReadTokens * cacheRead +
      (usage.cacheWriteTokens - long) * cacheWrite +
      long * Math.max(cacheWrite, input * 2),
  );
}

/** The most that a call can cost, in millionths of a dollar: every byte of the prompt as half a token, written to the cache for an hour. */
export function mostCostOf(entry: ModelEntry, promptCharacters: number): number {
  const price = entry.price ?? DEAREST;
  const written = entry.provider === 'anthropic' ? price.input * 2 : price.input;
  return Math.ceil(
    (promptCharacters / 2) * Math.max(price.input, price.cacheWrite, written) + entry.maxOutputTokens * price.output,
  );
}

/** The most tokens that a call can take; the built-in builder takes none. */
export function mostTokensOf(entry: ModelEntry, promptCharacters: number): number {
  return entry.provider === 'builtin' ? 0 : Math.ceil(promptCharacters / 2) + entry.maxOutputTokens;
}
