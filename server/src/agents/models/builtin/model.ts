/**
 * The built-in builder: a model behind the same provider interface as any other (AI SDK, specification V4), in this process, without a
 * network or a key. It works by rules and says so; it never pretends to be a language model.
 */
import { randomUUID } from 'node:crypto';
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { type Conversation, readConversation } from './conversation.ts';
import { type Decision, decide } from './decide.ts';

/** It uses no tokens and costs nothing. */
const usage = (): LanguageModelV4Usage => ({
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
});

export class BuiltinModel implements LanguageModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'builtin';
  readonly modelId = 'builtin';
  readonly name = 'Built-in builder';
  readonly supportedUrls = {};
  readonly #decide: (conversation: Conversation) => Decision;

  /** @param decider what decides the next step: the builder's own rules, or a form that a person filled in */
  constructor(decider: (conversation: Conversation) => Decision = decide) {
    this.#decide = decider;
  }

  async doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    options.abortSignal?.throwIfAborted();
    const decision = this.#decide(readConversation(options));
    return { content: contentOf(decision), finishReason: finishOf(decision), usage: usage(), warnings: [] };
  }

  async doStream(options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    options.abortSignal?.throwIfAborted();
    const parts = partsOf(this.#decide(readConversation(options)));
    const stream = new ReadableStream<LanguageModelV4StreamPart>(
      {
        pull(controller) {
          if (options.abortSignal?.aborted) return controller.error(options.abortSignal.reason);
          const { value, done } = parts.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      },
      { highWaterMark: 0 },
    );
    return { stream };
  }
}

const finishOf = ({ call }: Decision): LanguageModelV4FinishReason => ({
  unified: call ? 'tool-calls' : 'stop',
  raw: undefined,
});

function contentOf({ text, call }: Decision): LanguageModelV4Content[] {
  const content: LanguageModelV4Content[] = text ? [{ type: 'text', text }] : [];
  if (call)
    content.push({
      type: 'tool-call',
      toolCallId: randomUUID(),
      toolName: call.tool,
      input: JSON.stringify(call.input),
    });
  return content;
}

/** The parts of a stream; text comes word by word. */
function* partsOf(decision: Decision): Generator<LanguageModelV4StreamPart> {
  yield { type: 'stream-start', warnings: [] };
  for (const content of contentOf(decision)) {
    if (content.type === 'text') {
      const id = randomUUID();
      yield { type: 'text-start', id };
      for (const delta of content.text.match(/\s*\S+\s*$|\s*\S+/g) ?? []) yield { type: 'text-delta', id, delta };
      yield { type: 'text-end', id };
    } else if (content.type === 'tool-call') {
      const { toolCallId: id, toolName, input } = content;
      yield { type: 'tool-input-start', id, toolName };
      yield { type: 'tool-input-delta', id, delta: input };
      yield { type: 'tool-input-end', id };
      yield content;
    }
  }
  yield { type: 'finish', usage: usage(), finishReason: finishOf(decision) };
}
