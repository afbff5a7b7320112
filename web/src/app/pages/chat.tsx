/** A chat with its preview beside it; on a phone two tabs. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { App } from '../../../../contract/apps.ts';
import type { Chat, ConflictFile } from '../../../../contract/chats.ts';
import type { Settings } from '../../../../contract/settings.ts';
import { Notice } from '../../components/notice.tsx';
import { chatKeys, getChat, patchChat, sendMessage } from '../../features/chats/api.ts';
import { Composer } from '../../features/chats/composer.tsx';
import { ConflictResolver, Conflicts } from '../../features/chats/conflicts.tsx';
import { useMode } from '../../features/chats/plan-mode.tsx';
import type { Turn } from '../../features/chats/projection.ts';
import { Sidebar } from '../../features/chats/sidebar.tsx';
import { useThread } from '../../features/chats/store.ts';
import { ThreadView } from '../../features/chats/thread-view.tsx';
import { useAttachments } from '../../features/chats/use-attachments.ts';
import { usePointed } from '../../features/chats/use-pointed.ts';
import { ProblemCard } from '../../features/preview/problem-card.tsx';
import { useProblems } from '../../features/preview/use-problems.ts';
import { ApiError, api, sentenceOf } from '../../lib/api.ts';
import { useMe, useSession } from '../session.tsx';
import { Splitter } from '../splitter.tsx';
import { type Folds, useFolds } from '../use-folds.ts';
import { useIsPhone } from '../use-is-phone.ts';
import { useChatActs } from './chat-acts.ts';
import { type ChatDialog, ChatDialogs } from './chat-dialogs.tsx';
import { ChatHeader } from './chat-header.tsx';
import { KeepRows, RemovesData, SameLines } from './chat-questions.tsx';
import { PhonePanes, type PhoneTab } from './phone-panes.tsx';
import { useChatChanges } from './use-chat-changes.ts';
import { useChats } from './use-chats.ts';

// the words of a chat are there before what shows its app
const PreviewPane = lazy(() =>
  import('../../features/preview/pane.tsx').then((file) => ({ default: file.PreviewPane })),
);
const SpecPane = lazy(() => import('../../features/spec/spec-pane.tsx').then((file) => ({ default: file.SpecPane })));

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
    {/* an address that cannot be one of a chat is answered like one that is none */}
    <Notice>
      {error instanceof ApiError && error.problem.status === 400 ? 'There is no such chat.' : sentenceOf(error)}
    </Notice>
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
  const thread = useThread(live, chat.id);
  const [tab, setTab] = useState<PhoneTab>('chat');
  // rows of the draft were made anew
  const [reloads, setReloads] = useState(0);
  const [dialog, setDialog] = useState<ChatDialog>();
  const [mode, setMode] = useMode(chat.id);
  const [resolving, setResolving] = useState<ConflictFile[]>();
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

  const { problem, setProblem, asking, setAsking, conflicts, setConflicts, lost, setLost, merging, ...acts } =
    useChatChanges({ chatId: chat.id, thread, mode, setMode, changed });
  const { undo, redo, runAgain, carryOut, merge, update } = acts;
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
  const live_ = app.data != null && app.data.serves !== null;
  const conversation = (
    <section aria-label="Chat" className="flex h-full min-h-0 min-w-0 flex-col bg-surface">
      <ChatHeader
        chat={chat}
        phone={phone}
        folds={folds}
        fold={fold}
        busy={busy}
        why={why}
        merging={merging}
        siteReady={app.data?.site?.release?.state === 'serving'}
        onMerge={() => void merge()}
        onUpdate={() => void update()}
        onDialog={setDialog}
        onChanged={changed}
        onProblem={(error) => setProblem(sentenceOf(error))}
      />
      {chat.archived && (
        <p className="flex flex-wrap items-center gap-x-2 border-b border-line bg-sunken px-5 py-1.5 text-ink-2 max-md:px-3">
          This chat is archived: it is not in the list of open ones.
          <button
            type="button"
            className="font-mid underline underline-offset-[3px] max-md:min-h-9"
            onClick={() =>
              void patchChat(chat.id, { archived: false }).then(changed, (error) => setProblem(sentenceOf(error)))
            }
          >
            Bring it back
          </button>
        </p>
      )}
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
        siteUrl={app.data?.site?.release?.state === 'serving' ? app.data.site.url : undefined}
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
        onReminders={() => setDialog('reminders')}
        onChanged={changed}
      />
    </section>
  );
  const preview = (
    <Suspense fallback={<div className="h-full bg-bg" aria-busy="true" />}>
      <PreviewPane
        chat={chat}
        thread={thread}
        recheck={previewProblems.recheck + reloads}
        onPageProblem={previewProblems.add}
        onPicked={(element) => {
          point(element);
          setTab('chat');
        }}
        spec={<SpecPane key={chat.id} chatId={chat.id} version={thread.filesVersion} />}
      />
    </Suspense>
  );
  return (
    <>
      {phone ? (
        <PhonePanes tab={tab} onTab={setTab} chat={conversation} preview={preview} />
      ) : folds.preview ? (
        <div className="min-w-0 flex-1">{conversation}</div>
      ) : (
        <Splitter left={conversation} right={preview} />
      )}
      <ChatDialogs
        dialog={dialog}
        chat={chat}
        onClose={() => setDialog(undefined)}
        onChanged={changed}
        onRows={() => setReloads((n) => n + 1)}
      />
      {resolving && (
        <ConflictResolver
          chatId={chat.id}
          files={resolving}
          onClose={() => setResolving(undefined)}
          onChanged={changed}
        />
      )}
      {asking && <KeepRows onClose={() => setAsking(undefined)} onGo={asking.go} />}
      {lost && (
        <RemovesData
          staging={chat.databases.includes('live')}
          lost={lost}
          onClose={() => setLost(undefined)}
          onMerge={() => void merge(true)}
        />
      )}
      {conflicts && (
        <SameLines conflicts={conflicts} onClose={() => setConflicts(undefined)} onUpdate={() => void update()} />
      )}
    </>
  );
}
