/** What a chat's menu asks: its name, its limit, and whether it is to go. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Chat } from '../../../../contract/chats.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { chatKeys, deleteChat, patchChat, restoreChat } from '../../features/chats/api.ts';
import { ApiError, sentenceOf } from '../../lib/api.ts';
import { count, money } from '../../lib/text.ts';
import { ChatReminders } from './chat-reminders.tsx';
import { DeployDialog } from './deploy-dialog.tsx';
import { DraftDialog } from './draft-dialog.tsx';

export type ChatDialog = 'rename' | 'draft' | 'limit' | 'delete' | 'reminders' | 'deploy';
interface Props {
  chat: Chat;
  onClose: () => void;
  onChanged: () => void;
  /** the draft has other rows now */
  onRows: () => void;
}

export function ChatDialogs({ dialog, ...props }: Props & { dialog: ChatDialog | undefined }) {
  if (dialog === 'rename') return <Rename {...props} />;
  if (dialog === 'draft') return <DraftDialog {...props} />;
  if (dialog === 'limit') return <Limit {...props} />;
  if (dialog === 'delete') return <Delete {...props} />;
  if (dialog === 'reminders') return <ChatReminders {...props} />;
  if (dialog === 'deploy') return <DeployDialog {...props} />;
  return null;
}

function Rename({ chat, onClose, onChanged }: Props) {
  const [title, setTitle] = useState(chat.title);
  const [problem, setProblem] = useState('');
  const rename = () => {
    if (!title.trim()) return setProblem('Give it a name.');
    patchChat(chat.id, { title: title.trim() }).then(
      () => {
        onChanged();
        onClose();
      },
      (error) => setProblem(sentenceOf(error)),
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Rename this chat"
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button look="primary" onClick={rename}>
            Rename
          </Button>
        </>
      }
    >
      <Field
        label="Title"
        value={title}
        maxLength={120}
        error={problem}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && rename()}
      />
    </Dialog>
  );
}

function Limit({ chat, onClose, onChanged }: Props) {
  const toast = useToast();
  const [value, setValue] = useState(chat.spendingLimit === null ? '' : String(chat.spendingLimit / 1_000_000));
  const [problem, setProblem] = useState('');
  const keep = () => {
    const text = value.trim().replace(',', '.');
    const amount = Number(text);
    if (text !== '' && (!Number.isFinite(amount) || amount < 0 || amount > 1_000_000))
      return setProblem('Enter an amount in dollars, or leave it empty');
    patchChat(chat.id, { spendingLimit: text === '' ? null : Math.round(amount * 1_000_000) }).then(
      () => {
        onChanged();
        onClose();
        toast({ text: text === '' ? 'This chat has no limit of its own.' : 'The limit holds from the next step on.' });
      },
      (error) => setProblem(sentenceOf(error)),
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Limit of this chat"
      text={`What models may cost in this chat, beside the limits in Settings. So far: ${money(chat.usage.costMicros)}. Empty is no limit.`}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button look="primary" onClick={keep}>
            Keep this limit
          </Button>
        </>
      }
    >
      <Field
        label="At most"
        before="$"
        inputMode="decimal"
        value={value}
        error={problem}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && keep()}
      />
    </Dialog>
  );
}

/** What is not merged is named before anything goes. */
function Delete({ chat, onClose, onChanged }: Props) {
  const toast = useToast();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [unmerged, setUnmerged] = useState<{ path: string; reason: string }[]>();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const restore = () =>
    void restoreChat(chat.id).then(
      () => {
        onChanged();
        void navigate({ to: '/chats/$chatId', params: { chatId: chat.id } });
      },
      (error) => toast({ text: sentenceOf(error) }),
    );
  const remove = async () => {
    setBusy(true);
    setProblem('');
    try {
      await deleteChat(chat.id, unmerged ? 'lose' : 'refuse');
      onClose();
      client.setQueryData<Chat[]>(chatKeys.list, (chats) => chats?.filter((one) => one.id !== chat.id));
      void client.invalidateQueries({ queryKey: chatKeys.list });
      toast({
        text: 'The chat is deleted. It can be brought back for 48 hours.',
        action: { name: 'Bring back', run: restore },
      });
      await navigate({ to: '/chats' });
    } catch (error) {
      const found = error instanceof ApiError ? error.problem : undefined;
      if (found?.code === 'unmerged_work') setUnmerged(found.conflicts ?? []);
      else setProblem(sentenceOf(error));
    }
    setBusy(false);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={unmerged ? 'This work is not merged' : `Delete “${chat.title}”?`}
      text={
        unmerged
          ? 'It is on this chat’s branch alone, and goes with it. The chat can be brought back for 48 hours; then it is gone.'
          : 'Its messages, branch and draft are kept for 48 hours under “Deleted”, and then gone. What is merged stays.'
      }
      actions={
        <>
          <Button onClick={onClose}>Keep the chat</Button>
          <Button look="danger" disabled={busy} onClick={() => void remove()}>
            {unmerged ? 'Delete it with this work' : 'Delete the chat'}
          </Button>
        </>
      }
    >
      {problem && <Notice>{problem}</Notice>}
      {unmerged && (
        <>
          <p className="text-12 font-strong text-ink-3">{count(unmerged.length, 'file')}</p>
          <ul
            tabIndex={0}
            aria-label="What is not merged"
            className="max-h-56 overflow-auto rounded-2 bg-sunken px-3 py-2 text-12"
          >
            {unmerged.map((one) => (
              <li key={one.path} className="flex gap-3">
                <code className="min-w-0 flex-1 [overflow-wrap:anywhere]">{one.path}</code>
                <span className="shrink-0 text-ink-2">{one.reason}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
