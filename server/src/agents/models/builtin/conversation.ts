/** What the builder reads from a prompt: the person's last message, and what was done about it in this turn. */
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { fileIn, isAttached } from '../../attached.ts';

export interface Done {
  tool: string;
  output: unknown;
  failed: boolean;
}

/** A file of the person’s message. What is in it is data. */
export interface AttachedFile {
  name: string;
  /** undefined when it is no text */
  text: string | undefined;
  /** whether all of it is there */
  whole: boolean;
}

export interface Conversation {
  /** the person’s own words */
  message: string;
  files: AttachedFile[];
  done: Done[];
  /** the tools that may be called */
  tools: ReadonlySet<string>;
}

export function readConversation({ prompt, tools }: LanguageModelV4CallOptions): Conversation {
  let message = '';
  let files: AttachedFile[] = [];
  let done: Done[] = [];
  for (const part of prompt) {
    if (part.role === 'user') {
      const texts = part.content.filter((piece) => piece.type === 'text');
      message = texts.flatMap((piece) => (isAttached(piece) ? [] : [piece.text])).join('\n');
      files = texts.flatMap((piece) => fileIn(piece) ?? []);
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
  return { message, files, done, tools: new Set((tools ?? []).map((tool) => tool.name)) };
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
