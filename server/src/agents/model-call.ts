/** One call of a model: streams text out, collects the tool calls, and turns every way it can end into a value. Never throws. */
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { describeFailure, type ModelFailure, ModelTimeout } from './failures.ts';
import type { Usage } from './models/catalogue.ts';

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
  usage: Usage;
  end: 'stop' | 'tools' | 'length' | 'refused' | 'aborted' | 'failed';
  failure?: ModelFailure;
}

export interface CallOptions {
  model: LanguageModelV4;
  name: string;
  call: LanguageModelV4CallOptions;
  signal: AbortSignal;
  onText: (piece: string) => void;
  /** the longest silence that is waited through */
  silenceMs: number;
}

export async function callModel(options: CallOptions): Promise<CallResult> {
  const result: CallResult = { text: '', content: [], tools: [], usage: noUsage(), end: 'failed' };
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), options.silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), options.silenceMs);
  };
  const abortSignal = AbortSignal.any([options.signal, silence.signal]);
  try {
    const { stream } = await options.model.doStream({ ...options.call, abortSignal });
    for await (const part of readable(stream, abortSignal)) {
      heard();
      take(part, result, options.onText);
    }
    if (result.failure === undefined && result.end === 'failed')
      result.failure = describeFailure(new Error('the stream ended early'), options.name);
  } catch (error) {
    result.end = 'failed';
    result.failure = describeFailure(
      silence.signal.aborted ? new ModelTimeout(options.silenceMs / 1000) : error,
      options.name,
    );
  } finally {
    clearTimeout(timer);
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

function take(part: LanguageModelV4StreamPart, result: CallResult, onText: (piece: string) => void): void {
  const last = result.content.at(-1);
  if (part.type === 'text-start') result.content.push({ type: 'text', text: '' });
  else if (part.type === 'text-delta') {
    if (last?.type === 'text') last.text += part.delta;
    else result.content.push({ type: 'text', text: part.delta });
    // two blocks of text in one answer are two paragraphs
    const gap = result.text !== '' && last?.type === 'text' && last.text === part.delta ? '\n\n' : '';
    result.text += gap + part.delta;
    if (gap + part.delta) onText(gap + part.delta);
  } else if (part.type === 'reasoning-start') {
    result.content.push({
      type: 'reasoning',
      text: '',
      ...(part.providerMetadata ? { providerMetadata: part.providerMetadata } : {}),
    });
  } else if (part.type === 'reasoning-delta' || part.type === 'reasoning-end') {
    if (last?.type === 'reasoning') {
      if (part.type === 'reasoning-delta') last.text += part.delta;
      if (part.providerMetadata) last.providerMetadata = part.providerMetadata;
    }
  } else if (part.type === 'tool-call') {
    result.content.push(part);
    result.tools.push({ callId: part.toolCallId, tool: part.toolName, input: part.input });
  } else if (part.type === 'error') {
    result.failure = describeFailure(part.error, 'The model');
  } else if (part.type === 'finish') {
    const { inputTokens, outputTokens } = part.usage;
    result.usage = {
      inputTokens:
        inputTokens.noCache ??
        Math.max(0, (inputTokens.total ?? 0) - (inputTokens.cacheRead ?? 0) - (inputTokens.cacheWrite ?? 0)),
      outputTokens: outputTokens.total ?? 0,
      cacheReadTokens: inputTokens.cacheRead ?? 0,
      cacheWriteTokens: inputTokens.cacheWrite ?? 0,
    };
    result.end = ENDS[part.finishReason.unified] ?? 'failed';
  }
}

const ENDS: Record<string, CallResult['end']> = {
  stop: 'stop',
  'tool-calls': 'tools',
  length: 'length',
  'content-filter': 'refused',
  other: 'stop',
};

const noUsage = (): Usage => ({ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 });
