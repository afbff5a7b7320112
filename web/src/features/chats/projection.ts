/**
 * The thread as the screen shows it: a pure projection of the chat's events, in order, and of the text that is still being written.
 * Applying the same event twice changes nothing.
 */
import type { Attachment } from '../../../../contract/attachments.ts';
import type { FileDiff, TurnKind } from '../../../../contract/chats.ts';
import type { ChatEvent, EventPayload, Outcome, Question, TextDelta } from '../../../../contract/events.ts';
import type { PickedElement, PreviewProblem } from '../../../../contract/preview.ts';
import { wasDeclined } from '../../../../contract/step-words.ts';

export interface Step {
  kind: 'step';
  callId: string;
  tool: string;
  title: string;
  state: 'running' | 'done' | 'refused' | 'failed' | 'unknown';
  summary: string;
  /** refused by a person's no */
  declined: boolean;
  ms: number;
  detail: unknown;
}
export type Item =
  | { kind: 'text'; messageId: string; text: string; streaming: boolean; partial: boolean }
  | Step
  | { kind: 'reasoning'; messageId: string; text: string; ms: number }
  | { kind: 'diff'; callId: string; files: FileDiff[] }
  | { kind: 'question'; question: Question; answer: string | null }
  | { kind: 'pictures'; callId: string; pictures: Attachment[] }
  | { kind: 'note'; key: string; text: string };

export interface Turn {
  kind: 'turn';
  id: string;
  /** `seq`: the event that has these words */
  asked: {
    text: string;
    by: string;
    at: string;
    seq: number;
    attachments: Attachment[];
    element: PickedElement | null;
  };
  mode: TurnKind;
  /** the turn whose message was written anew */
  replaces: string | null;
  state: 'queued' | 'running' | 'waiting' | 'ended';
  model: EventPayload<'turn.started'>['model'] | null;
  /** those that answered; empty until the turn ends */
  models: EventPayload<'turn.started'>['model'][];
  items: Item[];
  outcome: Outcome | null;
  reason: string | null;
  commit: string | null;
  files: number;
  tokens: number;
  costMicros: number | null;
  ms: number;
  undone: boolean;
}
export interface Release {
  kind: 'release';
  id: string;
  number: number;
  by: string;
  at: string;
  stage: EventPayload<'build.progress'>['stage'];
  text: string;
  /** of the staging site, where an app has one */
  staging?: boolean;
}
export interface Marker {
  kind: 'marker';
  key: string;
  text: string;
  at: string;
}
export type Entry = Turn | Release | Marker;

export interface Thread {
  entries: Entry[];
  lastSeq: number;
  preview: EventPayload<'preview.changed'> | null;
  /** what the preview's server said went wrong since its files last changed */
  problems: PreviewProblem[];
  /** raised with each change of the app's files: what is shown elsewhere is to be read anew */
  filesVersion: number;
  /** when rows of the draft were last changed by a turn or its undo; the preview’s page does not see that by itself */
  rowsAt: string | null;
}

const MOST_PROBLEMS = 5;

export const emptyThread = (): Thread => ({
  entries: [],
  lastSeq: 0,
  preview: null,
  problems: [],
  filesVersion: 0,
  rowsAt: null,
});

const withEntry = (thread: Thread, match: (entry: Entry) => boolean, change: (entry: Entry) => Entry): Thread => ({
  ...thread,
  entries: thread.entries.map((entry) => (match(entry) ? change(entry) : entry)),
});
const withTurn = (thread: Thread, id: string, change: (turn: Turn) => Turn): Thread =>
  withEntry(
    thread,
    (entry) => entry.kind === 'turn' && entry.id === id,
    (entry) => change(entry as Turn),
  );
const addItem = (turn: Turn, item: Item): Turn => ({ ...turn, items: [...turn.items, item] });

/** What is still written when a turn ends or is asked again was never finished. */
const settled = (turn: Turn): Turn => ({
  ...turn,
  items: turn.items.filter((item) => !(item.kind === 'text' && item.streaming)),
});

/** Applies an event. Events must come in order; one that was seen is ignored. */
export function applyEvent(thread: Thread, event: ChatEvent): Thread {
  if (event.seq <= thread.lastSeq) return thread;
  return { ...apply(thread, event), lastSeq: event.seq };
}

function apply(thread: Thread, event: ChatEvent): Thread {
  switch (event.type) {
    case 'message.user': {
      const { turnId, text, by, mode, replaces, attachments, element } = event.payload;
      const turn: Turn = {
        kind: 'turn',
        id: turnId,
        asked: {
          text,
          by: by.name,
          at: event.at,
          seq: event.seq,
          attachments: attachments ?? [],
          element: element ?? null,
        },
        mode: mode ?? 'build',
        replaces: replaces ?? null,
        state: 'queued',
        model: null,
        models: [],
        items: [],
        outcome: null,
        reason: null,
        commit: null,
        files: 0,
        tokens: 0,
        costMicros: null,
        ms: 0,
        undone: false,
      };
      return { ...thread, entries: [...thread.entries, turn] };
    }
    case 'message.edited': {
      const { turnId, text, mode } = event.payload;
      return withTurn(thread, turnId, (turn) => ({ ...turn, mode, asked: { ...turn.asked, text, seq: event.seq } }));
    }
    case 'turn.started':
      return withTurn(thread, event.payload.turnId, (turn) => ({
        ...turn,
        state: 'running',
        model: event.payload.model,
      }));
    case 'message.assistant': {
      const { turnId, messageId, text, partial } = event.payload;
      const item: Item = { kind: 'text', messageId, text, streaming: false, partial };
      return withTurn(thread, turnId, (turn) => {
        const known = turn.items.some((one) => one.kind === 'text' && one.messageId === messageId);
        return known
          ? {
              ...turn,
              items: turn.items.map((one) => (one.kind === 'text' && one.messageId === messageId ? item : one)),
            }
          : addItem(turn, item);
      });
    }
    case 'message.reasoning': {
      const { turnId, messageId, text, ms } = event.payload;
      return withTurn(thread, turnId, (turn) => {
        // it comes before what it led to, which may already stand there as it was streamed
        const at = turn.items.findIndex((item) => item.kind === 'text' && item.messageId === messageId);
        const items = [...turn.items];
        items.splice(at < 0 ? items.length : at, 0, { kind: 'reasoning', messageId, text, ms });
        return { ...turn, items };
      });
    }
    case 'tool.call': {
      const { turnId, callId, tool, title } = event.payload;
      return withTurn(thread, turnId, (turn) =>
        addItem(turn, {
          kind: 'step',
          callId,
          tool,
          title,
          state: 'running',
          declined: false,
          summary: title,
          ms: 0,
          detail: undefined,
        }),
      );
    }
    case 'tool.result': {
      const { turnId, callId, tool, state, summary, ms, detail, pictures } = event.payload;
      const declined = wasDeclined(event.payload);
      const rowsAt = state === 'done' && changesDraft(tool, detail) ? event.at : thread.rowsAt;
      return withTurn({ ...thread, rowsAt }, turnId, (turn) => {
        const items = turn.items.map((item) =>
          item.kind === 'step' && item.callId === callId ? { ...item, state, summary, declined, ms, detail } : item,
        );
        return { ...turn, items: pictures?.length ? [...items, { kind: 'pictures', callId, pictures }] : items };
      });
    }
    case 'file.diff': {
      const { turnId, callId, files } = event.payload;
      const next = withTurn(thread, turnId, (turn) => addItem(turn, { kind: 'diff', callId, files }));
      return { ...next, problems: [], filesVersion: thread.filesVersion + 1 };
    }
    case 'question.asked': {
      const { turnId, callId: _, ...question } = event.payload;
      return withTurn(thread, turnId, (turn) =>
        addItem({ ...turn, state: 'waiting' }, { kind: 'question', question, answer: null }),
      );
    }
    case 'question.answered': {
      const { turnId, questionId, answer } = event.payload;
      return withTurn(thread, turnId, (turn) => ({
        ...turn,
        state: 'running',
        items: turn.items.map((item) =>
          item.kind === 'question' && item.question.questionId === questionId ? { ...item, answer } : item,
        ),
      }));
    }
    case 'agent.update':
      return withTurn(thread, event.payload.turnId, (turn) =>
        addItem(settled(turn), { kind: 'note', key: String(event.seq), text: event.payload.text }),
      );
    case 'turn.ended': {
      const { turnId, outcome, reason, commit, files, usage, costMicros, models, ms } = event.payload;
      const tokens = usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
      if (outcome === 'withdrawn')
        return {
          ...thread,
          entries: thread.entries.filter((entry) => !(entry.kind === 'turn' && entry.id === turnId)),
        };
      const next = { ...thread, problems: files > 0 ? [] : thread.problems, filesVersion: thread.filesVersion + 1 };
      return withTurn(next, turnId, (turn) => ({
        ...settled(turn),
        state: 'ended',
        outcome,
        reason: reason ?? null,
        commit,
        files,
        tokens,
        costMicros,
        models: models ?? [],
        ms,
      }));
    }
    case 'turn.undone': {
      const { turnId, redone, with: others = [] } = event.payload;
      const gone = [turnId, ...others];
      return withEntry(
        { ...thread, problems: [], filesVersion: thread.filesVersion + 1, rowsAt: event.at },
        (entry) => entry.kind === 'turn' && gone.includes(entry.id),
        (entry) => ({ ...(entry as Turn), undone: !redone }),
      );
    }
    case 'transport.changed': {
      const { release, by, note, transport } = event.payload;
      const version = { ...thread, filesVersion: thread.filesVersion + 1 };
      if (note)
        return {
          ...version,
          entries: [...thread.entries, { kind: 'marker', key: String(event.seq), text: note, at: event.at }],
        };
      if (transport !== 'merged' || !release) return version;
      return {
        ...version,
        entries: [
          ...thread.entries,
          {
            kind: 'release',
            id: release.id,
            number: release.number,
            by: by?.name ?? '',
            at: event.at,
            stage: 'queued',
            text: 'Waiting to be built',
          },
        ],
      };
    }
    case 'build.progress': {
      const { releaseId, stage, text, number, environment } = event.payload;
      const staging = environment === 'staging';
      const known = thread.entries.some((entry) => entry.kind === 'release' && entry.id === releaseId);
      // what goes to live was merged before
      if (!known && releaseId && number)
        return {
          ...thread,
          entries: [
            ...thread.entries,
            { kind: 'release', id: releaseId, number, by: '', at: event.at, stage, text, staging },
          ],
        };
      return withEntry(
        thread,
        (entry) => entry.kind === 'release' && entry.id === releaseId,
        (entry) => ({ ...(entry as Release), stage, text, staging }),
      );
    }
    case 'status.changed': {
      const { status, by } = event.payload;
      if (status !== 'approved' || !by) return thread;
      return {
        ...thread,
        entries: [
          ...thread.entries,
          { kind: 'marker', key: String(event.seq), text: `${by.name} approved this`, at: event.at },
        ],
      };
    }
    case 'preview.problem': {
      const { message, file, line } = event.payload;
      const known = thread.problems.some((one) => one.message === message && one.file === file && one.line === line);
      return known ? thread : { ...thread, problems: [event.payload, ...thread.problems].slice(0, MOST_PROBLEMS) };
    }
    case 'preview.changed':
      // one that starts anew has not failed yet
      return {
        ...thread,
        preview: event.payload,
        problems: event.payload.state === 'asleep' ? [] : thread.problems,
      };
    default:
      return thread;
  }
}

/** Applies a piece of text that is being written; a piece that does not fit (something was missed) is left out. */
export function applyDelta(thread: Thread, delta: TextDelta): Thread {
  return withTurn(thread, delta.turnId, (turn) => {
    if (turn.state === 'ended') return turn;
    const at = turn.items.findIndex((item) => item.kind === 'text' && item.messageId === delta.messageId);
    const known = turn.items[at];
    if (known?.kind !== 'text') {
      if (delta.offset !== 0) return turn;
      return addItem(turn, {
        kind: 'text',
        messageId: delta.messageId,
        text: delta.text,
        streaming: true,
        partial: false,
      });
    }
    if (!known.streaming || delta.offset > known.text.length) return turn;
    const text = known.text.slice(0, delta.offset) + delta.text;
    // a saved copy that comes late must not take back what is newer
    if (delta.offset === 0 && known.text.startsWith(delta.text)) return turn;
    return { ...turn, items: turn.items.map((item, i) => (i === at ? { ...known, text } : item)) };
  });
}

/** Rows that the preview shows have changed, without a change of its files. */
function changesDraft(tool: string, detail: unknown): boolean {
  if (tool === 'add_sample_rows') return true;
  const found = detail as { database?: string; affected?: number | null } | undefined;
  return tool === 'supabase_router' && found?.database === 'draft' && Boolean(found.affected);
}
