/** One question, no set-up: what should exist? */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Check, Server, TriangleAlert } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { App } from '../../../../contract/apps.ts';
import type { ServerState, Settings } from '../../../../contract/settings.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { Tile } from '../../components/tile.tsx';
import { chatKeys, sendMessage } from '../../features/chats/api.ts';
import { AttachButton, AttachmentChips, useDrop } from '../../features/chats/attachment-chips.tsx';
import { ImportApp } from '../../features/chats/import-app.tsx';
import { PlanSwitch, readCommand, useMode } from '../../features/chats/plan-mode.tsx';
import { Starters } from '../../features/chats/starters.tsx';
import { useAttachments } from '../../features/chats/use-attachments.ts';
import { api, sentenceOf } from '../../lib/api.ts';
import { useMe } from '../session.tsx';

const EXAMPLES = [
  'A reading list with title, author, rating 1 to 5 and whether I finished it',
  'Track customers with name, email and phone, and orders with date, amount and status (new, paid, shipped)',
  'A plant diary: name, room, last watered and notes',
];

export function NewChatPage() {
  const me = useMe();
  const { app: appId, say } = useSearch({ from: '/signed-in/chats/new' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const [text, setText] = useState(say ?? '');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const files = useAttachments(undefined);
  const { over, handlers } = useDrop(files);
  const [mode, setMode] = useMode('new');
  const app = useQuery({
    queryKey: ['app', appId],
    queryFn: () => api<App>('GET', `/api/apps/${appId}`),
    enabled: appId !== undefined,
  });
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: () => api<Settings>('GET', '/api/settings'),
    enabled: me.containers.length > 0,
  });
  const server = useQuery({
    queryKey: ['ready'],
    queryFn: () => api<ServerState>('GET', '/api/ready', undefined, { public: true }).catch(() => undefined),
    refetchInterval: (q) => (q.state.data?.ready ? false : 1500),
  });

  if (me.containers.length === 0) {
    return (
      <div className="grid h-full place-content-center bg-surface p-6">
        <h1 className="text-18">Nothing is shared with you</h1>
        <p className="mt-1.5 max-w-[52ch] text-15 text-ink-2">
          Your account works. Ask whoever told you about this server for an invitation; its link brings you to their
          apps and chats.
        </p>
      </div>
    );
  }
  const begin = async (event?: FormEvent) => {
    event?.preventDefault();
    const asked = readCommand(text.trim(), mode);
    if (!asked.message || busy) return;
    if (files.busy) return setProblem('Wait until the files are uploaded.');
    if (files.files.some((one) => one.problem)) return setProblem('Remove the files that could not be uploaded first.');
    setBusy(true);
    setProblem('');
    try {
      const { chatId } = await sendMessage(asked.message, {
        mode: asked.mode,
        ...(files.ready.length > 0 ? { attachments: files.ready.map(({ id }) => id) } : {}),
        ...(appId ? { appId } : {}),
      });
      setMode('build');
      void client.invalidateQueries({ queryKey: chatKeys.list });
      await navigate({ to: '/chats/$chatId', params: { chatId } });
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  const go = (chatId: string) => {
    void client.invalidateQueries({ queryKey: chatKeys.list });
    void navigate({ to: '/chats/$chatId', params: { chatId } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void begin();
    }
  };
  const model = settings.data?.models.find((one) => one.default);
  return (
    <div className="h-full overflow-y-auto bg-surface">
      <div className="mx-auto grid max-w-[1120px] grid-cols-[minmax(0,680px)_1fr] content-start gap-x-16 px-6 pt-[9vh] pb-10 max-lg:grid-cols-1 max-md:px-4 max-md:pt-8">
        <div>
          <section className="relative pb-9 pl-9 max-md:pl-6">
            <span
              aria-hidden="true"
              className="absolute top-5 left-0.5 h-2.5 w-2.5 rounded-full border-2 border-accent bg-surface shadow-[0_0_0_3px_var(--accent-soft)]"
            />
            <span aria-hidden="true" className="line-down-todo absolute top-9 -bottom-3 left-1.5 w-0.5" />
            <h1 className="text-46 leading-[1.08] tracking-[-0.03em] max-md:text-[36px]">
              {app.data ? `What should change in ${app.data.name}?` : 'What would you like to exist?'}
            </h1>
            <p className="mt-3 mb-4 max-w-[56ch] text-[16px] leading-[1.6] text-ink-2">
              {app.data
                ? 'You work on a copy. Nobody sees it until you merge.'
                : 'Say it as you would to a person. A sentence is enough; you change it by saying what should be different.'}
            </p>
            <form
              onSubmit={begin}
              {...handlers}
              className={cx(
                'rounded-3 border focus-within:border-accent focus-within:shadow-[0_0_0_1px_var(--accent)]',
                over ? 'border-accent bg-accent-soft' : 'border-line-3 bg-raised',
              )}
            >
              <AttachmentChips files={files} />
              <textarea
                autoFocus
                rows={3}
                value={text}
                maxLength={32_000}
                onChange={(event) => setText(event.target.value)}
                onKeyDown={onKeyDown}
                aria-label="What you would like"
                placeholder={app.data ? 'Add a notes field to books' : `${EXAMPLES[0]}…`}
                className="block w-full resize-none bg-transparent px-4 pt-3.5 text-[17px] leading-[1.5] focus-visible:shadow-none"
              />
              <div className="flex items-center gap-2 p-2">
                {app.data && (
                  <span className="inline-flex items-center gap-1.5 px-2 text-12 font-mid text-ink-2">
                    <Tile app={app.data} /> {app.data.name}
                  </span>
                )}
                <AttachButton files={files} />
                <PlanSwitch mode={mode} onChange={setMode} />
                <span className="flex-1" />
                <Button type="submit" look="primary" size="big" hint="↵" disabled={busy || text.trim() === ''}>
                  {busy ? 'Beginning…' : 'Begin'}
                </Button>
              </div>
            </form>
            {problem && (
              <div className="mt-3">
                <Notice>{problem}</Notice>
              </div>
            )}
            {!appId && (
              <p className="mt-3 flex flex-wrap gap-x-3.5 gap-y-1 text-ink-3">
                For example:
                {['a reading list', 'customers and orders', 'a plant diary'].map((name, i) => (
                  <button
                    key={name}
                    type="button"
                    onClick={() => setText(EXAMPLES[i]!)}
                    className="text-accent-ink underline decoration-accent-line underline-offset-[3px]"
                  >
                    {name}
                  </button>
                ))}
              </p>
            )}
          </section>
          {[
            [
              'Then you watch it being made',
              'It runs beside the chat from the first minute. You change it by saying what should change.',
            ],
            ['Then you look, undo, say more', 'Every turn can be taken back. Nobody else sees it before you merge.'],
            ['Then it is live, on your own server', 'Only people who are signed in and may see it can open it.'],
          ].map(([title, line], i) => (
            <section key={title} className="relative pb-5 pl-9 max-md:pl-6">
              <span
                aria-hidden="true"
                className="absolute top-2 left-0.5 h-2.5 w-2.5 rounded-full border-2 border-line-2 bg-surface"
              />
              {i < 2 && <span aria-hidden="true" className="line-down-todo absolute top-6 -bottom-1 left-1.5 w-0.5" />}
              <h2 className="text-15 leading-[26px]">{title}</h2>
              <p className="text-ink-2">{line}</p>
            </section>
          ))}
        </div>
        <aside
          aria-label="Your server"
          className="mt-3 self-start overflow-hidden rounded-3 border border-line bg-raised max-lg:mt-8 max-lg:max-w-[680px]"
        >
          <header className="flex min-h-[34px] items-center gap-2 border-b border-line px-3">
            <Server size={14} strokeWidth={1.75} aria-hidden="true" />
            <h2 className="text-13">Your server</h2>
            <span className="flex-1" />
            {server.data && (
              <span
                className={
                  server.data.ready
                    ? 'rounded-1 bg-good-soft px-1.5 text-12 font-mid text-good-ink'
                    : 'rounded-1 bg-bad-soft px-1.5 text-12 font-mid text-bad-ink'
                }
              >
                {server.data.ready ? 'ready' : 'not ready'}
              </span>
            )}
          </header>
          <ul>
            {server.data?.parts.map((part) => (
              <li key={part.name} className="flex items-center gap-2 border-b border-line px-3 py-2">
                {part.ok ? (
                  <Check size={14} className="shrink-0 text-good" aria-hidden="true" />
                ) : (
                  <TriangleAlert size={14} className="shrink-0 text-bad" aria-hidden="true" />
                )}
                <span className="shrink-0">{part.name}</span>
                <span className="ml-auto min-w-0 text-right text-12 text-ink-3">{part.text}</span>
              </li>
            ))}
            {model && (
              <li className="flex items-start gap-2 px-3 py-2">
                <Check size={14} className="mt-0.5 shrink-0 text-good" aria-hidden="true" />
                <span className="min-w-0 flex-1">
                  {model.name}
                  <span className="block text-12 text-ink-3">{model.note}</span>
                </span>
                {model.provider === 'builtin' && (
                  <Link
                    to="/settings"
                    className="inline-flex h-7 shrink-0 items-center rounded-2 border border-line-2 px-2.5 font-mid hover:bg-hover max-md:h-9"
                  >
                    Add a key
                  </Link>
                )}
              </li>
            )}
          </ul>
        </aside>
        {!appId && (
          <div className="col-span-full">
            <ImportApp onBegun={go} />
            <Starters onBegun={go} />
          </div>
        )}
      </div>
    </div>
  );
}
