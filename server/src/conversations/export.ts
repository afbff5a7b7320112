/**
 * A chat as Markdown: what people said, what was answered, the steps folded into lists, diffs in fences, questions with their answers, and
 * what was taken back marked as such. Pure: events in, text out.
 */
import type { FileDiff } from '../../../contract/chats.ts';
import type { ChatEvent, EventPayload } from '../../../contract/events.ts';
import { lineOfStep } from '../../../contract/step-words.ts';
import { withEdits } from './wording.ts';

interface Turn {
  asked: EventPayload<'message.user'>;
  at: string;
  lines: string[];
  /** neighbouring steps, until something else is said */
  steps: string[];
  undone: boolean;
  withdrawn: boolean;
}

/** @param left what could not be exported, in words; undefined when all of it is there */
export function exportChat(
  chat: { title: string; app: string | null; branch: string; createdAt: string },
  events: ChatEvent[],
  left?: string,
): string {
  const entries: (Turn | string)[] = [];
  const turns = new Map<string, Turn>();
  for (const event of withEdits(events)) {
    if (event.type === 'message.user') {
      const turn = { asked: event.payload, at: event.at, lines: [], steps: [], undone: false, withdrawn: false };
      turns.set(event.payload.turnId, turn);
      entries.push(turn);
    } else if (event.type === 'transport.changed') entries.push(...milestone(event.payload, event.at));
    else if ('turnId' in event.payload && event.payload.turnId) {
      if (event.type === 'turn.undone')
        for (const id of event.payload.with ?? []) mark(turns.get(id), !event.payload.redone);
      const turn = turns.get(event.payload.turnId);
      if (turn) take(turn, event);
    }
  }
  const about = [
    chat.app ? `App: ${chat.app}` : undefined,
    `Branch: \`${chat.branch}\``,
    `Begun: ${day(chat.createdAt)}`,
  ];
  const parts = [`# ${line(chat.title)}`, about.filter(Boolean).join(' · '), ...entries.flatMap(written)];
  return `${[...parts, ...(left ? [`*${left}*`] : [])].join('\n\n')}\n`;
}

function take(turn: Turn, event: ChatEvent): void {
  if (event.type === 'tool.result') {
    const { state, tool } = event.payload;
    const how = state === 'failed' ? 'Failed: ' : state === 'unknown' ? 'Unclear: ' : '';
    if (tool !== 'ask_person' && tool !== 'ready_for_review')
      turn.steps.push(`- ${how}${line(lineOfStep(event.payload))}`);
    return;
  }
  if (event.type === 'message.assistant') {
    fold(turn);
    turn.lines.push(event.payload.text.trim() + (event.payload.partial ? '\n\n*(cut off here)*' : ''));
  } else if (event.type === 'file.diff') {
    fold(turn);
    turn.lines.push(...event.payload.files.map(diff));
  } else if (event.type === 'question.asked') {
    fold(turn);
    const { question, detail, options } = event.payload;
    const choices = options.map((option) => `> - ${line(option.label)}`);
    turn.lines.push([`> **${line(question)}**`, ...(detail ? [`> ${line(detail)}`] : []), ...choices].join('\n'));
  } else if (event.type === 'question.answered') {
    turn.lines.push(`> ${line(event.payload.by.name)} answered: ${line(event.payload.answer)}`);
  } else if (event.type === 'turn.undone') mark(turn, !event.payload.redone);
  else if (event.type === 'turn.ended') {
    fold(turn);
    const { outcome, reason } = event.payload;
    turn.withdrawn = outcome === 'withdrawn';
    if (outcome === 'stopped') turn.lines.push('*Stopped.*');
    if (reason) turn.lines.push(`*${line(reason)}*`);
  }
}

function mark(turn: Turn | undefined, undone: boolean): void {
  if (turn) turn.undone = undone;
}

function fold(turn: Turn): void {
  if (turn.steps.length === 0) return;
  const name = turn.steps.length === 1 ? '1 step' : `${turn.steps.length} steps`;
  turn.lines.push(`<details><summary>${name}</summary>\n\n${turn.steps.join('\n')}\n\n</details>`);
  turn.steps = [];
}

function written(entry: Turn | string): string[] {
  if (typeof entry === 'string') return [entry];
  if (entry.withdrawn) return [];
  fold(entry);
  const marks = [
    entry.asked.mode === 'plan' ? 'asked for a plan' : undefined,
    entry.asked.replaces ? 'written anew' : undefined,
    entry.undone ? 'taken back' : undefined,
  ].filter(Boolean);
  const head = `## ${line(entry.asked.by.name)}, ${day(entry.at)}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
  return [head, quoted(entry.asked.text), ...entry.lines];
}

function milestone(payload: EventPayload<'transport.changed'>, at: string): string[] {
  if (payload.transport === 'merged' && payload.release)
    return [`---\n\n*Merged as release ${payload.release.number}, ${day(at)}.*\n\n---`];
  return payload.note ? [`*${line(payload.note)}*`] : [];
}

/** A file's change in a fence that no line of it can close. */
function diff(file: FileDiff): string {
  const lines = file.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart} +${hunk.newStart} @@ ${hunk.heading}`.trimEnd(),
    ...hunk.lines.map(({ kind, text }) => `${kind}${text}`),
  ]);
  const longest = Math.max(2, ...lines.map((one) => /`{3,}/.exec(one)?.[0].length ?? 0));
  const fence = '`'.repeat(longest + 1);
  const what = { A: 'new', M: 'changed', D: 'removed' }[file.change];
  const cut = file.cut ? '\n… (too large to show whole)' : '';
  return `\`${file.path}\` (${what}, +${file.additions} −${file.deletions})\n\n${fence}diff\n${lines.join('\n')}${cut}\n${fence}`;
}

/** A person's words are text: a heading or HTML in them must not become one here. */
const quoted = (text: string): string =>
  text
    .split('\n')
    .map((one) => `> ${one.replace(/[\\`*_[\]<>#|]/g, (sign) => `\\${sign}`)}`.trimEnd())
    .join('\n');

const line = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>#|]/g, (sign) => `\\${sign}`);

const day = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
