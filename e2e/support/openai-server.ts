/** A scripted server that speaks OpenAI's Responses protocol (streaming), and its lists of models and embeddings. */
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

export interface OpenAIRequest {
  model: string;
  input: Record<string, unknown>[];
  tools?: { name: string; strict?: boolean }[];
  store?: boolean;
  include?: string[];
  max_output_tokens?: number;
}

export const startOpenAI = (script: AnyScript<OpenAIRequest>): Promise<ModelServer<OpenAIRequest>> =>
  startModelServer(wire, script);

const writer = (response: ServerResponse) => {
  let sequence_number = 0;
  return (type: string, data: Record<string, unknown>) =>
    response.write(
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence_number++, ...data })}\n\n`,
    );
};

const wire: Wire<OpenAIRequest> = {
  path: '/v1/responses',
  error: (type, message) => ({ error: { message, type, param: null, code: type } }),
  early: (response, type, message) => void writer(response)('error', { code: type, message, param: null }),
  stream,
  other: embeddingsAndModels(['gpt-5', 'gpt-5-mini', 'text-embedding-3-small']),
};

/** `GET /models`, and `POST /embeddings` with vectors of four numbers that follow from the text. */
export function embeddingsAndModels(models: string[]): NonNullable<Wire<unknown>['other']> {
  return (method, path, body) => {
    if (method === 'GET' && path.endsWith('/models'))
      return { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'tests' })) };
    if (method !== 'POST' || !path.endsWith('/embeddings')) return undefined;
    const { input, model } = body as { input: string | string[]; model: string };
    const texts = Array.isArray(input) ? input : [input];
    const vector = (text: string) => [text.length, ...[0, 1, 2].map((i) => (text.charCodeAt(i) || 0) / 1000)];
    return {
      object: 'list',
      model,
      data: texts.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) })),
      usage: { prompt_tokens: tokensOf(texts), total_tokens: tokensOf(texts) },
    };
  };
}

async function stream(response: ServerResponse, request: OpenAIRequest, answer: Streamed): Promise<void> {
  const event = writer(response);
  const id = randomId('resp');
  const base = { id, object: 'response', created_at: 1_760_000_000, model: request.model, output: [] };
  event('response.created', { response: { ...base, status: 'in_progress' } });
  event('response.in_progress', { response: { ...base, status: 'in_progress' } });
  let written = 0;
  let thought = 0;
  for (const [output_index, block] of answer.blocks.entries()) {
    const last = output_index === answer.blocks.length - 1;
    const added = (item: Record<string, unknown>) => event('response.output_item.added', { output_index, item });
    const done = (item: Record<string, unknown>) => event('response.output_item.done', { output_index, item });
    /** whether the script ends the stream here */
    const ends = () => {
      if (answer.hangs && last) return true;
      if (!answer.cut || !last) return false;
      if (answer.cut === 'fades') response.end();
      else response.destroy();
      return true;
    };
    if ('text' in block) {
      const item = { id: randomId('msg'), type: 'message', role: 'assistant' };
      const place = { item_id: item.id, output_index, content_index: 0 };
      const refuses = answer.stop === 'refusal';
      added({ ...item, status: 'in_progress', content: [] });
      event('response.content_part.added', { ...place, part: { type: 'output_text', text: '', annotations: [] } });
      for (const piece of wordsOf(block.text)) {
        event(refuses ? 'response.refusal.delta' : 'response.output_text.delta', { ...place, delta: piece });
        written++;
        await pause(answer.delayMs);
      }
      if (ends()) return;
      if (refuses) event('response.refusal.done', { ...place, refusal: block.text });
      else event('response.output_text.done', { ...place, text: block.text });
      const content = refuses
        ? { type: 'refusal', refusal: block.text }
        : { type: 'output_text', text: block.text, annotations: [] };
      done({ ...item, status: 'completed', content: [content] });
    } else if ('reasoning' in block) {
      const item = { id: randomId('rs'), type: 'reasoning', encrypted_content: `sealed:${block.reasoning.length}` };
      const place = { item_id: item.id, output_index, summary_index: 0 };
      added({ ...item, summary: [] });
      event('response.reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } });
      for (const piece of wordsOf(block.reasoning)) {
        event('response.reasoning_summary_text.delta', { ...place, delta: piece });
        thought++;
        await pause(answer.delayMs);
      }
      if (ends()) return;
      event('response.reasoning_summary_text.done', { ...place, text: block.reasoning });
      event('response.reasoning_summary_part.done', {
        ...place,
        part: { type: 'summary_text', text: block.reasoning },
      });
      done({ ...item, summary: [{ type: 'summary_text', text: block.reasoning }] });
    } else {
      const input = inputOf(block);
      const item = { id: randomId('fc'), type: 'function_call', call_id: randomId('call'), name: block.tool };
      added({ ...item, arguments: '', status: 'in_progress' });
      for (const delta of piecesOf(input))
        event('response.function_call_arguments.delta', { item_id: item.id, output_index, delta });
      written += Math.ceil(input.length / 4);
      await pause(answer.delayMs);
      if (ends()) return;
      event('response.function_call_arguments.done', { item_id: item.id, output_index, arguments: input });
      done({ ...item, arguments: input, status: 'completed' });
    }
  }
  const cached = answer.cached ?? 0;
  const usage = {
    input_tokens: tokensOf(request.input) + cached,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: written + thought + 1,
    output_tokens_details: { reasoning_tokens: thought },
    total_tokens: 0,
  };
  if (answer.stop === 'max_tokens')
    event('response.incomplete', {
      response: { ...base, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, usage },
    });
  else event('response.completed', { response: { ...base, status: 'completed', incomplete_details: null, usage } });
  response.end();
}
