/** Reads a message against the spec: a description of an app, or commands one after the other. The same words always mean the same. */
import { type AppLanguage, emptySpec, type Spec } from '../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../contract/spec-operations.ts';
import { applyOperations } from '../../../builds/spec/apply.ts';
import { comparable } from '../../../builds/spec/references.ts';
import { add } from './commands/add.ts';
import { arrangeStep } from './commands/arrange.ts';
import { changeField } from './commands/change-field.ts';
import { lookStep } from './commands/look.ts';
import { nextPage, pageStep } from './commands/pages.ts';
import { relateStep } from './commands/relate.ts';
import { remove, rename, retitle } from './commands/rename-remove.ts';
import { roleStep } from './commands/roles.ts';
import { contradictionIn } from './describe/contradictions.ts';
import { readDescription } from './describe/describe.ts';
import { operationsFor } from './describe/operations.ts';
import { type Proposals, proposePages, proposeTotals } from './describe/proposals.ts';
import { inEnglishWords, languageOf, together } from './language/language.ts';
import { answerTo } from './meta.ts';
import { distance } from './nearest.ts';
import { type Context, nextAnswer, type Question, type Step } from './outcome.ts';
import { say } from './say.ts';
import { splitOutside } from './split.ts';
import { vagueWish } from './vague.ts';

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
      /** answers that no question of the reading took: to whether it may be done */
      unused: string[];
      /** how to go on, where that is something special */
      next?: string;
    };

export type Doing = Extract<Interpretation, { kind: 'do' }>;

const LONGEST = 4_000;

/** The message without signs that nobody sees, with English words between its names, and the language that it is in. */
export function readable(message: string, spec: Spec | null): { text: string; language: AppLanguage } {
  const text = message
    .slice(0, LONGEST)
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : ' '))
    .trim();
  const language = languageOf(text, spec?.language);
  return { text: language === 'en' ? together(text) : inEnglishWords(text, language), language };
}

/**
 * @param spec null while the chat has no app
 * @param answers what the person answered to the questions of this turn, in order
 */
export function interpret(message: string, spec: Spec | null, answers: readonly string[] = []): Interpretation {
  // who answers in words of their own, with something that can be done as it stands, means that instead
  for (const [at, answer] of answers.entries()) {
    const asked = understand(message, spec, answers.slice(0, at));
    if (asked.kind !== 'ask') break;
    const offered = asked.ask.options.some(({ label }) => comparable(label) === comparable(answer));
    if (offered || answer.trim().split(/\s+/).length < WORDS_OF_A_WISH) continue;
    const instead = understand(answer, spec, answers.slice(at + 1));
    if (instead.kind === 'do' && instead.left.length === 0) return instead;
  }
  return understand(message, spec, answers);
}

/** Fewer are an answer. */
const WORDS_OF_A_WISH = 4;

function understand(message: string, spec: Spec | null, answers: readonly string[]): Interpretation {
  if (message.length > LONGEST)
    return {
      kind: 'say',
      text: `That is ${message.length} characters, more than I can take in at once. Say it in a few sentences.`,
    };
  const { text: said, language } = readable(message, spec);
  const meta = answerTo(said, spec);
  if (meta) return { kind: 'say', text: meta };
  const before = spec ?? emptySpec('App');
  const context: Context = {
    spec: before,
    answers: [...answers],
    language,
    ...(language === 'en' ? {} : { own: message.trim() }),
  };
  return before.entities.length === 0 ? describedIn(said, spec, context) : fromCommands(said, context);
}

/** A description, after what is vague or cannot be true was asked for: one question at a time. */
function describedIn(text: string, spec: Spec | null, context: Context): Interpretation {
  const vague = vagueWish(text, context.language);
  const contradiction = vague ? undefined : contradictionIn(text);
  if (!vague && !contradiction) return fromDescription(text, spec, context);
  const answer = nextAnswer(context);
  if (answer === undefined) return { kind: 'ask', ask: (vague ?? contradiction)!.ask };
  if (contradiction) return fromDescription(contradiction.meant[answer.toLowerCase()] ?? text, spec, context);
  const meant = inEnglishWords(vague!.meaning.get(answer.toLowerCase()) ?? answer, context.language);
  const next = vagueWish(meant, context.language);
  if (next) return describedIn(meant, spec, context);
  const made = fromDescription(meant, spec, context);
  return made.kind === 'do' && !spec ? { ...made, title: vague!.title ?? made.title } : made;
}

function fromDescription(text: string, spec: Spec | null, context: Context): Interpretation {
  const { spec: before, language } = context;
  const titled = spec
    ? splitClauses(text)
        .map(retitle)
        .find((step) => step !== undefined)
    : undefined;
  const described = titled ? undefined : readDescription(withoutPlease(text), language);
  const operations: SpecOperation[] = titled && 'operations' in titled ? titled.operations : [];
  if (described && language !== (before.language ?? 'en')) operations.push({ op: 'set_language', language });
  if (described) operations.push(...operationsFor(described.entities, described.relations, language));
  if (operations.length === 0) return { kind: 'say', text: notUnderstood(context.own ?? text, before) };
  const title = described?.title ?? before.title;
  const applied = applyOperations({ ...before, title }, operations);
  if (!applied.ok)
    return { kind: 'say', text: `I understood you, but it cannot be made like that: ${applied.message}` };
  const assumed = [...(described?.assumed ?? [])];
  // what says nothing about a list may be a wish for what was just described
  context.spec = applied.spec;
  const more = carryOut(context, described?.unread ?? []);
  if ('ask' in more) return { kind: 'ask', ask: more.ask };
  if (described) propose(context, more, [proposeTotals, proposePages]);
  return {
    kind: 'do',
    title,
    operations: [...operations, ...more.operations],
    before,
    after: context.spec,
    assumed: [...assumed, ...more.assumed],
    left: more.left,
    unused: context.answers,
  };
}

function fromCommands(text: string, context: Context): Interpretation {
  const before = context.spec;
  const done = carryOut(context, splitClauses(text));
  if ('ask' in done) return { kind: 'ask', ask: done.ask };
  const { operations, assumed, left } = done;
  if (operations.some((one) => one.op === 'relate' && one.onDelete === 'delete'))
    propose(context, done, [proposeTotals]);
  if (operations.length === 0) {
    const understood = left.some((sentence) => !sentence.startsWith('I did not understand'));
    return { kind: 'say', text: understood ? left.join(' ') : notUnderstood(context.own ?? text, before) };
  }
  return {
    kind: 'do',
    title: before.title,
    operations,
    before,
    after: context.spec,
    assumed,
    left,
    unused: context.answers,
  };
}

/** Adds what good work adds, where it can be made. */
function propose(
  context: Context,
  done: CarriedOut,
  kinds: ((spec: Spec, language: AppLanguage) => Proposals)[],
): void {
  for (const kind of kinds) {
    const proposed = kind(context.spec, context.language);
    const tried = applyOperations(context.spec, proposed.operations);
    if (!tried.ok) continue;
    context.spec = tried.spec;
    done.operations.push(...proposed.operations);
    done.assumed.push(...proposed.assumed);
  }
}

interface CarriedOut {
  operations: SpecOperation[];
  assumed: string[];
  left: string[];
}

const commandVerbs = ['delete', 'remove', 'rename', 'change', 'sort', 'hide', 'show', 'make', 'call', 'link', 'move'];

/** `delte the notes`: the first word may be a verb with a letter wrong. */
function withVerbCorrected(clause: string): string {
  const first = clause.match(/^[a-z]{4,10}(?=\s)/i)?.[0];
  const verb =
    first &&
    commandVerbs.find(
      (known) =>
        distance(first.toLowerCase(), known) === 1 || (known.length > 5 && distance(first.toLowerCase(), known) === 2),
    );
  return verb ? verb + clause.slice(first.length) : clause;
}

/** One clause after the other, each on the spec that the ones before it leave. */
function carryOut(context: Context, clauses: string[]): CarriedOut | { ask: Question } {
  const operations: SpecOperation[] = [];
  const assumed: string[] = [];
  const left: string[] = [];
  for (const clause of clauses) {
    const step = readClause(context, clause) ?? readClause(context, withVerbCorrected(clause));
    if (!step) {
      // nobody knows their words again once some are English
      const sentence =
        context.own && clauses.length > 1
          ? `I did not understand all of ${say(context.own)}.`
          : `I did not understand ${say(context.own ?? clause)}.`;
      if (!left.includes(sentence)) left.push(sentence);
    } else if ('ask' in step) return { ask: step.ask };
    else if ('say' in step) left.push(step.say);
    else {
      const applied = applyOperations(context.spec, step.operations);
      if (!applied.ok) left.push(applied.message);
      else {
        context.spec = applied.spec;
        const about = step.operations.findLast((one) => one.op === 'add_entity' || one.op === 'add_field');
        if (about) context.subject = about.op === 'add_entity' ? about.name : about.entity;
        operations.push(...step.operations);
        assumed.push(...(step.assumed ?? []));
      }
    }
  }
  return { operations, assumed, left };
}

function readClause(context: Context, clause: string): Step | undefined {
  return (
    pageStep(context, clause) ??
    roleStep(context, clause) ??
    lookStep(clause) ??
    arrangeStep(context, clause) ??
    relateStep(context, clause) ??
    retitle(clause) ??
    rename(context, clause) ??
    changeField(context, clause) ??
    remove(context, clause) ??
    add(context, clause)
  );
}

const verbs =
  'sort|hide|show|link|connect|order|move|use|only|everybody|everyone|add|include|remove|delete|drop|rename|call|make|change|set|turn|convert|let|give|create|get rid of|take out|track|record|allow|put';
const between = new RegExp(
  `\\s*(?:[;\\n]+|[.!](?=\\s|$)|,?\\s+(?:and then|then)\\s+|,\\s*(?:and\\s+)?(?=(?:also\\s+)?(?:${verbs})\\s)|(?:,\\s*(?:and\\s+)?|\\s+and\\s+)(?=(?:each|every|all|an?|the)\\s[^,;]+?\\sbelongs? to\\s)|,\\s*(?:and\\s+)?(?=(?:the\\s+)?[a-z]+\\s+(?:are|is)\\s+(?:in|part of|grouped)\\s)|\\s+and\\s+(?:also\\s+)?(?=(?:${verbs})\\s))\\s*(?:[-*•]\\s+|\\d+[.)]\\s+)?`,
  'gi',
);

/** One clause for each thing that is asked for. */
function splitClauses(text: string): string[] {
  return splitOutside(text.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, ''), between)
    .flatMap((clause) => splitOutside(clause, nextPage))
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
      .replace(/^(?:i|we)(?:['’]d| would) (?:rather|prefer to|love to|like to)\s+/i, '')
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
