/** What can be done with the chat on the screen, for the keyboard and the palette. */
import type { Chat, TurnMode } from '../../../../contract/chats.ts';
import { exportChat, patchChat, stopTurn } from '../../features/chats/api.ts';
import { useActs } from '../acts.tsx';
import type { Folds } from '../use-folds.ts';
import type { ChatDialog } from './chat-dialogs.tsx';

interface Parts {
  chat: Chat;
  busy: boolean;
  /** why it cannot be merged or approved now */
  why: string | undefined;
  mode: TurnMode;
  setMode: (mode: TurnMode) => void;
  undo: (turnId: string) => void;
  redo: (turnId: string) => void;
  merge: () => void;
  update: () => void;
  open: (dialog: ChatDialog) => void;
  fold: ((pane: keyof Folds) => void) | undefined;
  onChanged: () => void;
  onProblem: (error: unknown) => void;
}

export function useChatActs(parts: Parts): void {
  const { chat, busy, why, mode, fold, onChanged, onProblem } = parts;
  const patch = (change: Record<string, unknown>) => void patchChat(chat.id, change).then(onChanged, onProblem);
  const folds = fold
    ? [
        {
          id: 'fold-chats',
          name: 'Fold or show the list of chats',
          words: 'sidebar pane',
          keys: '[',
          run: () => fold('chats'),
        },
        { id: 'fold-preview', name: 'Fold or show the preview', words: 'pane', keys: ']', run: () => fold('preview') },
      ]
    : [];
  useActs([
    {
      id: 'stop',
      name: 'Stop the turn',
      keys: 'Escape',
      whileTyping: true,
      not: busy ? undefined : 'nothing runs',
      run: () => void stopTurn(chat.id).catch(onProblem),
    },
    {
      id: 'write',
      name: 'Write a message',
      words: 'composer say',
      keys: 'c',
      run: () => document.querySelector<HTMLTextAreaElement>('textarea[aria-label="Message"]')?.focus(),
    },
    {
      id: 'plan',
      name: mode === 'plan' ? 'Build again, do not only plan' : 'Plan first: change nothing',
      words: 'plan mode',
      keys: 'p',
      run: () => parts.setMode(mode === 'plan' ? 'build' : 'plan'),
    },
    {
      id: 'undo',
      name: 'Undo the last turn',
      words: 'take back',
      keys: 'u',
      not: chat.undo ? undefined : 'nothing to take back',
      run: () => chat.undo && parts.undo(chat.undo.turnId),
    },
    {
      id: 'redo',
      name: 'Redo the turn that was taken back',
      words: 'bring back',
      keys: 'r',
      not: chat.redo ? undefined : 'nothing was taken back',
      run: () => chat.redo && parts.redo(chat.redo.turnId),
    },
    {
      id: 'merge',
      name: 'Merge this chat',
      words: 'ship release live main',
      not: why ?? (chat.transport === 'open' ? undefined : 'merged already'),
      run: parts.merge,
    },
    {
      id: 'approve',
      name: 'Approve this chat',
      not: why ?? (chat.status === 'approved' ? 'approved already' : undefined),
      run: () => patch({ status: 'approved' }),
    },
    { id: 'update', name: 'Update this chat from main', not: why, run: parts.update },
    {
      id: 'draft',
      name: 'Data of this chat’s draft',
      words: 'rows start again from staging difference refresh',
      not: chat.app ? undefined : 'there is no app yet',
      run: () => parts.open('draft'),
    },
    { id: 'rename', name: 'Rename this chat', words: 'title', run: () => parts.open('rename') },
    {
      id: 'limit',
      name: 'Limit what this chat may cost',
      words: 'money spending budget',
      run: () => parts.open('limit'),
    },
    {
      id: 'export',
      name: 'Export this chat as Markdown',
      words: 'download save',
      run: () => void exportChat(chat.id).catch(onProblem),
    },
    {
      id: 'archive',
      name: chat.archived ? 'Bring this chat back from the archive' : 'Archive this chat',
      words: 'put away',
      run: () => patch({ archived: !chat.archived }),
    },
    { id: 'delete', name: 'Delete this chat', words: 'remove', run: () => parts.open('delete') },
    ...folds,
  ]);
}
