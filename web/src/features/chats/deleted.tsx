/** Chats that were deleted and can still be brought back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { chatKeys, listDeleted, restoreChat } from './api.ts';

const HOURS = 48;

/** How long there is, in words. */
function left(deletedAt: string | null, now = Date.now()): string {
  const minutes = deletedAt ? HOURS * 60 - (now - Date.parse(deletedAt)) / 60_000 : 0;
  if (minutes <= 0) return 'goes now';
  return minutes < 120 ? `${Math.ceil(minutes)} min left` : `${Math.floor(minutes / 60)} h left`;
}

export function Deleted() {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState('');
  const client = useQueryClient();
  const chats = useQuery({ queryKey: chatKeys.shelf('deleted'), queryFn: listDeleted, enabled: open });
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer rounded-2 px-2 py-1 text-12 text-ink-3 max-md:py-3">Deleted</summary>
      {chats.data?.length === 0 && (
        <p className="px-2 py-1 text-ink-3">Nothing was deleted in the last {HOURS} hours.</p>
      )}
      {problem && <Notice>{problem}</Notice>}
      <ul>
        {chats.data?.map((chat) => (
          <li key={chat.id} className="flex min-h-9 items-center gap-2 rounded-2 px-2 max-md:min-h-11">
            <span className="min-w-0 flex-1">
              <span className="block truncate text-ink-2">{chat.title}</span>
              <span className="block text-12 text-ink-3">{left(chat.deletedAt)}</span>
            </span>
            <Button
              aria-label={`Bring back ${chat.title}`}
              onClick={() =>
                restoreChat(chat.id).then(
                  () => {
                    setProblem('');
                    void client.invalidateQueries({ queryKey: chatKeys.list });
                    void client.invalidateQueries({ queryKey: chatKeys.one(chat.id) });
                  },
                  (error) => setProblem(sentenceOf(error)),
                )
              }
            >
              Bring back
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}
