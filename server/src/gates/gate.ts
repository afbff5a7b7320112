/**
 * The one way by which a model acts: schema → scoped permission → policy → audit intent → consent → act → receipt → result. It never throws:
 * whatever happens becomes a result that the model can read.
 */
import { z } from 'zod';
import type { Db } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import { recordIntent, recordReceipt } from './audit.ts';
import { type AgentGrant, refusal } from './policy.ts';
import { refused, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';

export interface GateParts {
  db: Db;
  tools: ReadonlyMap<string, Tool>;
}

/** What a model asked for, once it has been understood. */
export type ParsedCall =
  | { ok: true; tool: Tool; input: unknown; title: string }
  | { ok: false; outcome: ToolOutcome; title: string };

/** Understands a call: a known tool, JSON, and the tool's schema. */
export function parseCall(tools: ReadonlyMap<string, Tool>, name: string, rawInput: string): ParsedCall {
  const tool = tools.get(name);
  if (!tool) {
    const known = [...tools.keys()].join(', ');
    return {
      ok: false,
      title: `Unknown tool ${name.slice(0, 60)}`,
      outcome: refused('unknown_tool', `There is no tool called “${name.slice(0, 60)}”.`, `Tools: ${known}`),
    };
  }
  let json: unknown;
  try {
    json = rawInput.trim() === '' ? {} : JSON.parse(rawInput);
  } catch {
    return {
      ok: false,
      title: tool.name,
      outcome: refused('malformed_input', 'The input was not valid JSON. Nothing was done.'),
    };
  }
  const parsed = tool.input.safeParse(json);
  if (!parsed.success) {
    return {
      ok: false,
      title: tool.name,
      outcome: refused(
        'invalid_input',
        'The input did not fit the tool. Nothing was done.',
        z.prettifyError(parsed.error).slice(0, 2000),
      ),
    };
  }
  return { ok: true, tool, input: parsed.data, title: tool.title(parsed.data) };
}

/** Runs one understood call. */
export async function gate(
  parts: GateParts,
  grant: AgentGrant,
  tool: Tool,
  input: unknown,
  context: ToolContext,
): Promise<ToolOutcome> {
  const why =
    refusal(grant, tool.permission, context.chatId) ??
    (tool.needsApp && context.appId === null ? 'This chat has no app yet. Call create_app first.' : undefined) ??
    (['create_app', 'import_app'].includes(tool.name) && context.appId !== null
      ? 'This chat has an app already.'
      : undefined);
  const intent = { tool: tool.name, permission: tool.permission, input };
  if (why) {
    await recordIntent(parts.db, context, { ...intent, decision: 'refused', reason: why });
    return refused('not_allowed', why);
  }
  const id = await recordIntent(parts.db, context, { ...intent, decision: 'allowed' });
  const outcome = await act(tool, input, context);
  const state = outcome.state === 'done' ? 'done' : outcome.state === 'unknown' ? 'unknown' : 'failed';
  await recordReceipt(parts.db, id, state, {
    summary: outcome.summary,
    files: outcome.files?.map((file) => `${file.change} ${file.path}`),
  });
  return outcome;
}

async function act(tool: Tool, input: unknown, context: ToolContext): Promise<ToolOutcome> {
  try {
    if (tool.consent && context.agreed === undefined) {
      const asked = await tool.consent(input, context);
      if (asked !== 'nothing') return asked;
    }
    return await tool.run(input, context);
  } catch (error) {
    if (context.signal.aborted) return { state: 'unknown', summary: 'Stopped.', result: { stopped: true } };
    if (error instanceof AppError && error.kind !== 'bug') {
      return {
        state: 'failed',
        summary: error.message,
        result: { failed: { code: error.code, message: error.message, detail: error.detail } },
      };
    }
    return {
      state: 'failed',
      summary: 'It failed for a reason on our side.',
      result: { failed: { code: 'internal', message: messageOf(error).slice(0, 300) } },
    };
  }
}
