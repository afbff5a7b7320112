/** A chat with its preview beside it; on a phone two tabs. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { ChevronLeft, PanelLeft, PanelRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { App } from '../../../../contract/apps.ts';
import type { Chat, ConflictFile } from '../../../../contract/chats.ts';
import type { Settings } from '../../../../contract/settings.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { Transport } from '../../components/transport.tsx';
import {
  chatKeys,
  getChat,
  mergeChat,
  patchChat,
  redoTurn,
  rerun,
  sendMessage,
  undoTurn,
  updateChat,
} from '../../features/chats/api.ts';
import { Composer } from '../../features/chats/composer.tsx';
import { ConflictResolver, Conflicts } from '../../features/chats/conflicts.tsx';
import { useMode } from '../../features/chats/plan-mode.tsx';
import type { Turn } from '../../features/chats/projection.ts';
import { Sidebar } from '../../features/chats/sidebar.tsx';
import { useThread } from '../../features/chats/store.ts';
import { ThreadView } from '../../features/chats/thread-view.tsx';
import { useAttachments } from '../../features/chats/use-attachments.ts';
import { usePointed } from '../../features/chats/use-pointed.ts';
import { PreviewPane } from '../../features/preview/pane.tsx';
import { ProblemCard } from '../../features/preview/problem-card.tsx';
import { useProblems } from '../../features/preview/use-problems.ts';
import { SpecPane } from '../../features/spec/spec-pane.tsx';
import { ApiError, api, sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { useMe, useSession } from '../session.tsx';
import { Splitter } from '../splitter.tsx';
import { type Folds, useFolds } from '../use-folds.ts';
import { useIsPhone } from '../use-is-phone.ts';
import { useChatActs } from './chat-acts.ts';
import { type ChatDialog, ChatDialogs } from './chat-dialogs.tsx';
import { ChatMenu } from './chat-menu.tsx';
import { KeepRows, RemovesData, SameLines } from './chat-questions.tsx';
import { useChats } from './use-chats.ts';

export function ChatPage() {
  const { chatId } = useParams({ from: '/signed-in/chats/$chatId' });
  const chats = useChats();
  const chat = useQuery({ queryKey: chatKeys.one(chatId), queryFn: () => getChat(chatId) });
  const phone = useIsPhone();
  const [folds, fold] = useFolds();
  const { visit } = useSession();
  const here = useMe().containers[0]?.id;
  const home = chat.data?.containerId;
  // an address that was passed on may lead into another container
  useEffect(() => {
    if (home && here && home !== here) void visit(home);
  }, [home, here, visit]);
  return (
    <div className="flex h-full">
      {!phone && !folds.chats && <Sidebar chats={chats.data ?? []} current={chatId} loading={chats.isLoading} />}
      {chat.data ? (
        <OpenChat key={chatId} chat={chat.data} phone={phone} folds={folds} fold={fold} />
      ) : chat.error ? (
        <Missing error={chat.error} />
      ) : (
        <div className="flex-1 bg-surface" aria-busy="true" />
      )}
    </div>
  );
}

const Missing = ({ error }: { error: Error }) => (
  <div className="grid flex-1 content-start gap-3 bg-surface p-6">
    <Notice>{sentenceOf(error)}</Notice>
    <Link to="/chats" className="text-accent-ink underline">
      All chats
    </Link>
  </div>
);

function OpenChat({
  chat,
  phone,
  folds,
  fold,
}: {
  chat: Chat;
  phone: boolean;
  folds: Folds;
  fold: (pane: keyof Folds) => void;
}) {
  const { turn: wanted } = useSearch({ from: '/signed-in/chats/$chatId' });
  const { live } = useSession();
  const client = useQueryClient();
  const toast = useToast();
  const thread = useThread(live, chat.id);
  const [tab, setTab] = useState<'chat' | 'preview'>('chat');
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState<{ go: (rows: 'keep' | 'exact') => void }>();
  const [dialog, setDialog] = useState<ChatDialog>();
  const [mode, setMode] = useMode(chat.id);
  const [conflicts, setConflicts] = useState<{ path: string; reason: string }[]>();
  const [lost, setLost] = useState<{ path: string; reason: string }[]>();
  const [resolving, setResolving] = useState<ConflictFile[]>();
  const undoing = useRef(false);
  const [merging, setMerging] = useState(false);
  const { pointed, setPointed, point } = usePointed(chat.id);
  const files = useAttachments(chat.id);
  const previewProblems = useProblems(thread, chat.turn?.state === 'running');
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => api<Settings>('GET', '/api/settings') });
  const appId = chat.app?.id;
  const app = useQuery({
    queryKey: ['apps', 'one', appId],
    queryFn: () => api<App>('GET', `/api/apps/${appId}`),
    enabled: appId !== undefined,
  });
  const changed = () => {
    void client.invalidateQueries({ queryKey: chatKeys.one(chat.id), exact: true });
    void client.invalidateQueries({ queryKey: chatKeys.list });
  };
  // the row may say more than the events do (what Undo would take back): read it anew when a turn moves on
  const version = `${thread.filesVersion} ${thread.entries.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version is the reason to read
  useEffect(() => {
    void client.invalidateQueries({ queryKey: chatKeys.one(chat.id), exact: true });
  }, [version, chat.id, client]);
  useEffect(() => {
    document.title = `${chat.title} · Vibe`;
    return () => {
      document.title = 'Vibe';
    };
  }, [chat.title]);

  const busy = chat.turn !== null && chat.turn.state !== 'ended';
  // which model a turn uses may have been changed elsewhere since
  // biome-ignore lint/correctness/useExhaustiveDependencies: the beginning and end of a turn are the reason to read
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ['settings'] });
  }, [busy, client]);

  const undo = async (turnId: string, rows?: 'keep' | 'exact') => {
    // a double click means one undo
    if (undoing.current) return;
    undoing.current = true;
    setProblem('');
    setAsking(undefined);
    const turn = thread.entries.find((entry): entry is Turn => entry.kind === 'turn' && entry.id === turnId);
    try {
      client.setQueryData(chatKeys.one(chat.id), await undoTurn(chat.id, turnId, rows));
      toast({
        text: `Turn taken back${turn ? `: ${count(turn.files, 'file')} as before` : ''}`,
        action: { name: 'Redo', run: () => void redo(turnId) },
      });
    } catch (error) {
      if (error instanceof ApiError && error.problem.code === 'preview_used')
        setAsking({ go: (kept) => void undo(turnId, kept) });
      else setProblem(sentenceOf(error));
    }
    undoing.current = false;
  };
  const redo = async (turnId: string) => {
    setProblem('');
    toast(undefined);
    try {
      client.setQueryData(chatKeys.one(chat.id), await redoTurn(chat.id, turnId));
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  const runAgain = async (turnId: string, message: string, rows?: 'keep' | 'exact') => {
    setAsking(undefined);
    const latest = thread.entries.findLast((entry) => entry.kind === 'turn')?.id ?? turnId;
    try {
      await rerun(chat.id, { turnId, latest, message, mode, ...(rows ? { rows } : {}) });
      changed();
    } catch (error) {
      if (!(error instanceof ApiError && error.problem.code === 'preview_used')) throw error;
      setAsking({
        go: (kept) => void runAgain(turnId, message, kept).catch((problem) => setProblem(sentenceOf(problem))),
      });
    }
  };
  const carryOut = (plan: Turn) => {
    setMode('build');
    sendMessage(plan.asked.text, { chatId: chat.id, mode: 'build', planTurnId: plan.id }).then(changed, (error) =>
      setProblem(sentenceOf(error)),
    );
  };
  const merge = async (destroys = false) => {
    setProblem('');
    setLost(undefined);
    setMerging(true);
    try {
      await mergeChat(chat.id, destroys);
    } catch (error) {
      const found = error instanceof ApiError ? error.problem : undefined;
      if (found?.code === 'destroys_data') setLost(found.conflicts ?? []);
      else if (found?.conflicts?.length) setConflicts(found.conflicts);
      else setProblem(sentenceOf(error));
    }
    setMerging(false);
    changed();
  };
  const update = async () => {
    setConflicts(undefined);
    try {
      const result = await updateChat(chat.id);
      if (result.conflicts.length > 0)
        setProblem(
          `Updated from main. Both sides had changed the same: ${result.conflicts.map((one) => `${one.path}: ${one.reason}`).join(' ')} Look at what stands here now, put it together, then merge.`,
        );
      else toast({ text: 'Updated from main. Now it can be merged.' });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    changed();
  };

  const queued = thread.entries.filter((entry): entry is Turn => entry.kind === 'turn' && entry.state === 'queued');
  const nothing = chat.app === null;
  const why = busy ? 'Wait until the turn is done' : nothing ? 'There is nothing to merge yet' : undefined;
  useChatActs({
    chat,
    busy,
    why,
    mode,
    setMode,
    undo: (turnId) => void undo(turnId),
    redo: (turnId) => void redo(turnId),
    merge: () => void merge(),
    update: () => void update(),
    open: setDialog,
    fold: phone ? undefined : fold,
    onChanged: changed,
    onProblem: (error) => setProblem(sentenceOf(error)),
  });
  const live_ = app.data?.release?.state === 'serving' || app.data?.state === 'running';
  const conversation = (
    <section aria-label="Chat" className="flex h-full min-h-0 min-w-0 flex-col bg-surface">
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
        <ChatMenu
          chat={chat}
          onChanged={changed}
          onUpdate={() => void update()}
          onDialog={setDialog}
          onProblem={(error) => setProblem(sentenceOf(error))}
        />
        {!phone && (
          <Button
            disabled={busy || nothing || chat.status === 'approved'}
            title={why}
            onClick={() =>
              void patchChat(chat.id, { status: 'approved' }).then(changed, (error) => setProblem(sentenceOf(error)))
            }
          >
            Approve
          </Button>
        )}
        <Button
          look={chat.transport === 'open' && !busy && !nothing ? 'primary' : 'plain'}
          disabled={busy || nothing || merging || chat.transport !== 'open'}
          title={why ?? (chat.transport !== 'open' ? 'Main has all of this' : 'Put this on main and make it live')}
          onClick={() => void merge()}
        >
          {merging ? 'Merging…' : chat.transport === 'open' ? 'Merge' : 'Merged'}
        </Button>
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
      {problem && (
        <div className="border-b border-line px-4 py-2">
          <Notice>
            {problem}{' '}
            <button type="button" className="font-strong underline" onClick={() => setProblem('')}>
              Close
            </button>
          </Notice>
        </div>
      )}
      <ThreadView
        chat={chat}
        thread={thread}
        appUrl={live_ ? app.data?.url : undefined}
        onUndo={(turnId) => void undo(turnId)}
        onRedo={(turnId) => void redo(turnId)}
        wanted={wanted}
        onRerun={busy ? undefined : runAgain}
        onCarryOut={carryOut}
      />
      <ProblemCard
        problems={previewProblems.problems}
        busy={busy}
        onFix={(message) => {
          previewProblems.close();
          sendMessage(message, { chatId: chat.id }).then(changed, (error) => setProblem(sentenceOf(error)));
        }}
        onClose={previewProblems.close}
      />
      <Conflicts
        chat={chat}
        version={thread.filesVersion}
        busy={busy}
        able={(chat.model ?? settings.data?.models.find((one) => one.default)?.id) !== 'builtin'}
        onResolve={setResolving}
        onChanged={changed}
        onProblem={(error) => setProblem(sentenceOf(error))}
      />
      <Composer
        chat={chat}
        queued={queued}
        models={settings.data?.models ?? []}
        mode={mode}
        onMode={setMode}
        files={files}
        pointed={pointed}
        onPointed={setPointed}
        onUnpoint={() => point(undefined)}
        onChanged={changed}
      />
    </section>
  );
  const preview = (
    <PreviewPane
      chat={chat}
      thread={thread}
      recheck={previewProblems.recheck}
      onPageProblem={previewProblems.add}
      onPicked={(element) => {
        point(element);
        setTab('chat');
      }}
      spec={<SpecPane key={chat.id} chatId={chat.id} version={thread.filesVersion} />}
    />
  );
  return (
    <>
      {phone ? (
        <div className="flex h-full min-w-0 flex-1 flex-col">
          <div role="tablist" aria-label="Panes" className="flex h-11 shrink-0 border-b border-line bg-bg">
            {(['chat', 'preview'] as const).map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                id={`tab-${name}`}
                aria-selected={tab === name}
                aria-controls={`pane-${name}`}
                onClick={() => setTab(name)}
                className={cx(
                  'flex-1 border-b-2 font-mid capitalize',
                  tab === name ? 'border-ink' : 'border-transparent text-ink-3',
                )}
              >
                {name}
              </button>
            ))}
          </div>
          <div
            role="tabpanel"
            id="pane-chat"
            aria-labelledby="tab-chat"
            className={cx('min-h-0 flex-1', tab !== 'chat' && 'hidden')}
          >
            {conversation}
          </div>
          <div
            role="tabpanel"
            id="pane-preview"
            aria-labelledby="tab-preview"
            className={cx('min-h-0 flex-1', tab !== 'preview' && 'hidden')}
          >
            {preview}
          </div>
        </div>
      ) : folds.preview ? (
        <div className="min-w-0 flex-1">{conversation}</div>
      ) : (
        <Splitter left={conversation} right={preview} />
      )}
      <ChatDialogs dialog={dialog} chat={chat} onClose={() => setDialog(undefined)} onChanged={changed} />
      {resolving && (
        <ConflictResolver
          chatId={chat.id}
          files={resolving}
          onClose={() => setResolving(undefined)}
          onChanged={changed}
        />
      )}
      {asking && <KeepRows onClose={() => setAsking(undefined)} onGo={asking.go} />}
      {lost && <RemovesData lost={lost} onClose={() => setLost(undefined)} onMerge={() => void merge(true)} />}
      {conflicts && (
        <SameLines conflicts={conflicts} onClose={() => setConflicts(undefined)} onUpdate={() => void update()} />
      )}
    </>
  );
}
