/** One call of a model: streams text out, collects the tool calls, and turns every way it can end into a value. Never throws. */
import { randomUUID } from 'node:crypto';
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { AnswerTooLong, describeFailure, type ModelFailure } from './failures.ts';
import { brokeOff } from './models/finish.ts';
import { noUsage, type Usage } from './models/price.ts';
import { usageOf } from './models/usage.ts';

/** More than any model writes in one answer: a server that never ends is stopped here. */
const MOST_CHARACTERS = 1_000_000;

export interface CalledTool {
  callId: string;
  tool: string;
  /** as the model wrote it: JSON, or what was meant to be */
  input: string;
}

export interface CallResult {
  text: string;
  /** what to put into the next prompt as the assistant's message */
  content: LanguageModelV4Content[];
  tools: CalledTool[];
  reasoning: { text: string; ms: number };
  usage: Usage;
  /** the id of the model that truly answered, where the called one stands for several */
  answeredBy: string | undefined;
  end: 'stop' | 'tools' | 'length' | 'refused' | 'aborted' | 'failed';
  failure?: ModelFailure;
}

export interface CallOptions {
  model: LanguageModelV4;
  name: string;
  call: LanguageModelV4CallOptions;
  signal: AbortSignal;
  onText: (piece: string) => void;
  /** calls of earlier steps: some servers number theirs from 0 in each answer */
  usedCallIds?: ReadonlySet<string>;
}

export async function callModel(options: CallOptions): Promise<CallResult> {
  const result: CallResult = {
    text: '',
    content: [],
    tools: [],
    reasoning: { text: '', ms: 0 },
    usage: noUsage(),
    answeredBy: undefined,
    end: 'failed',
  };
  const taker = new Taker(result, options);
  try {
    const { stream } = await options.model.doStream({ ...options.call, abortSignal: options.signal });
    for await (const part of readable(stream, options.signal)) taker.take(part);
    if (result.failure === undefined && result.end === 'failed')
      result.failure = describeFailure(new Error('the stream ended early'), options.name);
  } catch (error) {
    result.end = 'failed';
    result.failure = describeFailure(error, options.name);
  }
  if (options.signal.aborted) {
    result.end = 'aborted';
    delete result.failure;
  }
  if (result.failure) result.end = 'failed';
  return result;
}

/** Reads a stream, and stops at once when aborted even if the source does not notice. */
async function* readable<T>(stream: ReadableStream<T>, signal: AbortSignal): AsyncGenerator<T> {
  const reader = stream.getReader();
  const aborted = new Promise<never>((_, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  aborted.catch(() => {});
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Builds the result, part by part. */
class Taker {
  readonly #result: CallResult;
  readonly #options: CallOptions;
  readonly #ids = new Set<string>();
  #size = 0;
  #thinkingSince = 0;

  constructor(result: CallResult, options: CallOptions) {
    this.#result = result;
    this.#options = options;
  }

  take(part: LanguageModelV4StreamPart): void {
    const result = this.#result;
    const last = result.content.at(-1);
    this.#count(part);
    if (part.type === 'text-start') result.content.push({ type: 'text', text: '' });
    else if (part.type === 'text-delta') {
      if (last?.type === 'text') last.text += part.delta;
      else result.content.push({ type: 'text', text: part.delta });
      // two blocks of text in one answer are two paragraphs
      const gap = result.text !== '' && last?.type === 'text' && last.text === part.delta ? '\n\n' : '';
      result.text += gap + part.delta;
      if (gap + part.delta) this.#options.onText(gap + part.delta);
    } else if (part.type === 'reasoning-start' || part.type === 'reasoning-delta' || part.type === 'reasoning-end')
      this.#reason(part);
    else if (part.type === 'tool-call') {
      const callId = this.#ownId(part.toolCallId);
      result.content.push({ ...part, toolCallId: callId });
      result.tools.push({ callId, tool: part.toolName, input: part.input });
    } else if (part.type === 'response-metadata') result.answeredBy = part.modelId ?? result.answeredBy;
    else if (part.type === 'error') result.failure ??= describeFailure(part.error, this.#options.name);
    else if (part.type === 'finish') {
      result.usage = usageOf(part.usage);
      result.end = brokeOff(part.finishReason) ? 'failed' : (ENDS[part.finishReason.unified] ?? 'failed');
    }
  }

  #reason(part: Extract<LanguageModelV4StreamPart, { type: 'reasoning-start' | 'reasoning-delta' | 'reasoning-end' }>) {
    const { content, reasoning } = this.#result;
    const metadata = part.providerMetadata ? { providerMetadata: part.providerMetadata } : {};
    this.#thinkingSince ||= Date.now();
    const last = content.at(-1);
    if (part.type === 'reasoning-start' || last?.type !== 'reasoning') {
      // an end without a beginning has nothing to end
      if (part.type === 'reasoning-end') return;
      if (reasoning.text) reasoning.text += '\n\n';
      const text = part.type === 'reasoning-delta' ? part.delta : '';
      content.push({ type: 'reasoning', text, ...metadata });
      reasoning.text += text;
    } else {
      if (part.type === 'reasoning-delta') {
        last.text += part.delta;
        reasoning.text += part.delta;
      }
      if (part.providerMetadata) last.providerMetadata = part.providerMetadata;
    }
    reasoning.ms = Date.now() - this.#thinkingSince;
  }

  /** An id that no other call of the turn has, in letters that every provider accepts. */
  #ownId(given: string): string {
    const taken = this.#ids.has(given) || this.#options.usedCallIds?.has(given);
    const id = /^[a-zA-Z0-9_-]{1,64}$/.test(given) && !taken ? given : `call_${randomUUID()}`;
    this.#ids.add(id);
    return id;
  }

  #count(part: LanguageModelV4StreamPart): void {
    if ('delta' in part && typeof part.delta === 'string') this.#size += part.delta.length;
    if (this.#size > MOST_CHARACTERS) throw new AnswerTooLong();
  }
}

const ENDS: Record<string, CallResult['end']> = {
  stop: 'stop',
  'tool-calls': 'tools',
  length: 'length',
  'content-filter': 'refused',
  other: 'stop',
};
