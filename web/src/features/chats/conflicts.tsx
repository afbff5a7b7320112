/**
 * Both versions of what this chat and main have changed, side by side with what there was before. Each place is decided by a button or by
 * hand; then all of it is one commit of this chat. Or the assistant is asked to do it.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { GitMerge } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useState } from 'react';
import type { Chat, ConflictFile } from '../../../../contract/chats.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { chatKeys, getConflicts, resolveConflicts, sendMessage } from './api.ts';
import { type Place, placesOf, readParts, writeParts } from './conflict-text.ts';

interface Props {
  chat: Chat;
  /** goes up when files have changed */
  version: number;
  busy: boolean;
  /** whether the chat’s model reads code */
  able: boolean;
  onResolve: (files: ConflictFile[]) => void;
  onChanged: () => void;
  onProblem: (error: unknown) => void;
}

const ask = (files: ConflictFile[]): string =>
  `This chat and main have changed the same lines, and after the update these files hold both versions between the marks <<<<<<<, |||||||, ======= and >>>>>>>: ${files
    .map(({ path }) => path)
    .join(
      ', ',
    )}. Put them together so that what both sides wanted stays, remove the marks, and run the checks. Where only one can be right, ask me.`;

/** The line above the composer as long as files hold both versions. */
export function Conflicts({ chat, version, busy, able, onResolve, onChanged, onProblem }: Props) {
  const conflicts = useQuery({
    queryKey: chatKeys.conflicts(chat.id, version),
    queryFn: () => getConflicts(chat.id),
    enabled: chat.app !== null && chat.transport === 'open' && !busy,
    placeholderData: (before) => before,
  });
  const files = conflicts.data ?? [];
  if (files.length === 0 || busy || chat.transport !== 'open') return null;
  return (
    <section aria-label="Both versions" className="mx-auto w-full max-w-[760px] shrink-0 px-4 max-md:px-2">
      <div className="flex flex-wrap items-center gap-2 rounded-3 border border-line-2 bg-remind-soft px-3 py-2">
        <GitMerge size={15} className="shrink-0 text-remind-ink" aria-hidden="true" />
        <p className="min-w-0 flex-1 basis-60">
          <b className="font-strong">{count(files.length, 'file')}</b>{' '}
          {files.length === 1 ? 'holds both versions' : 'hold both versions'}: this chat’s and main’s.
        </p>
        <Button onClick={() => onResolve(files)}>Put together by hand</Button>
        {able && (
          <Button
            look="primary"
            onClick={() => void sendMessage(ask(files), { chatId: chat.id }).then(onChanged, onProblem)}
          >
            Ask the assistant
          </Button>
        )}
      </div>
    </section>
  );
}

/** All places of all files, each with what it is to be. */
export function ConflictResolver({
  chatId,
  files,
  onClose,
  onChanged,
}: {
  chatId: string;
  files: ConflictFile[];
  onClose: () => void;
  onChanged: () => void;
}) {
  const client = useQueryClient();
  const [read] = useState(() => files.map((file) => ({ file, parts: readParts(file.text) })));
  const [decided, setDecided] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const keyOf = (path: string, place: number) => `${path} ${place}`;
  const all = read.flatMap(({ file, parts }) => placesOf(parts).map((_, at) => keyOf(file.path, at)));
  const left = all.filter((key) => decided[key] === undefined).length;
  const keep = async () => {
    setBusy(true);
    setProblem('');
    try {
      await resolveConflicts(
        chatId,
        read.map(({ file, parts }) => ({
          path: file.path,
          version: file.version,
          text: writeParts(
            parts,
            placesOf(parts).map((_, at) => decided[keyOf(file.path, at)]!),
          ),
        })),
      );
      onChanged();
      await client.invalidateQueries({ queryKey: ['chat', chatId, 'conflicts'] });
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="appear fixed inset-0 z-30 bg-scrim" />
        <Radix.Content className="appear fixed inset-6 z-40 mx-auto flex max-w-[1280px] flex-col overflow-hidden rounded-4 border border-line-2 bg-raised shadow-3 max-md:inset-0 max-md:rounded-none">
          <header className="border-b border-line px-5 py-4 max-md:px-4">
            <Radix.Title className="text-18">Put both versions together</Radix.Title>
            <Radix.Description className="mt-1 text-ink-2">
              Decide for each place what stays. It is saved in this chat only; the preview shows it before you merge.
            </Radix.Description>
          </header>
          <div className="grid min-h-0 flex-1 content-start gap-6 overflow-y-auto px-5 py-4 max-md:px-4">
            {read.map(({ file, parts }) => (
              <section key={file.path} className="grid grid-cols-[minmax(0,1fr)] gap-3">
                <h2 className="text-13">
                  <code className="break-all">{file.path}</code>
                </h2>
                {placesOf(parts).map((place, at) => (
                  <PlaceView
                    // biome-ignore lint/suspicious/noArrayIndexKey: places of a file do not move
                    key={at}
                    name={`Place ${at + 1} of ${file.path}`}
                    place={place}
                    result={decided[keyOf(file.path, at)]}
                    onDecide={(text) => setDecided((now) => ({ ...now, [keyOf(file.path, at)]: text }))}
                  />
                ))}
              </section>
            ))}
          </div>
          <footer className="flex flex-wrap items-center gap-2 border-t border-line bg-surface px-5 py-3 max-md:px-4">
            <p role="status" className="min-w-0 flex-1 basis-40 text-ink-2">
              {left === 0 ? 'All places are decided.' : `${count(left, 'place')} to decide.`}
            </p>
            {problem && <Notice>{problem}</Notice>}
            <Button onClick={onClose}>Not now</Button>
            <Button look="primary" disabled={left > 0 || busy} onClick={() => void keep()}>
              {busy ? 'Saving…' : 'Save it in this chat'}
            </Button>
          </footer>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function PlaceView({
  name,
  place,
  result,
  onDecide,
}: {
  name: string;
  place: Place;
  result: string | undefined;
  onDecide: (text: string) => void;
}) {
  const both = place.ours + place.theirs;
  const sides = [
    { title: 'This chat', text: place.ours, button: 'Keep this chat’s' },
    { title: 'Before', text: place.base, button: undefined },
    { title: 'Main', text: place.theirs, button: 'Take main’s' },
  ].filter(({ text }) => text !== undefined);
  return (
    <fieldset className="min-w-0 rounded-3 border border-line">
      <legend className="sr">{name}</legend>
      <div className={cx('grid max-lg:grid-cols-1', sides.length === 3 ? 'grid-cols-3' : 'grid-cols-2')}>
        {sides.map(({ title, text, button }) => (
          <div
            key={title}
            className="flex min-w-0 flex-col border-l border-line first:border-l-0 max-lg:border-t max-lg:border-l-0 max-lg:first:border-t-0"
          >
            <h3 className="flex min-h-9 items-center gap-2 px-3 text-12 font-strong text-ink-2">
              <span className="flex-1">{title}</span>
              {button && (
                <Button aria-pressed={result === text} onClick={() => onDecide(text!)}>
                  {button}
                </Button>
              )}
            </h3>
            <section
              tabIndex={0}
              aria-label={`${title}: ${name}`}
              className={cx(
                'max-h-64 min-h-12 flex-1 overflow-auto px-3 py-2 font-mono text-12 leading-5',
                title === 'Before' ? 'text-ink-2' : 'bg-sunken',
              )}
            >
              <pre className="min-w-max">{text === '' ? <span className="text-ink-3">(nothing)</span> : text}</pre>
            </section>
          </div>
        ))}
      </div>
      <div className="grid gap-2 border-t border-line p-3">
        <div className="flex flex-wrap items-center gap-2">
          <span className="flex-1 text-12 font-strong text-ink-2">What stays</span>
          <Button aria-pressed={result === both} onClick={() => onDecide(both)}>
            Keep both
          </Button>
        </div>
        <textarea
          aria-label={`What stays: ${name}`}
          rows={Math.min(12, Math.max(2, (result ?? '').split('\n').length))}
          value={result ?? ''}
          placeholder="Choose one above, or write it here"
          spellCheck={false}
          onChange={(event) => onDecide(event.target.value)}
          className="w-full resize-y rounded-2 border border-line-3 bg-raised px-2.5 py-2 font-mono text-12 leading-5"
        />
      </div>
    </fieldset>
  );
}
