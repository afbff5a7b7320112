/** The way to a chat, by its title, within a sentence. */
import { Link } from '@tanstack/react-router';

export function ChatLink({ chat }: { chat: { id: string; title: string | null } }) {
  return (
    <Link
      to="/chats/$chatId"
      params={{ chatId: chat.id }}
      className="underline decoration-line-3 underline-offset-2 hover:text-ink"
    >
      {chat.title || 'a chat without a name'}
    </Link>
  );
}
