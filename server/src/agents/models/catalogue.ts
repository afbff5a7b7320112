/** The models that are known without asking: what they are, what they hold, and what they cost by the providers' lists on a certain day. */

/** Dollars per million tokens. */
export interface Price {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

export interface ModelEntry {
  /** `<provider>/<model>`, or `builtin` */
  id: string;
  /** `anthropic`, `openai`, `together`, `builtin`, or the slug of an address that the owner added */
  provider: string;
  /** as the provider calls it */
  model: string;
  name: string;
  note: string;
  /** undefined: unknown, and said so */
  price: Price | undefined;
  contextTokens: number;
  maxOutputTokens: number;
  /** takes pictures; undefined: judged by its provider and name */
  pictures?: boolean;
  /** turns text into vectors instead of answering */
  embeds?: true;
}

export const BUILTIN_ID = 'builtin';
export const PROVIDERS = ['anthropic', 'openai', 'together'] as const;
export type ProviderId = (typeof PROVIDERS)[number];
export const PROVIDER_NAMES: Record<ProviderId, string> = {
  anthropic: 'Anthropic',
  openai: 'OpenAI',
  together: 'Together',
};
/** The day of the prices below. */
export const PRICED_AT = '2025-11-01';

type Given = Pick<ModelEntry, 'name' | 'note'> & Partial<ModelEntry>;
const known = (id: string, input: number, output: number, cacheRead: number, given: Given): ModelEntry => ({
  id,
  ...splitRef(id),
  price: { input, output, cacheRead, cacheWrite: id.startsWith('anthropic/') ? input * 1.25 : input },
  contextTokens: 128_000,
  maxOutputTokens: 16_000,
  ...given,
});

export const CATALOGUE: readonly ModelEntry[] = [
  known('anthropic/claude-sonnet-4-5', 3, 15, 0.3, {
    name: 'Claude Sonnet',
    note: 'Open-ended work, good for most things',
    contextTokens: 200_000,
  }),
  known('anthropic/claude-opus-4-5', 5, 25, 0.5, {
    name: 'Claude Opus',
    note: 'The most capable, for hard work',
    contextTokens: 200_000,
  }),
  known('anthropic/claude-haiku-4-5', 1, 5, 0.1, {
    name: 'Claude Haiku',
    note: 'Quick and cheap',
    contextTokens: 200_000,
  }),
  known('openai/gpt-5', 1.25, 10, 0.125, {
    name: 'GPT-5',
    note: 'Thinks before it answers; hard work',
    contextTokens: 272_000,
  }),
  known('openai/gpt-5-mini', 0.25, 2, 0.025, {
    name: 'GPT-5 mini',
    note: 'Quicker and cheaper than GPT-5',
    contextTokens: 272_000,
  }),
  known('openai/gpt-4.1', 2, 8, 0.5, {
    name: 'GPT-4.1',
    note: 'Answers without thinking first',
    contextTokens: 1_000_000,
  }),
  known('together/Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8', 2, 2, 2, {
    name: 'Qwen3 Coder',
    note: 'Open model for code, at Together',
    pictures: false,
  }),
  known('together/openai/gpt-oss-120b', 0.15, 0.6, 0.15, {
    name: 'gpt-oss 120B',
    note: 'Open model that thinks first, at Together',
    pictures: false,
  }),
  known('together/meta-llama/Llama-3.3-70B-Instruct-Turbo', 0.88, 0.88, 0.88, {
    name: 'Llama 3.3 70B',
    note: 'Open model for general work, at Together',
    pictures: false,
    maxOutputTokens: 8000,
  }),
  known('openai/text-embedding-3-small', 0.02, 0, 0.02, {
    name: 'OpenAI embedding, small',
    note: 'For search',
    embeds: true,
    contextTokens: 8000,
  }),
  known('openai/text-embedding-3-large', 0.13, 0, 0.13, {
    name: 'OpenAI embedding, large',
    note: 'For search',
    embeds: true,
    contextTokens: 8000,
  }),
  known('together/intfloat/multilingual-e5-large-instruct', 0.02, 0, 0.02, {
    name: 'Multilingual E5',
    note: 'For search, at Together',
    embeds: true,
    contextTokens: 500,
  }),
  known(BUILTIN_ID, 0, 0, 0, {
    name: 'Built-in builder',
    note: 'Makes and changes data apps by rules. It is not a language model, and needs no key.',
    contextTokens: 1_000_000,
  }),
];

/** The parts of a model's id. A bare name is one of Anthropic's, as it was before there were others. */
export function splitRef(ref: string): { provider: string; model: string } {
  if (ref === BUILTIN_ID) return { provider: BUILTIN_ID, model: BUILTIN_ID };
  const slash = ref.indexOf('/');
  if (slash < 1) return { provider: 'anthropic', model: ref };
  return { provider: ref.slice(0, slash), model: ref.slice(slash + 1) };
}

/** The one way to write a model's id. */
export function canonical(ref: string): string {
  const { provider, model } = splitRef(ref);
  return provider === BUILTIN_ID ? BUILTIN_ID : `${provider}/${model}`;
}

/** The entry of a model; one that is not listed is taken with its own name, careful sizes and an unknown price. */
export function entryOf(ref: string): ModelEntry {
  const id = canonical(ref);
  const listed = CATALOGUE.find((entry) => entry.id === id);
  if (listed) return listed;
  const { provider, model } = splitRef(id);
  const own = !(PROVIDERS as readonly string[]).includes(provider);
  return {
    id,
    provider,
    model,
    name: model.split('/').at(-1) || model,
    note: 'Not in the price list',
    price: undefined,
    contextTokens: own ? 32_000 : 128_000,
    maxOutputTokens: own ? 8000 : 16_000,
  };
}
