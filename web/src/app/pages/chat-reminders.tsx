/** What of a chat's changes the other database may still need. */
import type { Chat } from '../../../../contract/chats.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Reminders } from '../../features/data/reminders.tsx';
import { useMe } from '../session.tsx';

export function ChatReminders({
  chat,
  onClose,
  onChanged,
}: {
  chat: Chat;
  onClose: () => void;
  onChanged: () => void;
}) {
  const { containers } = useMe();
  const role = containers.find(({ id }) => id === chat.containerId)?.role;
  return (
    <Dialog
      open
      onClose={onClose}
      title="May still be needed on the other database"
      actions={<Button onClick={onClose}>Close</Button>}
    >
      <p className="text-ink-2">
        Nothing is wrong. These changes are on one database, and the other may need them too. Bringing the app to live
        makes those of tables there.
      </p>
      <Reminders chatId={chat.id} manages={role !== undefined && role !== 'member'} onChanged={onChanged} />
    </Dialog>
  );
}
