/** What people asked, in the words that count: a message that was edited in the queue has its last ones, where it first stood. */
import type { ChatEvent } from '../../../contract/events.ts';

/** The same events with edits put into the messages that they change. Events must be in order. */
export function withEdits(events: ChatEvent[]): ChatEvent[] {
  const words = new Map<string, string>();
  for (const event of events) if (event.type === 'message.edited') words.set(event.payload.turnId, event.payload.text);
  return events.flatMap((event): ChatEvent[] => {
    if (event.type === 'message.edited') return [];
    const text = event.type === 'message.user' ? words.get(event.payload.turnId) : undefined;
    return text === undefined ? [event] : [{ ...event, payload: { ...event.payload, text } } as ChatEvent];
  });
}
