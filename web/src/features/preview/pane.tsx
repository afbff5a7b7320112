/** Beside the chat: the app as it is now, what has changed, and what its server says. */
import { useQuery } from '@tanstack/react-query';
import {
  ExternalLink,
  Lock,
  Monitor,
  Moon,
  MousePointerClick,
  RotateCw,
  Smartphone,
  Tablet,
  TriangleAlert,
} from 'lucide-react';
import { Tabs } from 'radix-ui';
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Chat, FileDiff, InstanceState } from '../../../../contract/chats.ts';
import type { PickedElement, PreviewProblem } from '../../../../contract/preview.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Dot } from '../../components/dot.tsx';
import { Segments } from '../../components/segments.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { chatKeys, getDiff, getLog, sendMessage, wakePreview } from '../chats/api.ts';
import { DiffLines, PlusMinus } from '../chats/diff-card.tsx';
import type { Thread } from '../chats/projection.ts';
import { PreviewFrame } from './frame.tsx';

const WIDTHS = { desktop: '100%', tablet: '768px', phone: '390px' } as const;
type Width = keyof typeof WIDTHS;

interface PaneProps {
  chat: Chat;
  thread: Thread;
  /** the app’s spec, to read and to change */
  spec?: ReactNode;
  /** goes up when the page is to be loaded anew */
  recheck: number;
  onPageProblem: (problem: PreviewProblem) => void;
  onPicked: (element: PickedElement) => void;
}

export function PreviewPane({ chat, thread, spec, recheck, onPageProblem, onPicked }: PaneProps) {
  const [width, setWidth] = useState<Width>('desktop');
  const [tab, setTab] = useState('preview');
  const diff = useQuery({
    queryKey: chatKeys.diff(chat.id, thread.filesVersion),
    queryFn: () => getDiff(chat.id),
    enabled: chat.app !== null,
    placeholderData: (before) => before,
  });
  const files = diff.data ?? [];
  return (
    <Tabs.Root value={tab} onValueChange={setTab} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-2">
        <Tabs.List aria-label="Beside the chat" className="flex h-full">
          {(['preview', 'spec', 'changes', 'logs'] as const).map((name) => (
            <Tabs.Trigger
              key={name}
              value={name}
              className="relative inline-flex items-center gap-1.5 px-2.5 font-mid text-ink-3 capitalize hover:text-ink data-[state=active]:text-ink data-[state=active]:after:absolute data-[state=active]:after:inset-x-2.5 data-[state=active]:after:-bottom-px data-[state=active]:after:h-0.5 data-[state=active]:after:bg-ink"
            >
              {name}
              {name === 'changes' && files.length > 0 && (
                <span className="text-11 text-ink-3 tabular-nums">{files.length}</span>
              )}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <span className="flex-1" />
        <span className={cx('max-lg:hidden', tab !== 'preview' && 'invisible')}>
          <Segments
            name="Width of the preview"
            value={width}
            onChange={setWidth}
            options={[
              { value: 'desktop', label: <Monitor size={13} aria-hidden="true" />, hint: 'Desktop' },
              { value: 'tablet', label: <Tablet size={13} aria-hidden="true" />, hint: 'Tablet' },
              { value: 'phone', label: <Smartphone size={13} aria-hidden="true" />, hint: 'Phone' },
            ]}
          />
        </span>
      </header>
      <Tabs.Content value="preview" forceMount className="flex min-h-0 flex-1 flex-col data-[state=inactive]:hidden">
        <Stage
          chat={chat}
          state={thread.preview?.state ?? chat.preview.state}
          message={thread.preview?.message ?? chat.preview.message}
          width={WIDTHS[width]}
          recheck={recheck}
          files={thread.filesVersion}
          onPageProblem={onPageProblem}
          onPicked={onPicked}
        />
      </Tabs.Content>
      {spec && (
        <Tabs.Content value="spec" className="min-h-0 flex-1 overflow-hidden">
          {spec}
        </Tabs.Content>
      )}
      <Tabs.Content value="changes" className="min-h-0 flex-1 overflow-y-auto">
        <Changes files={files} loading={diff.isLoading} />
      </Tabs.Content>
      <Tabs.Content value="logs" className="min-h-0 flex-1 overflow-y-auto">
        <Logs chatId={chat.id} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

function Stage({
  chat,
  state,
  message,
  width,
  recheck,
  files,
  onPageProblem,
  onPicked,
}: Pick<PaneProps, 'recheck' | 'onPageProblem' | 'onPicked'> & {
  /** goes up when files have changed */
  files: number;
  chat: Chat;
  state: InstanceState;
  message: string | null;
  width: string;
}) {
  const [path, setPath] = useState('/');
  const [typed, setTyped] = useState('/');
  const [version, setVersion] = useState(0);
  const [problem, setProblem] = useState('');
  const [picking, setPicking] = useState(false);
  // where the person has gone by using the app
  const here = useRef('/');
  const onProblem = useCallback((text: string) => setProblem(text), []);
  const running = state === 'running';
  useEffect(() => {
    if (!running) setPicking(false);
  }, [running]);
  const url = chat.preview.url;
  const hasApp = chat.app !== null;
  // opening a chat wakes its preview; one that failed waits for the person
  useEffect(() => {
    if (hasApp && (state === 'asleep' || state === 'none')) void wakePreview(chat.id).catch(() => {});
  }, [chat.id, hasApp, state]);

  const reload = () => {
    setPath(here.current);
    setVersion((n) => n + 1);
  };
  // a page that is gone since files have changed leads to the start; one that never was stays, so that it is seen
  const missing = useRef<string>(undefined);
  const seen = useRef(files);
  const goToStart = () => {
    missing.current = undefined;
    here.current = '/';
    setTyped('/');
    setPath('/');
    setVersion((n) => n + 1);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number is the reason to look
  useEffect(() => {
    if (missing.current !== undefined && missing.current === here.current) goToStart();
  }, [files]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number is the reason to load
  useEffect(() => {
    if (recheck > 0) reload();
  }, [recheck]);

  if (!url) {
    return chat.turn && chat.turn.state !== 'ended' ? (
      <Empty title="It is being made" text="As soon as there is something to see, it appears here." />
    ) : (
      <Empty
        title="Nothing to see yet"
        text="When you have said what you want to make, it appears here and you can use it at once."
      />
    );
  }
  const go = (event: FormEvent) => {
    event.preventDefault();
    const next = typed.startsWith('/') ? typed : `/${typed}`;
    setTyped(next);
    here.current = next;
    seen.current = files;
    setPath(next);
    setVersion((n) => n + 1);
  };
  return (
    <>
      <form onSubmit={go} className="flex h-10 shrink-0 items-center gap-1.5 border-b border-line bg-bg px-2">
        <Button look="bare" size="icon" aria-label="Reload the preview" onClick={reload}>
          <RotateCw size={14} aria-hidden="true" />
        </Button>
        <label className="flex h-7 min-w-0 flex-1 items-center gap-1.5 rounded-2 border border-line-2 bg-surface px-2 text-ink-3 focus-within:border-accent max-md:h-9">
          <Lock size={13} className="shrink-0" aria-hidden="true" />
          <span className="truncate max-lg:hidden">{new URL(url).host}</span>
          <input
            aria-label="Path in the preview"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="min-w-28 flex-1 bg-transparent text-ink focus-visible:shadow-none"
          />
        </label>
        <span
          className="inline-flex h-[18px] items-center rounded-1 bg-[var(--db-staging-soft)] px-1.5 text-12 font-mid text-ink-2"
          title="The preview works on this chat’s own copy of the data"
        >
          draft
        </span>
        <Button
          look="bare"
          size="icon"
          aria-pressed={picking}
          disabled={!running}
          aria-label="Point at an element"
          title="Point at an element, and say what should be different about it"
          className={picking ? 'border-accent bg-accent-soft text-accent-ink' : ''}
          onClick={() => setPicking(!picking)}
        >
          <MousePointerClick size={14} aria-hidden="true" />
        </Button>
        <a
          href={url + typed}
          target="_blank"
          rel="noreferrer"
          aria-label="Open in a tab of its own"
          className="grid h-7 w-7 place-items-center rounded-2 text-ink-2 hover:bg-hover max-md:h-9 max-md:w-9"
        >
          <ExternalLink size={14} aria-hidden="true" />
        </a>
      </form>
      {picking && (
        <p role="status" className="border-b border-accent-line bg-accent-soft px-3 py-1 text-12 text-ink">
          Choose an element: click it, or press Tab to go through them and Enter to choose. Esc leaves.
        </p>
      )}
      {problem && <p className="border-b border-line bg-bad-soft px-3 py-1.5 text-bad-ink">{problem}</p>}
      <div className="relative min-h-0 flex-1 overflow-auto bg-sunken">
        {state === 'running' && (
          <PreviewFrame
            origin={url}
            path={path}
            version={version}
            width={width}
            picking={picking}
            onProblem={onProblem}
            onPageProblem={onPageProblem}
            onPicked={(element) => {
              setPicking(false);
              if (element) onPicked(element);
            }}
            onMissing={(now) => {
              if (now !== '/' && files > seen.current) goToStart();
              else missing.current = now;
            }}
            onPath={(now) => {
              if (now !== here.current) seen.current = files;
              missing.current = undefined;
              here.current = now;
              setTyped(now);
            }}
          />
        )}
        {(state === 'starting' || state === 'asleep' || state === 'stopping' || state === 'none') && (
          <Starting state={state} />
        )}
        {state === 'failed' && <Failed chat={chat} message={message} />}
      </div>
    </>
  );
}

function Starting({ state }: { state: InstanceState }) {
  return (
    <div className="grid gap-3 bg-surface p-6" role="status">
      <p className="flex items-center gap-2 text-12 text-ink-3">
        {state === 'asleep' ? <Moon size={13} aria-hidden="true" /> : <Dot state="working" quiet />}
        {state === 'asleep' ? 'Asleep. It wakes now.' : 'Starting, about 3 s'}
      </p>
      {['62%', '88%', '80%', '44%'].map((w, i) => (
        <span key={w} className={cx('rounded-2 bg-hover', i === 0 ? 'h-3.5' : 'h-2.5')} style={{ width: w }} />
      ))}
    </div>
  );
}

function Failed({ chat, message }: { chat: Chat; message: string | null }) {
  const [problem, setProblem] = useState('');
  const [first, ...rest] = (message ?? 'It ended for a reason that it did not say.').split('\n');
  const act = (work: Promise<unknown>) => void work.catch((error) => setProblem(sentenceOf(error)));
  return (
    <div className="grid content-start gap-2 bg-surface p-6">
      <p className="flex items-center gap-2 text-12 font-strong text-bad-ink">
        <TriangleAlert size={14} aria-hidden="true" /> Preview stopped
      </p>
      <h2 className="text-15">{first}</h2>
      <p className="text-ink-2">Your files are safe.</p>
      {rest.length > 0 && (
        <pre className="max-h-60 overflow-auto rounded-2 bg-sunken p-3 font-mono text-12 whitespace-pre-wrap">
          {rest.join('\n')}
        </pre>
      )}
      {problem && <p className="text-bad-ink">{problem}</p>}
      <div className="flex gap-2">
        <Button
          look="primary"
          onClick={() =>
            act(
              sendMessage(`The preview stopped. Please fix it. It said:\n${message ?? ''}`.slice(0, 4000), {
                chatId: chat.id,
              }),
            )
          }
        >
          Fix this
        </Button>
        <Button onClick={() => act(wakePreview(chat.id, true))}>Start again</Button>
      </div>
    </div>
  );
}

function Changes({ files, loading }: { files: FileDiff[]; loading: boolean }) {
  const [chosen, setChosen] = useState<string>();
  const file = files.find((one) => one.path === chosen) ?? files[0];
  if (!file)
    return loading ? null : (
      <Empty
        title="No changes"
        text="This chat and main are the same. What you change here shows up as a list of files."
      />
    );
  return (
    <>
      <p className="sr">{count(files.length, 'file')} changed</p>
      <ul className="border-b border-line">
        {files.map((one) => (
          <li key={one.path}>
            <button
              type="button"
              aria-pressed={one === file}
              onClick={() => setChosen(one.path)}
              className={cx(
                'flex min-h-8 w-full items-center gap-2 px-3 text-left max-md:min-h-11',
                one === file ? 'bg-selected' : 'hover:bg-hover',
              )}
            >
              <span
                className={cx(
                  'w-4 shrink-0 rounded-1 text-center font-mono text-11 leading-4 font-strong',
                  one.change === 'A'
                    ? 'bg-add-bg text-add-ink'
                    : one.change === 'D'
                      ? 'bg-del-bg text-del-ink'
                      : 'bg-[var(--db-staging-soft)] text-ink-2',
                )}
              >
                {one.change}
              </span>
              <code className="min-w-0 flex-1 truncate">{one.path}</code>
              <PlusMinus file={one} />
            </button>
          </li>
        ))}
      </ul>
      <DiffLines key={file.path} file={file} />
    </>
  );
}

function Logs({ chatId }: { chatId: string }) {
  const log = useQuery({ queryKey: chatKeys.log(chatId), queryFn: () => getLog(chatId), refetchInterval: 2000 });
  if (!log.data?.length)
    return <Empty title="Nothing was logged yet" text="What the preview’s server prints stands here." />;
  return (
    <pre className="p-3 font-mono text-12 leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
      {log.data.map((line, i) => (
        // lines of a log never move
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={i} className={cx('block', line.stream === 'stderr' && 'text-bad-ink')}>
          <span className="text-ink-3">{line.at.slice(11, 19)}</span> {line.text}
        </span>
      ))}
    </pre>
  );
}

const Empty = ({ title, text }: { title: string; text: string }) => (
  <div className="grid max-w-[48ch] content-start gap-1.5 p-6">
    <span aria-hidden="true" className="mb-1 flex items-center">
      <span className="h-[9px] w-[9px] rounded-full border-2 border-ink bg-ink" />
      <span className="line-todo h-0.5 w-14" />
      <span className="h-[9px] w-[9px] rounded-full border-2 border-line-2" />
    </span>
    <h2 className="text-15">{title}</h2>
    <p className="text-ink-2">{text}</p>
  </div>
);
