/** Whether a stream that came to its end came to an end. */
import type { LanguageModelV4FinishReason } from '@ai-sdk/provider';

/** A proxy that closes politely in the middle of an answer leaves no reason: the answer is not whole. */
export const brokeOff = ({ unified, raw }: LanguageModelV4FinishReason): boolean =>
  unified === 'error' || (unified === 'other' && raw === undefined);
