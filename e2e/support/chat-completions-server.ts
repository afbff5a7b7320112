/** A scripted server that speaks the streaming chat completions protocol: that of Together, Ollama, LM Studio, vLLM and many others. */
import type { ServerResponse } from 'node:http';
import {
  type Script as AnyScript,
  inputOf,
  type ModelServer,
  pause,
  piecesOf,
  randomId,
  type Streamed,
  startModelServer,
  tokensOf,
  type Wire,
  wordsOf,
} from './model-server.ts';
import { embeddingsAndModels } from './openai-server.ts';

export interface ChatRequest {
  model: string;
  messages: Record<string, unknown>[];
  tools?: unknown[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
}

export const startChatCompletions = (
  script: AnyScript<ChatRequest>,
  models = ['llama3:8b', 'qwen3-coder'],
): Promise<ModelServer<ChatRequest>> => startModelServer({ ...wire, other: embeddingsAndModels(models) }, script);

const FINISH = { end_turn: 'stop', tool_use: 'tool_calls', max_tokens: 'length', refusal: 'content_filter' };

const wire: Wire<ChatRequest> = {
  path: '/v1/chat/completions',
  error: (type, message) => ({ error: { message, type, param: null, code: type } }),
  early: (response, type, message) =>
    void response.write(`data: ${JSON.stringify({ error: { message, type, code: null } })}\n\n`),
  stream,
};

async function stream(response: ServerResponse, request: ChatRequest, answer: Streamed): Promise<void> {
  const base = {
    id: randomId('chatcmpl'),
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: request.model,
  };
  const chunk = (delta: Record<string, unknown>, finish_reason: string | null = null) =>
    response.write(`data: ${JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
  chunk({ role: 'assistant', content: '' });
  let written = 0;
  let thought = 0;
  let call = 0;
  for (const [index, block] of answer.blocks.entries()) {
    if ('text' in block) {
      for (const piece of wordsOf(block.text)) {
        chunk({ content: piece });
        written++;
        await pause(answer.delayMs);
      }
    } else if ('reasoning' in block) {
      for (const piece of wordsOf(block.reasoning)) {
        chunk({ reasoning_content: piece });
        thought++;
        await pause(answer.delayMs);
      }
    } else {
      const input = inputOf(block);
      const [first, ...rest] = piecesOf(input);
      // numbered from 0 in each answer, as some servers do
      const id = `call_${call}`;
      chunk({
        tool_calls: [{ index: call, id, type: 'function', function: { name: block.tool, arguments: first ?? '' } }],
      });
      for (const piece of rest) chunk({ tool_calls: [{ index: call, function: { arguments: piece } }] });
      call++;
      written += Math.ceil(input.length / 4);
      await pause(answer.delayMs);
    }
    const last = index === answer.blocks.length - 1;
    if (answer.hangs && last) return;
    if (answer.cut && last) return void (answer.cut === 'fades' ? response.end() : response.destroy());
  }
  chunk({}, FINISH[answer.stop ?? (call > 0 ? 'tool_use' : 'end_turn')]);
  const cached = answer.cached ?? 0;
  const usage = {
    prompt_tokens: tokensOf(request.messages) + cached,
    completion_tokens: written + thought + 1,
    total_tokens: 0,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: thought },
  };
  response.write(`data: ${JSON.stringify({ ...base, choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
}
