/** `add 10 sample rows to books`: done by a tool where there is one. */
import type { Spec } from '../../../../../../contract/spec.ts';
import type { Context } from '../outcome.ts';
import { mentionedEntity } from './mentions.ts';

export const NO_SAMPLES =
  'I cannot fill in rows yet, only say what the app keeps. In the preview “New” adds a row by hand; what you add in the draft stays there.';
const wish =
  /^(?:please |can you |could you )*(?:add|create|make|insert|put in|fill in|generate|give me|show me|i want|i need)\s+(?:me )?(?:in )?(?:some |a few |a couple of |(\d{1,3}) )?(?:more )?(?:sample|example|test|demo|dummy|fake|made[- ]up)(?: rows?| data| entries| records?| (?:[\p{L}-]+))?s?\b(.*)$/iu;

/** @returns how many rows for which list, or nothing when the message asks for something else */
export function samplesWanted(message: string, spec: Spec | null): { entity?: string; count: number } | undefined {
  const match = message.trim().match(wish);
  if (!match || /\b(?:field|column|list of|page)\b/i.test(message)) return undefined;
  const context: Context | undefined = spec ? { spec, answers: [], language: spec.language ?? 'en' } : undefined;
  const entity = context && mentionedEntity(context, message);
  return { ...(entity && { entity: entity.plural }), count: Math.min(Math.max(Number(match[1] ?? 5), 1), 100) };
}
