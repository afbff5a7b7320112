/** The usage that a provider reports, as we count it: each token once. */
import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Usage } from './price.ts';

export function usageOf({ inputTokens, outputTokens, raw }: LanguageModelV4Usage): Usage {
  const read = inputTokens.cacheRead ?? 0;
  const written = inputTokens.cacheWrite ?? 0;
  const long = (raw?.cache_creation as { ephemeral_1h_input_tokens?: number } | undefined)?.ephemeral_1h_input_tokens;
  return {
    inputTokens: inputTokens.noCache ?? Math.max(0, (inputTokens.total ?? 0) - read - written),
    outputTokens: outputTokens.total ?? 0,
    cacheReadTokens: read,
    cacheWriteTokens: written,
    ...(long ? { longCacheWriteTokens: long } : {}),
  };
}
