/** What else can be done with a chat: rename it, update it from main, put it away. */
import { Ellipsis } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import type { Chat } from '../../../../contract/chats.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { patchChat } from '../../features/chats/api.ts';

export function ChatMenu({
  chat,
  onChanged,
  onUpdate,
  onProblem,
}: {
  chat: Chat;
  onChanged: () => void;
  onUpdate: () => void;
  onProblem: (error: unknown) => void;
}) {
  const item =
    'flex h-[34px] items-center rounded-2 px-2 outline-none data-[highlighted]:bg-hover data-[disabled]:text-ink-3 max-md:h-11';
  const [naming, setNaming] = useState(false);
  const [title, setTitle] = useState(chat.title);
  const rename = () => {
    setNaming(false);
    if (title.trim() && title.trim() !== chat.title)
      void patchChat(chat.id, { title: title.trim() }).then(onChanged, onProblem);
  };
  return (
    <>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <Button look="bare" size="icon" aria-label="More">
            <Ellipsis size={16} aria-hidden="true" />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            className="appear z-40 w-52 rounded-3 border border-line-2 bg-raised p-1 shadow-2"
          >
            <DropdownMenu.Item
              className={item}
              onSelect={() => {
                setTitle(chat.title);
                setNaming(true);
              }}
            >
              Rename
            </DropdownMenu.Item>
            <DropdownMenu.Item className={item} disabled={chat.app === null} onSelect={onUpdate}>
              Update from main
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className={item}
              onSelect={() => void patchChat(chat.id, { archived: !chat.archived }).then(onChanged, onProblem)}
            >
              {chat.archived ? 'Bring back' : 'Archive'}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Dialog
        open={naming}
        onClose={() => setNaming(false)}
        title="Rename this chat"
        actions={
          <>
            <Button onClick={() => setNaming(false)}>Cancel</Button>
            <Button look="primary" onClick={rename}>
              Rename
            </Button>
          </>
        }
      >
        <input
          aria-label="Title"
          value={title}
          maxLength={120}
          onChange={(event) => setTitle(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && rename()}
          className="h-9 rounded-2 border border-line-3 bg-raised px-2.5 text-15"
        />
      </Dialog>
    </>
  );
}
