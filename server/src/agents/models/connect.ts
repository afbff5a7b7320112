/** Opens a connection to a provider: the SDK's own clients, with our address, key and rules for requests. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider';
import { createTogetherAI } from '@ai-sdk/togetherai';
import type { ProviderId } from './catalogue.ts';

/** Where models are reached: a provider that comes with the product, or an address that the owner added. */
export interface Source {
  /** the beginning of its models' ids */
  id: string;
  name: string;
  kind: ProviderId | 'compatible';
  key: string | undefined;
  keyFrom: 'settings' | 'environment' | 'none' | 'not needed';
  hint: string | null;
  baseUrl: string | undefined;
  /** names of models that are known, as it calls them */
  models: string[];
}

/** A redirect would carry the key to an address that nobody set. */
export const modelFetch: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'error' });

const optionsOf = ({ key, baseUrl }: Source) => ({
  apiKey: key ?? '',
  fetch: modelFetch,
  ...(baseUrl ? { baseURL: baseUrl } : {}),
});
const compatible = ({ id, key, baseUrl }: Source) =>
  createOpenAICompatible({
    name: id,
    baseURL: baseUrl ?? '',
    fetch: modelFetch,
    includeUsage: true,
    ...(key ? { apiKey: key } : {}),
  });

/** The Responses protocol for OpenAI, chat completions for the others (docs/decisions/0020). */
export function languageModel(source: Source, model: string): LanguageModelV4 {
  if (source.kind === 'anthropic') return createAnthropic(optionsOf(source))(model);
  if (source.kind === 'openai') return createOpenAI(optionsOf(source)).responses(model);
  if (source.kind === 'together') return createTogetherAI(optionsOf(source)).chatModel(model);
  return compatible(source).chatModel(model);
}

/** @returns undefined where the provider has no embeddings */
export function embeddingModel(source: Source, model: string): EmbeddingModelV4 | undefined {
  if (source.kind === 'anthropic') return undefined;
  if (source.kind === 'openai') return createOpenAI(optionsOf(source)).embeddingModel(model);
  if (source.kind === 'together') return createTogetherAI(optionsOf(source)).embeddingModel(model);
  return compatible(source).embeddingModel(model);
}
