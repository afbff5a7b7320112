/** What journeys without a browser do: say something, wait for the turn's end, merge, wait until it is live. With a scripted model. */
import type { App } from '../../contract/apps.ts';
import type { Chat } from '../../contract/chats.ts';
import type { ChatEvent, EventPayload, EventType } from '../../contract/events.ts';
import type { Answer, Block } from './anthropic-server.ts';
import type { Person } from './client.ts';

export type Ended = EventPayload<'turn.ended'>;

const READY: Answer = { blocks: [{ text: 'Done.' }, { tool: 'ready_for_review', input: { summary: 'Done' } }] };

/** Answers request after request with the next of these; after the last one the turn is ended. */
export function inOrder(...answers: (Answer | Block[])[]): () => Answer {
  let next = 0;
  return () => {
    const answer = answers[next++] ?? READY;
    return Array.isArray(answer) ? { blocks: answer } : answer;
  };
}

/** Edits of files as one call of the tool. */
export const edits = (...list: Record<string, unknown>[]): Block => ({
  tool: 'modify_code_files_vibe',
  input: { edits: list },
});
export const operations = (...list: Record<string, unknown>[]): Block => ({
  tool: 'change_spec',
  input: { operations: list },
});

export async function say(
  person: Person,
  message: string,
  more: { chatId?: string; appId?: string; model?: string } = {},
) {
  const reply = await person.ask<{ chatId: string; turnId: string; seq: number }>('POST', '/api/chat', {
    message,
    ...more,
  });
  if (reply.status !== 202) throw new Error(`the message was answered ${reply.status}: ${reply.text}`);
  return reply.body;
}

/** All events of a chat, in order. */
export async function eventsOf(person: Person, chatId: string): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for (;;) {
    const { body } = await person.ask<{ items: ChatEvent[]; next: number | null }>(
      'GET',
      `/api/chats/${chatId}/events?after=${all.at(-1)?.seq ?? 0}`,
    );
    all.push(...(body.items ?? []));
    if (!body.next) return all;
  }
}

/** The payloads of one type of a chat's events, of one turn when it is named. */
export async function payloads<T extends EventType>(person: Person, chatId: string, type: T, turnId?: string) {
  const events = await eventsOf(person, chatId);
  return events
    .filter((event) => event.type === type)
    .map((event) => event.payload as EventPayload<T>)
    .filter((payload) => turnId === undefined || (payload as { turnId?: string }).turnId === turnId);
}

/** Waits until a turn has ended. */
export function turnEnd(person: Person, chatId: string, turnId: string, timeoutMs = 60_000): Promise<Ended> {
  const look = async () => (await payloads(person, chatId, 'turn.ended', turnId))[0];
  return person.until(look, `the end of turn ${turnId}`, timeoutMs);
}

/** Says something and waits for the end of its turn. */
export async function turn(
  person: Person,
  message: string,
  more: { chatId?: string; appId?: string; model?: string } = {},
) {
  const posted = await say(person, message, more);
  return { ...posted, ended: await turnEnd(person, posted.chatId, posted.turnId) };
}

export const chatOf = async (person: Person, chatId: string): Promise<Chat> =>
  (await person.ask<Chat>('GET', `/api/chats/${chatId}`)).body;

export const appOf = async (person: Person, appId: string): Promise<App> =>
  (await person.ask<App>('GET', `/api/apps/${appId}`)).body;

/** Waits until a release serves or has failed. */
export function released(person: Person, appId: string, releaseId: string, timeoutMs = 120_000): Promise<App> {
  return person.until(
    async () => {
      const app = await appOf(person, appId);
      // a merge of an app that has a live database goes to its staging site first
      const release = [app.release, app.site?.release].find((one) => one?.id === releaseId);
      return release && ['serving', 'failed'].includes(release.state) && app;
    },
    `release ${releaseId}`,
    timeoutMs,
  );
}

/** Merges a chat and waits until its release serves (or has failed). */
export async function merge(person: Person, chatId: string): Promise<App> {
  const reply = await person.ask<{ releaseId: string }>('POST', `/api/chats/${chatId}/merge`);
  if (reply.status !== 202) throw new Error(`the merge was answered ${reply.status}: ${reply.text}`);
  const chat = await chatOf(person, chatId);
  return released(person, chat.app!.id, reply.body.releaseId);
}

/** Waits until the person's container can be built in. */
export function containerReady(person: Person): Promise<string> {
  return person.until(async () => {
    const { body } = await person.ask<{ containers: { id: string; state: string }[] }>('GET', '/api/me');
    return body.containers?.[0]?.state === 'ready' && body.containers[0].id;
  }, 'the container');
}
