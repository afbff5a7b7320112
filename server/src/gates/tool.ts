/** What a tool is. One file per tool stands in gates/tools; the text that the model reads stands beside what it does. */
import type { z } from 'zod';
import type { Attachment } from '../../../contract/attachments.ts';
import type { FileDiff } from '../../../contract/chats.ts';
import type { Question } from '../../../contract/events.ts';
import type { HostApi } from '../hosting/api.ts';

export interface ToolContext {
  host: HostApi;
  organisationId: string;
  containerId: string;
  chatId: string;
  turnId: string;
  fence: number;
  callId: string;
  agent: string;
  /** the person whose message this turn answers */
  askedBy: string;
  /** whether the chat has an app yet */
  appId: string | null;
  signal: AbortSignal;
  /** the chat's messages and results as text, for read_history */
  transcript: () => Promise<string>;
  /** another chat of the same app, by its title or a part of it; a sentence where there is none or there are several */
  otherChat: (title: string) => Promise<OtherChat | string>;
  /** what a person has said yes to, for a tool that asks first */
  agreed?: unknown;
  /** who said so */
  agreedBy?: string | undefined;
  /** keeps a picture in the chat, encrypted like what is said in it */
  keepPicture: (picture: { name: string; bytes: Buffer }) => Promise<Attachment>;
}

export interface OtherChat {
  id: string;
  title: string;
  transcript: string;
}

/**
 * A question to the person. A tool that asks first gives a `subject`: what is done when the first option is chosen. It is kept with the question,
 * where no model reaches it; any other answer is a no.
 */
export type Ask = Omit<Question, 'questionId'> & { subject?: unknown };

/** What came of a call. A refusal is a result that the model can read and act on, never an exception. */
export interface ToolOutcome {
  state: 'done' | 'refused' | 'failed' | 'unknown';
  /** for the model: JSON */
  result: unknown;
  /** for the person: what came of it, in plain words */
  summary: string;
  files?: FileDiff[];
  /** shown to the person, and to models that take pictures */
  pictures?: Attachment[];
  /** for the person: what the step opens to show */
  shown?: unknown;
  /** what happens to the turn: it ends, or waits for a person */
  turn?: { end: true } | { ask: Ask };
  /** the chat got an app by this call */
  appId?: string;
  /** it is refused by a person's no */
  declined?: boolean;
}

/** What an agent session needs to be allowed to call a tool. */
export type ToolPermission =
  | 'code:read'
  | 'code:write'
  | 'code:depend'
  | 'spec:read'
  | 'spec:write'
  | 'rows:write'
  | 'rows:query'
  | 'schema:write'
  | 'chat:read'
  | 'chat:ask'
  | 'app:create'
  | 'app:import'
  | 'app:run';

export interface Tool<I = unknown> {
  name: string;
  /** for the model */
  description: string;
  input: z.ZodType<I>;
  permission: ToolPermission;
  /** may be run again after a crash without harm */
  repeatable: boolean;
  needsApp: boolean;
  /** for the person: what it does, in plain words */
  title: (input: I) => string;
  /**
   * For what needs a person's yes: the question, with exactly what would be done as its subject; or what came of it, where there is nothing to
   * ask. `run` is called only once the yes is there (or `nothing` was answered: this call needs none), and finds the subject in `agreed`.
   */
  consent?: (input: I, context: ToolContext) => Promise<ToolOutcome | 'nothing'>;
  run: (input: I, context: ToolContext) => Promise<ToolOutcome>;
}

/** Types the input of a tool by its schema. */
export const defineTool = <I>(tool: Tool<I>): Tool<I> => tool;

export const done = (summary: string, result: unknown, more: Partial<ToolOutcome> = {}): ToolOutcome => ({
  state: 'done',
  summary,
  result,
  ...more,
});
/** Anything but the yes that was asked for. @param by the name of who answered; @param offered what could be chosen */
export function declined(by: string, answer: string, offered: readonly { label: string }[]): ToolOutcome {
  const left = 'Nothing was run or changed.';
  const said = offered.some(({ label }) => label === answer)
    ? `${by} said no (“${answer}”).`
    : `${by} did not say yes, but “${answer}”.`;
  return {
    ...refused('declined', `The person did not say yes. ${left}`, { answeredByThePerson: answer }),
    summary: `${said} ${left}`,
    declined: true,
  };
}
export const refused = (code: string, message: string, detail?: unknown): ToolOutcome => ({
  state: 'refused',
  summary: message,
  result: { refused: { code, message, ...(detail === undefined ? {} : { detail }) } },
});
