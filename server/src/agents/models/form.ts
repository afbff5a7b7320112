/**
 * The form as a model: what a person changed in the spec by hand goes through the same loop, the same gate and the same history as
 * what a model does. It makes one call and then says what came of it.
 */
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import type { Conversation } from './builtin/conversation.ts';
import type { Decision } from './builtin/decide.ts';
import { BuiltinModel } from './builtin/model.ts';
import { BUILTIN_ID, entryOf } from './catalogue.ts';
import { FallbackModel } from './fallback.ts';
import { prepareFor } from './for-provider.ts';
import type { OpenModel } from './providers.ts';

/** What the form does next. @param operations what the person changed */
export const formDecision =
  (operations: readonly SpecOperation[]) =>
  ({ done }: Conversation): Decision => {
    const last = done.at(-1);
    if (!last) return { text: '', call: { tool: 'change_spec', input: { operations } } };
    if (!last.failed) return { text: 'Done, as the form says.' };
    const { message } = (last.output ?? {}) as { message?: string };
    return { text: `Nothing was changed. ${message ?? 'It was refused.'}` };
  };

const SILENCE_MS = 10_000;

/** Opens the form as the one model of a turn. It costs nothing and needs no key. */
export function openForm(operations: readonly SpecOperation[]): OpenModel {
  const entry = { ...entryOf(BUILTIN_ID), name: 'The form' };
  const model = new BuiltinModel(formDecision(operations));
  const candidates = [{ entry, model, prepare: prepareFor(entry, 'builtin', false) }];
  const watched: OpenModel['watched'] = (options) =>
    new FallbackModel({ candidates, silenceMs: SILENCE_MS, ...options });
  return { entry, candidates, model, watched };
}
