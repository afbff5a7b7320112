/**
 * What fills a model's context: each part of the prompt is measured in characters, and the tokens that the provider counted are shared out
 * by it. The sum is the provider's number; the shares are as good as characters stand for tokens.
 */
import type { LanguageModelV4FunctionTool, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { ContextPart } from '../../../contract/chats.ts';
import { type Db, run, sql } from '../db/database.ts';
import { lengthOf } from './attached.ts';
import type { ModelEntry } from './models/catalogue.ts';
import type { Usage } from './models/price.ts';
import { CUT_OFF } from './prompt.ts';

type Measured = Partial<Record<ContextPart, number>>;

/** Which part the result of a tool belongs to; what is not named is this turn's own work. */
const RESULTS: Record<string, ContextPart> = {
  read_spec: 'spec',
  read_file: 'files',
  list_files: 'files',
  search_code: 'files',
  read_diff: 'files',
  read_server_log: 'files',
  read_history: 'history',
};

/** Characters of each part of a call. */
export function measureContext(prompt: LanguageModelV4Prompt, tools: LanguageModelV4FunctionTool[]): Measured {
  const parts: Measured = { tools: JSON.stringify(tools).length };
  const add = (part: ContextPart, value: unknown) => {
    parts[part] = (parts[part] ?? 0) + lengthOf(value);
  };
  const begins = prompt.findLastIndex(
    ({ role, content }) => role === 'user' && !content.some((piece) => piece.type === 'text' && piece.text === CUT_OFF),
  );
  for (const [i, message] of prompt.entries()) {
    if (message.role === 'system') add('instructions', message.content);
    else if (i < begins) add('history', message.content);
    else if (message.role !== 'tool') add('turn', message.content);
    else
      for (const piece of message.content)
        add(piece.type === 'tool-result' ? (RESULTS[piece.toolName] ?? 'turn') : 'turn', piece);
  }
  return parts;
}

/** Shares tokens out by characters; the shares add up to the sum. */
export function shareTokens(measured: Measured, tokens: number): { part: ContextPart; tokens: number }[] {
  const entries = (Object.entries(measured) as [ContextPart, number][]).filter(([, size]) => size > 0);
  const all = entries.reduce((sum, [, size]) => sum + size, 0);
  let seen = 0;
  let given = 0;
  return entries.map(([part, size]) => {
    seen += size;
    const upTo = Math.round((tokens * seen) / all);
    const own = upTo - given;
    given = upTo;
    return { part, tokens: own };
  });
}

/** Remembers what a call was made of. One that used no tokens (the built-in builder) says nothing about a context. */
export async function noteContext(
  db: Db,
  chatId: string,
  entry: ModelEntry,
  measured: Measured,
  usage: Usage,
): Promise<void> {
  const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  if (input === 0) return;
  const answer = usage.outputTokens > 0 ? [{ part: 'answer' as const, tokens: usage.outputTokens }] : [];
  const parts = JSON.stringify([...shareTokens(measured, input), ...answer]);
  await run(
    db,
    sql`insert into context_measures (chat_id, model, tokens, parts) values (${chatId}, ${entry.id}, ${input + usage.outputTokens}, ${parts}::jsonb)
      on conflict (chat_id) do update set model = excluded.model, tokens = excluded.tokens, parts = excluded.parts, at = now()`,
  );
}
