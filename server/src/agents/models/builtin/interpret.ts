/** Reads a message against the spec: a description of an app, or commands one after the other. The same words always mean the same. */
import { emptySpec, type Spec } from '../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../contract/spec-operations.ts';
import { applyOperations } from '../../../builds/spec/apply.ts';
import { add } from './add.ts';
import { changeField } from './change-field.ts';
import { readDescription } from './describe.ts';
import { answerTo } from './meta.ts';
import type { Context, Question, Step } from './outcome.ts';
import { remove, rename, retitle } from './rename-remove.ts';
import { say } from './say.ts';
import { splitOutside } from './split.ts';

export type Interpretation =
  | { kind: 'say'; text: string }
  | { kind: 'ask'; ask: Question }
  | {
      kind: 'do';
      /** of the app, when it has to be made first */
      title: string;
      operations: SpecOperation[];
      before: Spec;
      after: Spec;
      assumed: string[];
      /** what was not understood or not possible, as sentences */
      left: string[];
    };

const LONGEST = 4_000;

/**
 * @param spec null while the chat has no app
 * @param answers what the person answered to the questions of this turn, in order
 */
export function interpret(message: string, spec: Spec | null, answers: readonly string[] = []): Interpretation {
  if (message.length > LONGEST)
    return {
      kind: 'say',
      text: `That is ${message.length} characters, more than I can take in at once. Say it in a few sentences.`,
    };
  const text = message
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : ' '))
    .trim();
  const meta = answerTo(text, spec);
  if (meta) return { kind: 'say', text: meta };
  const before = spec ?? emptySpec('App');
  return before.entities.length === 0 ? fromDescription(text, spec, before) : fromCommands(text, before, [...answers]);
}

function fromDescription(text: string, spec: Spec | null, before: Spec): Interpretation {
  const titled = spec
    ? splitClauses(text)
        .map(retitle)
        .find((step) => step !== undefined)
    : undefined;
  const described = titled ? undefined : readDescription(withoutPlease(text));
  const operations: SpecOperation[] = titled && 'operations' in titled ? titled.operations : [];
  if (described)
    operations.push(...described.entities.map((entity): SpecOperation => ({ op: 'add_entity', ...entity })));
  if (operations.length === 0) return { kind: 'say', text: notUnderstood(text, before) };
  const title = described?.title ?? before.title;
  const applied = applyOperations({ ...before, title }, operations);
  if (!applied.ok)
    return { kind: 'say', text: `I understood you, but it cannot be made like that: ${applied.message}` };
  const left = (described?.unread ?? []).map((clause) => `I did not understand ${say(clause)}.`);
  return { kind: 'do', title, operations, before, after: applied.spec, assumed: described?.assumed ?? [], left };
}

function fromCommands(text: string, before: Spec, answers: string[]): Interpretation {
  const context: Context = { spec: before, answers };
  const operations: SpecOperation[] = [];
  const assumed: string[] = [];
  const left: string[] = [];
  for (const clause of splitClauses(text)) {
    const step = readClause(context, clause);
    if (!step) left.push(`I did not understand ${say(clause)}.`);
    else if ('ask' in step) return { kind: 'ask', ask: step.ask };
    else if ('say' in step) left.push(step.say);
    else {
      const applied = applyOperations(context.spec, step.operations);
      if (!applied.ok) left.push(applied.message);
      else {
        context.spec = applied.spec;
        operations.push(...step.operations);
        assumed.push(...(step.assumed ?? []));
      }
    }
  }
  if (operations.length === 0) {
    const understood = left.some((sentence) => !sentence.startsWith('I did not understand'));
    return { kind: 'say', text: understood ? left.join(' ') : notUnderstood(text, before) };
  }
  return { kind: 'do', title: before.title, operations, before, after: context.spec, assumed, left };
}

function readClause(context: Context, clause: string): Step | undefined {
  return (
    retitle(clause) ??
    rename(context, clause) ??
    changeField(context, clause) ??
    remove(context, clause) ??
    add(context, clause)
  );
}

const verbs =
  'add|include|remove|delete|drop|rename|call|make|change|set|turn|convert|let|give|create|get rid of|take out|track|record|allow|put';
const between = new RegExp(
  `\\s*(?:[;\\n]+|[.!](?=\\s|$)|,?\\s+(?:and then|then)\\s+|,\\s*(?:and\\s+)?(?=(?:also\\s+)?(?:${verbs})\\s)|\\s+and\\s+(?:also\\s+)?(?=(?:${verbs})\\s))\\s*(?:[-*•]\\s+|\\d+[.)]\\s+)?`,
  'gi',
);

/** One clause for each thing that is asked for. */
function splitClauses(text: string): string[] {
  return splitOutside(text.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, ''), between)
    .map(withoutPlease)
    .filter((clause) => clause !== '');
}

/** Without polite words around it. */
function withoutPlease(clause: string): string {
  let rest = clause.trim();
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest
      .replace(
        /^(?:hi|hello|hey|please|ok(?:ay)?|so|now|then|also|and|next|great|good|nice|thanks|thank you|yes|first|finally|second|third)\b[\s,:!.]*(?=\S)/i,
        '',
      )
      .replace(/^(?:can|could|would|will) (?:you|we)(?: please| also)?\s+/i, '')
      .replace(/^(?:i|we)(?:'d|’d| would)? (?:also )?(?:want|like|need)(?: you)? to\s+(?:also )?/i, '')
      .replace(/^be able to\s+/i, '')
      .replace(/^let(?:'s|’s| us)\s+/i, '')
      .replace(/[\s,]*\b(?:please|thanks|thank you|too|as well)\s*[.!?]*$/i, '')
      .replace(/^(?:i|we)(?: also)? (?:want|need|would like)\s+(?!to\b)(?=an?\s|the\s|another\s|some\s)/i, 'add ')
      .replace(/\?$/, '')
      .trim();
  }
  return rest;
}

function notUnderstood(text: string, spec: Spec): string {
  const shown = text ? `I did not understand ${say(text)}.` : 'There was nothing in your message.';
  const first = spec.entities[0];
  const example = first
    ? `Say for example “add a notes field to ${first.plural.toLowerCase()}”, “make ${first.fields[0]!.name.toLowerCase()} required” or “rename ${first.plural.toLowerCase()} to …”.`
    : 'Say what you want to keep track of, for example “a reading list with title, author, rating 1 to 5 and whether I finished it”.';
  return `${shown} I am the built-in builder: I work by rules, not by a language model, and know lists, their fields and the rules of those. ${example}`;
}
