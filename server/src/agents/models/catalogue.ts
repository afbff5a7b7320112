/** The models that can be asked, what they cost, and what they hold. Prices in dollars per million tokens, from the providers' lists. */

export interface ModelEntry {
  id: string;
  provider: 'anthropic' | 'builtin';
  name: string;
  note: string;
  /** undefined: unknown, and said so */
  price: { input: number; output: number; cacheRead: number; cacheWrite: number } | undefined;
  contextTokens: number;
  maxOutputTokens: number;
}

export const BUILTIN_ID = 'builtin';

const claude = (id: string, name: string, note: string, input: number, output: number): ModelEntry => ({
  id,
  provider: 'anthropic',
  name,
  note,
  price: { input, output, cacheRead: input / 10, cacheWrite: input * 2 },
  contextTokens: 200_000,
  maxOutputTokens: 16_000,
});

export const CATALOGUE: readonly ModelEntry[] = [
  claude('claude-sonnet-4-5', 'Claude Sonnet', 'Open-ended work, good for most things', 3, 15),
  claude('claude-opus-4-5', 'Claude Opus', 'The most capable, for hard work', 5, 25),
  claude('claude-haiku-4-5', 'Claude Haiku', 'Quick and cheap', 1, 5),
  {
    id: BUILTIN_ID,
    provider: 'builtin',
    name: 'Built-in builder',
    note: 'Makes and changes data apps by rules. It is not a language model, and needs no key.',
    price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextTokens: 1_000_000,
    maxOutputTokens: 16_000,
  },
];

/** The entry of a model; one that is not listed is taken as Anthropic's, with an unknown price. */
export function entryOf(id: string): ModelEntry {
  return (
    CATALOGUE.find((entry) => entry.id === id) ?? { ...claude(id, id, 'Not in the price list', 0, 0), price: undefined }
  );
}

/** What unknown prices are reserved at: the dearest known. */
const DEAREST = { input: 15, output: 75 };

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
}

/** Cost in millionths of a dollar; undefined where the price is unknown. */
export function costOf(entry: ModelEntry, usage: Usage): number | undefined {
  if (!entry.price) return undefined;
  const { input, output, cacheRead, cacheWrite } = entry.price;
  // dollars per million tokens are millionths of a dollar per token
  return Math.ceil(
    usage.inputTokens * input +
      usage.outputTokens * output +
      usage.cacheReadTokens * cacheRead +
      usage.cacheWriteTokens * cacheWrite,
  );
}

/** The most that a call can cost, in millionths of a dollar: every byte of the prompt as half a token, written to the cache. */
export function mostCostOf(entry: ModelEntry, promptCharacters: number): number {
  const price = entry.price ?? { ...DEAREST, cacheWrite: DEAREST.input * 2 };
  return Math.ceil(
    (promptCharacters / 2) * Math.max(price.input, price.cacheWrite) + entry.maxOutputTokens * price.output,
  );
}
