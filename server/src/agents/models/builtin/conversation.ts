/** What the builder reads from a prompt: the person's last message, and what was done about it in this turn. */
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';

export interface Done {
  tool: string;
  output: unknown;
  failed: boolean;
}

export interface Conversation {
  message: string;
  done: Done[];
  /** the tools that may be called */
  tools: ReadonlySet<string>;
}

export function readConversation({ prompt, tools }: LanguageModelV4CallOptions): Conversation {
  let message = '';
  let done: Done[] = [];
  for (const part of prompt) {
    if (part.role === 'user') {
      message = part.content.flatMap((piece) => (piece.type === 'text' ? [piece.text] : [])).join('\n');
      done = [];
    }
    if (part.role !== 'tool') continue;
    for (const piece of part.content) {
      if (piece.type !== 'tool-result') continue;
      const { output } = piece;
      const failed = output.type === 'error-text' || output.type === 'error-json' || output.type === 'execution-denied';
      done.push({ tool: piece.toolName, failed, output: 'value' in output ? parsed(output.value) : undefined });
    }
  }
  return { message, done, tools: new Set((tools ?? []).map((tool) => tool.name)) };
}

/** A result that came as text may be JSON. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
