/** The bar above a chat: its title, where its work is, and what moves it on. */
import { Link } from '@tanstack/react-router';
import { ChevronLeft, PanelLeft, PanelRight } from 'lucide-react';
import type { Chat } from '../../../../contract/chats.ts';
import { Button } from '../../components/button.tsx';
import { Transport } from '../../components/transport.tsx';
import { patchChat } from '../../features/chats/api.ts';
import type { Folds } from '../use-folds.ts';
import type { ChatDialog } from './chat-dialogs.tsx';
import { ChatMenu } from './chat-menu.tsx';

interface Props {
  chat: Chat;
  phone: boolean;
  folds: Folds;
  fold: (pane: keyof Folds) => void;
  /** a turn is queued or running */
  busy: boolean;
  /** why it cannot be merged now */
  why: string | undefined;
  merging: boolean;
  /** the staging site runs what was merged last */
  siteReady: boolean;
  onMerge: () => void;
  onUpdate: () => void;
  onDialog: (dialog: ChatDialog) => void;
  onChanged: () => void;
  onProblem: (error: unknown) => void;
}

export function ChatHeader(props: Props) {
  const { chat, phone, folds, fold, busy, why, merging, siteReady, onMerge, onUpdate, onDialog, onChanged, onProblem } =
    props;
  const nothing = chat.app === null;
  return (
    <header className="flex min-h-14 shrink-0 items-center gap-2 border-b border-line px-5 py-1.5 max-md:px-2">
      {phone && (
        <Link to="/chats" aria-label="All chats" className="grid h-11 w-9 shrink-0 place-items-center">
          <ChevronLeft size={18} aria-hidden="true" />
        </Link>
      )}
      {!phone && (
        <Button
          look="bare"
          size="icon"
          aria-label="List of chats"
          aria-pressed={!folds.chats}
          title={folds.chats ? 'Show the list of chats ([)' : 'Fold the list of chats ([)'}
          className="-ml-2"
          onClick={() => fold('chats')}
        >
          <PanelLeft size={15} strokeWidth={1.75} aria-hidden="true" />
        </Button>
      )}
      <div className="min-w-0 flex-1">
        <h1 className="truncate text-15 leading-5">{chat.title}</h1>
        <Transport state={chat.transport} />
      </div>
      <ChatMenu chat={chat} onChanged={onChanged} onUpdate={onUpdate} onDialog={onDialog} onProblem={onProblem} />
      {!phone && (
        <Button
          disabled={busy || nothing || chat.status === 'approved'}
          title={why}
          onClick={() => void patchChat(chat.id, { status: 'approved' }).then(onChanged, onProblem)}
        >
          Approve
        </Button>
      )}
      {chat.transport === 'merged' && chat.databases.includes('live') ? (
        <Button
          look="primary"
          disabled={busy || !siteReady}
          title={why ?? (siteReady ? 'Bring it from the staging site to live' : 'The staging site does not run it yet')}
          onClick={() => onDialog('deploy')}
        >
          Go live…
        </Button>
      ) : (
        <Button
          look={chat.transport === 'open' && !busy && !nothing ? 'primary' : 'plain'}
          disabled={busy || nothing || merging || chat.transport !== 'open'}
          title={why ?? (chat.transport !== 'open' ? 'Main has all of this' : 'Put this on main and make it live')}
          onClick={onMerge}
        >
          {merging ? 'Merging…' : chat.transport === 'open' ? 'Merge' : 'Merged'}
        </Button>
      )}
      {!phone && (
        <Button
          look="bare"
          size="icon"
          aria-label="Preview"
          aria-pressed={!folds.preview}
          title={folds.preview ? 'Show the preview (])' : 'Fold the preview (])'}
          className="-mr-2"
          onClick={() => fold('preview')}
        >
          <PanelRight size={15} strokeWidth={1.75} aria-hidden="true" />
        </Button>
      )}
    </header>
  );
}
