/**
 * The builder's next step, from what was asked and what was done so far. It keeps nothing in memory: a turn that is taken up again after
 * a crash comes to the same step.
 */
import { z } from 'zod';
import { specSchema } from '../../../../../contract/spec.ts';
import { wantsLive } from './commands/live.ts';
import { NO_SAMPLES, samplesWanted } from './commands/samples.ts';
import { chatToUndo, isUndo } from './commands/undo.ts';
import { clashIn, confirmation, effectsIn, GO_ON, isRisky } from './confirm.ts';
import type { Conversation, Done } from './conversation.ts';
import { type Doing, interpret, readable } from './interpret.ts';
import { answerTo } from './meta.ts';
import { closingText, planOnlyText, planText, summaryOf } from './plan-text.ts';
import { escaped } from './say.ts';
import { fromTable, tableMeant } from './table/from-table.ts';
import { looksLikeTable } from './table/read-table.ts';
import { otherTakenBack, takenBack } from './take-back.ts';

export interface Decision {
  text: string;
  call?: { tool: string; input: unknown };
}

const specResult = z.object({
  app: z.object({ title: z.string() }).nullable(),
  spec: specSchema.nullish(),
  imported: z.boolean().default(false),
});
const IMPORTED =
  'This app was imported, and I can only change what I have described myself: I work by rules, and do not read code. ' +
  'Choose a language model below, or add a key for one in Settings; then say again what should change.';
/** Where edits made by hand stayed, as `change_spec` tells. */
const keptResult = z.object({ kept: z.array(z.object({ path: z.string(), reason: z.string() })) });
const MOST_QUESTIONS = 6;

export function decide({ message: written, files, done, tools }: Conversation): Decision {
  const message = isUndo(readable(written, null).text) ? 'undo that' : written;
  const find = (tool: string): Done | undefined => done.findLast((step) => step.tool === tool);
  if (find('ready_for_review')) return { text: '' };
  const read = find('read_spec');
  if (!read) {
    const meta =
      !files.some(looksLikeTable) && message.length < 2_000 && !isUndo(message) && chatToUndo(written) === undefined
        ? answerTo(readable(message, null).text, null)
        : undefined;
    if (meta && !/\b(?:fields?|lists?|tables?|columns?|keep)\b/i.test(message)) return { text: meta };
    if (tools.has('read_spec')) return { text: '', call: { tool: 'read_spec', input: {} } };
  }
  const known = read ? specResult.safeParse(read.output) : undefined;
  if (read && (read.failed || !known?.success))
    return { text: `I could not read what the app keeps. ${reasonOf(read)}` };
  if (known?.data?.imported) return { text: IMPORTED };
  const app = known?.data?.app ?? null;
  const spec = known?.data?.spec ?? null;

  const answers = done
    .filter((step) => step.tool === 'ask_person' && !step.failed)
    .map(({ output }) => answerOf(output));
  const table = tableMeant(written, files, () => interpret(written, app ? spec : null).kind !== 'say');
  const samples = table ? undefined : samplesWanted(message, spec);
  if (samples && spec) return samplesStep(samples, find('add_sample_rows'), tools);
  if (!table && spec && tools.has('apply_to_live') && wantsLive(message)) return liveStep(find('apply_to_live'));
  const other = spec === null ? undefined : chatToUndo(written);
  const undoing = spec !== null && (other !== undefined || isUndo(message));
  const history = find('read_history');
  if (undoing && !history && tools.has('read_history'))
    return { text: '', call: { tool: 'read_history', input: other === undefined ? {} : { chat: other } } };
  const meant = table
    ? fromTable(written, table, app ? spec : null)
    : !undoing
      ? interpret(message, app ? spec : null, answers)
      : other !== undefined && history
        ? otherTakenBack(history, spec, answers, reasonOf(history))
        : takenBack(history, spec, answers);
  if (meant.kind === 'say') return { text: meant.text };
  if (meant.kind === 'ask') {
    if (answers.length >= MOST_QUESTIONS || !tools.has('ask_person'))
      return { text: `${meant.ask.question} Say it in a new message, please.` };
    return { text: '', call: { tool: 'ask_person', input: meant.ask } };
  }

  // a turn that only plans is offered no tool that writes
  if (!tools.has('change_spec')) return { text: planOnlyText(meant, !app) };

  const made = find('create_app');
  if (!app && !made)
    return { text: planText(meant, true), call: { tool: 'create_app', input: { title: meant.title } } };
  if (made?.failed) return { text: `The app could not be made. ${reasonOf(made)}` };
  const changed = find('change_spec');
  if (!changed && app && isRisky(meant.operations) && tools.has('preview_spec')) {
    const first = beforeRows(meant, find('preview_spec'), tools);
    if (first) return first;
  }
  if (!changed)
    return {
      text: app && !find('preview_spec') ? planText(meant, false) : '',
      call: { tool: 'change_spec', input: { operations: meant.operations } },
    };
  if (changed.failed) return { text: `That could not be done, and nothing was changed. ${reasonOf(changed)}` };
  const found = keptResult.safeParse(changed.output);
  const kept = found.success ? found.data.kept.map(({ path, reason }) => `${path}: ${reason}`) : [];
  const closing = closingText(meant, kept);
  if (!tools.has('ready_for_review')) return { text: closing };
  return { text: closing, call: { tool: 'ready_for_review', input: { summary: summaryOf(meant) } } };
}

/** Counts what rows would lose, and asks when they would. @returns nothing when it may be done */
function beforeRows(meant: Doing, tried: Done | undefined, tools: ReadonlySet<string>): Decision | undefined {
  if (!tried)
    return { text: planText(meant, false), call: { tool: 'preview_spec', input: { operations: meant.operations } } };
  if (tried.failed) return { text: `That could not be done, and nothing was changed. ${reasonOf(tried)}` };
  const effects = effectsIn(tried.output) ?? [];
  const clash = clashIn(effects);
  if (clash) return { text: clash };
  const question = tools.has('ask_person') ? confirmation(effects) : undefined;
  const answer = meant.unused[0];
  if (!question || answer === GO_ON) return undefined;
  if (answer === undefined) return { text: '', call: { tool: 'ask_person', input: question } };
  return { text: 'Then I leave it as it is. Nothing was changed.' };
}

/** Changes of tables on live, where a person has said yes to them. */
function liveStep(made: Done | undefined): Decision {
  if (!made) return { text: '', call: { tool: 'apply_to_live', input: {} } };
  if (made.failed) return { text: `Nothing was changed on live. ${reasonOf(made)}` };
  return { text: 'Done: live has these changes of tables now.' };
}

/** Sample rows, where a tool makes them. */
function samplesStep(
  wanted: { entity?: string; count: number },
  made: Done | undefined,
  tools: ReadonlySet<string>,
): Decision {
  if (!tools.has('add_sample_rows')) return { text: NO_SAMPLES };
  if (!made) return { text: '', call: { tool: 'add_sample_rows', input: wanted } };
  if (made.failed) return { text: `No rows were added. ${reasonOf(made)}` };
  return { text: 'Done: the preview shows the sample rows. They are in this chat’s draft only.' };
}

const answerOf = (output: unknown): string => {
  const result = z.object({ answer: z.string() }).safeParse(output);
  return result.success ? result.data.answer : typeof output === 'string' ? output : '';
};

/** The reason of a refusal, in the words of whoever refused. */
function reasonOf({ output }: Done): string {
  const message = z.object({ message: z.string() });
  const result = z.union([z.object({ refused: message }), z.object({ error: message }), message]).safeParse(output);
  if (!result.success) return typeof output === 'string' ? escaped(output.replace(/^Error: /, '').slice(0, 300)) : '';
  const reason =
    'refused' in result.data ? result.data.refused : 'error' in result.data ? result.data.error : result.data;
  return escaped(reason.message.slice(0, 300));
}
