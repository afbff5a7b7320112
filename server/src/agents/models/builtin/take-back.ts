/** Taking back what was done before by new changes: the last change of this chat, or all that another chat did. */
import { z } from 'zod';
import type { Spec } from '../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../contract/spec-operations.ts';
import { applyOperations } from '../../../builds/spec/apply.ts';
import { changesTold, inverseOf, lastChange, madeTheApp, WHERE_UNDO } from './commands/undo.ts';
import type { Done } from './conversation.ts';
import type { Interpretation } from './interpret.ts';
import { escaped } from './say.ts';

const said = (text: string): Interpretation => ({ kind: 'say', text });
const doing = (
  spec: Spec,
  operations: SpecOperation[],
  after: Spec,
  left: string[],
  unused: string[],
): Interpretation => ({
  kind: 'do',
  title: spec.title,
  operations,
  before: spec,
  after,
  assumed: [],
  left,
  unused,
});

/** The change that takes the last one back. */
export function takenBack(history: Done | undefined, spec: Spec, unused: string[]): Interpretation {
  const told = z.object({ transcript: z.string() }).safeParse(history?.output);
  const last = told.success ? lastChange(told.data.transcript) : undefined;
  if (told.success && last === undefined)
    return said(`I changed nothing in this chat that still stands. ${WHERE_UNDO}`);
  const operations = last === undefined ? undefined : inverseOf(last, spec);
  const applied = operations && applyOperations(spec, operations);
  if (!operations || !applied?.ok)
    return said(
      `${last ? `The last change was: ${escaped(last)}. ` : ''}I cannot take that back by another change. ${WHERE_UNDO}`,
    );
  return doing(spec, operations, applied.spec, [], unused);
}

const historyOfOther = z.object({ title: z.string(), transcript: z.string(), merged: z.boolean() });

/** The changes that take back what another chat did, the last first. What was changed again since is left as it is, and said. */
export function otherTakenBack(history: Done, spec: Spec, unused: string[], reason: string): Interpretation {
  const told = historyOfOther.safeParse(history.output);
  if (history.failed || !told.success) return said(`I could not take that back. ${reason}`);
  const title = `“${escaped(told.data.title)}”`;
  if (!told.data.merged)
    return said(`${title} was not merged, so nothing of it is in this app. In that chat, Undo takes back its turns.`);
  if (madeTheApp(told.data.transcript))
    return said(`${title} is the chat that made the app. To be without the app, delete it under Apps.`);
  const changes = changesTold(told.data.transcript);
  if (changes.length === 0)
    return said(
      `${title} changed code by hand, and I change only what the app keeps. Give this chat a language model: it reads what was changed and takes it back.`,
    );
  const operations: SpecOperation[] = [];
  const left: string[] = [];
  let after = spec;
  for (const change of changes.toReversed()) {
    const inverse = inverseOf(change, spec);
    const applied = inverse && applyOperations(after, inverse);
    if (inverse && applied?.ok) {
      operations.push(...inverse);
      after = applied.spec;
    } else left.push(`Not taken back: ${escaped(change)}. A change cannot do that, or it was changed again since.`);
  }
  if (operations.length === 0)
    return said(
      `Nothing of ${title} can be taken back by another change. It did this:\n\n${changes.map((change) => `- ${escaped(change)}`).join('\n')}`,
    );
  return doing(spec, operations, after, left, unused);
}
