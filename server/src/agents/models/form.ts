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

/** What the form does next. @param operations what the person changed @param newApp the title of the app that it makes first */
export const formDecision =
  (operations: readonly SpecOperation[], newApp?: string) =>
  ({ done }: Conversation): Decision => {
    const last = done.at(-1);
    if (!last && newApp !== undefined) return { text: '', call: { tool: 'create_app', input: { title: newApp } } };
    if (!last || (last.tool === 'create_app' && !last.failed))
      return { text: '', call: { tool: 'change_spec', input: { operations } } };
    if (!last.failed) return { text: newApp === undefined ? 'Done, as the form says.' : READY };
    const { message, unknown } = (last.output ?? {}) as { message?: string; unknown?: string };
    if (unknown)
      return { text: 'It was interrupted. Look under Spec whether it was changed, and change it again if not.' };
    return { text: `Nothing was changed. ${message ?? 'It was refused.'}` };
  };

const READY = 'It is made, and yours to change: say what should be different, or change it under Spec.';
const SILENCE_MS = 10_000;

/** Opens the form as the one model of a turn. It costs nothing and needs no key. */
export function openForm(operations: readonly SpecOperation[], newApp?: string): OpenModel {
  const entry = { ...entryOf(BUILTIN_ID), name: 'The form' };
  const model = new BuiltinModel(formDecision(operations, newApp));
  const candidates = [{ entry, model, prepare: prepareFor(entry, 'builtin', false) }];
  const watched: OpenModel['watched'] = (options) =>
    new FallbackModel({ candidates, silenceMs: SILENCE_MS, ...options });
  return { entry, candidates, model, watched };
}
