/** What a model is told: instructions, the chat so far in brief, and this turn in full. */
import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { ChatEvent } from '../../../contract/events.ts';
import { attachedParts, type Files, lengthOf, picturePart } from './attached.ts';
import type { Step } from './steps.ts';

/** What a model is told when its answer was cut off by the length limit. */
export const CUT_OFF = 'You were cut off by the length limit. Go on.';

type User = Extract<LanguageModelV4Message, { role: 'user' }>;

export interface PromptInput {
  instructions: string;
  /** all events of the chat, oldest first */
  events: ChatEvent[];
  turnId: string;
  /** turns that were undone or withdrawn: as if they had not been */
  left: ReadonlySet<string>;
  steps: Step[];
  /** characters of earlier turns that fit */
  room: number;
  /** attached files and pictures that are shown, by id */
  files: Files;
}

export function buildPrompt(input: PromptInput): LanguageModelV4Prompt {
  const asked = input.events.find((event) => event.type === 'message.user' && event.payload.turnId === input.turnId);
  const said = asked?.type === 'message.user' ? asked.payload : { text: '', attachments: [] };
  return [
    { role: 'system', content: input.instructions },
    ...earlier(input),
    { role: 'user', content: [{ type: 'text', text: said.text }, ...attachedParts(said, input.files, true)] },
    ...current(input.steps, input.files),
  ];
}

/** Earlier turns: what was asked, what was answered, what was done in a line. The newest that fit. */
function earlier(input: PromptInput): LanguageModelV4Message[] {
  const turns = new Map<string, { asked: User['content']; said: string[] }>();
  for (const event of input.events) {
    const turnId = 'turnId' in event.payload ? event.payload.turnId : undefined;
    if (!turnId || turnId === input.turnId || input.left.has(turnId)) continue;
    if (event.type === 'message.user') {
      const own = { type: 'text' as const, text: event.payload.text };
      turns.set(turnId, { asked: [own, ...attachedParts(event.payload, input.files, false)], said: [] });
    }
    const turn = turns.get(turnId);
    if (!turn) continue;
    if (event.type === 'message.assistant') turn.said.push(event.payload.text);
    if (event.type === 'tool.result' && event.payload.state === 'done') turn.said.push(`[${event.payload.summary}]`);
    if (event.type === 'question.answered') turn.said.push(`[The person answered: ${event.payload.answer}]`);
  }
  // a queued message that was asked before this one and comes after it in the log is not here: turns run in order
  const messages: LanguageModelV4Message[] = [];
  let room = input.room;
  let cut = false;
  for (const { asked, said } of [...turns.values()].reverse()) {
    const answer = said.join('\n').trim() || '[Nothing was answered.]';
    room -= lengthOf(asked) + answer.length;
    if (room < 0) {
      cut = true;
      break;
    }
    messages.unshift(
      { role: 'user', content: asked },
      { role: 'assistant', content: [{ type: 'text', text: answer }] },
    );
  }
  if (cut)
    messages.unshift(
      { role: 'user', content: [{ type: 'text', text: '[Earlier messages are left out; read_history has them.]' }] },
      { role: 'assistant', content: [{ type: 'text', text: '[Understood.]' }] },
    );
  return messages;
}

function current(steps: Step[], files: Files): LanguageModelV4Message[] {
  const messages: LanguageModelV4Message[] = [];
  for (const step of steps) {
    if (step.kind === 'model') {
      const content = step.content.flatMap(
        (part): Extract<LanguageModelV4Message, { role: 'assistant' }>['content'] => {
          const by = { vibe: { by: step.by ?? 'anthropic' } };
          if (part.type === 'text') return part.text.trim() ? [{ type: 'text', text: part.text }] : [];
          if (part.type === 'reasoning')
            return [{ type: 'reasoning', text: part.text, providerOptions: { ...part.providerMetadata, ...by } }];
          if (part.type === 'tool-call') {
            const { toolCallId, toolName } = part;
            const providerOptions = { ...part.providerMetadata, ...by };
            return [{ type: 'tool-call', toolCallId, toolName, input: inputOf(part.input), providerOptions }];
          }
          return [];
        },
      );
      if (content.length > 0) messages.push({ role: 'assistant', content });
      if (step.end === 'length' && step.tools.length === 0)
        messages.push({
          role: 'user',
          content: [{ type: 'text', text: CUT_OFF }],
        });
    } else if (step.kind === 'tool_done') {
      const value = (step.result ?? null) as never;
      const pictures = (step.pictures ?? []).flatMap(({ id }) => files.get(id) ?? []);
      const output =
        pictures.length > 0
          ? {
              type: 'content' as const,
              value: [{ type: 'text' as const, text: JSON.stringify(value) }, ...pictures.map(picturePart)],
            }
          : { type: step.state === 'done' ? ('json' as const) : ('error-json' as const), value };
      const part = {
        type: 'tool-result' as const,
        toolCallId: step.callId,
        toolName: step.tool,
        output,
      };
      const last = messages.at(-1);
      if (last?.role === 'tool') last.content.push(part);
      else messages.push({ role: 'tool', content: [part] });
    }
  }
  return messages;
}

function inputOf(raw: string): unknown {
  try {
    const value: unknown = JSON.parse(raw || '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The chat as text, for read_history. */
export function transcriptOf(events: ChatEvent[], left: ReadonlySet<string>): string {
  const lines = events.flatMap((event) => {
    const undone =
      'turnId' in event.payload && event.payload.turnId && left.has(event.payload.turnId) ? ' (undone)' : '';
    if (event.type === 'message.user') return [`${event.at} ${event.payload.by.name}${undone}: ${event.payload.text}`];
    if (event.type === 'message.assistant') return [`${event.at} Assistant${undone}: ${event.payload.text}`];
    if (event.type === 'tool.result') return [`${event.at} ${event.payload.tool}${undone}: ${event.payload.summary}`];
    return [];
  });
  return lines.join('\n').slice(-40_000);
}
