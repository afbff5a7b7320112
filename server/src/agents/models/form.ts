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

/** What the form of an import does: one call, and then what was found, line by line. */
export const importDecision =
  (address: string) =>
  ({ done }: Conversation): Decision => {
    const last = done.at(-1);
    if (!last) return { text: '', call: { tool: 'import_app', input: { address } } };
    const { failed, message, detail, notes } = (last.output ?? {}) as {
      failed?: { message?: string; detail?: unknown };
      message?: string;
      detail?: unknown;
      notes?: string[];
    };
    if (last.failed || !notes) {
      const why = [failed?.message ?? message ?? 'It was refused.', failed?.detail ?? detail];
      return { text: `Nothing was brought in. ${why.filter((one) => typeof one === 'string').join(' ')}` };
    }
    return { text: ['It is brought in.', '', ...notes.map((note) => `- ${note}`)].join('\n') };
  };

const READY =
  'It is made, and yours to change: say what should be different, or change it under Spec. Its lists are empty: say “add sample rows” to see them filled.';
const SILENCE_MS = 10_000;

/** Opens the form as the one model of a turn. It costs nothing and needs no key. */
export const openForm = (operations: readonly SpecOperation[], newApp?: string): OpenModel =>
  open(formDecision(operations, newApp));

/** Opens the form by which a person brings a repository in. */
export const openImport = (address: string): OpenModel => open(importDecision(address));

function open(decision: (conversation: Conversation) => Decision): OpenModel {
  const entry = { ...entryOf(BUILTIN_ID), name: 'The form' };
  const model = new BuiltinModel(decision);
  const candidates = [{ entry, model, prepare: prepareFor(entry, 'builtin', false) }];
  const watched: OpenModel['watched'] = (options) =>
    new FallbackModel({ candidates, silenceMs: SILENCE_MS, ...options });
  return { entry, candidates, model, watched };
}
