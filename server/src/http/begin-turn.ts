/** What follows when a message is stored, whoever brought it: its turn begins, and every list of chats hears of it. */
import type { Posted } from '../conversations/messages.ts';
import type { Platform } from './app.ts';

export function beginTurn({ wake, hub }: Pick<Platform, 'wake' | 'hub'>, posted: Posted): void {
  wake(posted.chatId);
  // a list that did not hear of it reads it anew at its next look
  void hub.changed(`container:${posted.containerId}`, `chat ${posted.chatId}`).catch(() => {});
}
