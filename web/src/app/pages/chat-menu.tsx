/** What else can be done with a chat: rename it, update it from main, limit it, take it along, put it away, delete it. */
import { Ellipsis } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { Chat } from '../../../../contract/chats.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { exportChat, patchChat } from '../../features/chats/api.ts';
import { money } from '../../lib/text.ts';
import type { ChatDialog } from './chat-dialogs.tsx';

interface Props {
  chat: Chat;
  onChanged: () => void;
  onUpdate: () => void;
  onDialog: (dialog: ChatDialog) => void;
  onProblem: (error: unknown) => void;
}

export function ChatMenu({ chat, onChanged, onUpdate, onDialog, onProblem }: Props) {
  const item =
    'flex h-[34px] items-center rounded-2 px-2 outline-none data-[highlighted]:bg-hover data-[disabled]:text-ink-3 max-md:h-11';
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button look="bare" size="icon" aria-label="More">
          <Ellipsis size={16} aria-hidden="true" />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="appear z-40 w-56 rounded-3 border border-line-2 bg-raised p-1 shadow-2"
        >
          <DropdownMenu.Item className={item} onSelect={() => onDialog('rename')}>
            Rename
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} disabled={chat.app === null} onSelect={onUpdate}>
            Update from main
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} disabled={chat.app === null} onSelect={() => onDialog('draft')}>
            Data of the draft
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => onDialog('limit')}>
            <span className="flex-1">Limit</span>
            <span className="text-12 text-ink-3">
              {chat.spendingLimit === null ? 'none' : `${money(chat.usage.costMicros)} of ${money(chat.spendingLimit)}`}
            </span>
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void exportChat(chat.id).catch(onProblem)}>
            Export as Markdown
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className={item}
            onSelect={() => void patchChat(chat.id, { archived: !chat.archived }).then(onChanged, onProblem)}
          >
            {chat.archived ? 'Bring back' : 'Archive'}
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={cx(item, 'text-bad-ink')} onSelect={() => onDialog('delete')}>
            Delete
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
