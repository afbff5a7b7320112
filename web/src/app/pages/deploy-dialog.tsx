/** From the staging site to live: whose work goes, and what it does to the tables there. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Chat } from '../../../../contract/chats.ts';
import type { DeployPreview } from '../../../../contract/deploys.ts';
import { lossButton, lossVerb, sentencesOfLoses } from '../../../../contract/loss-words.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Dot } from '../../components/dot.tsx';
import { Notice } from '../../components/notice.tsx';
import { api, sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { useMe } from '../session.tsx';

interface Props {
  chat: Chat;
  onClose: () => void;
  onChanged: () => void;
}

export function DeployDialog({ chat, onClose, onChanged }: Props) {
  const client = useQueryClient();
  const { containers } = useMe();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const appId = chat.app!.id;
  const preview = useQuery({
    queryKey: ['apps', 'one', appId, 'deploy'],
    queryFn: () => api<DeployPreview>('GET', `/api/apps/${appId}/deploy`),
    gcTime: 0,
  });
  const shown = preview.data;
  const manages = containers.find(({ id }) => id === chat.containerId)?.role !== 'member';
  const others = shown?.chats.filter(({ id }) => id !== chat.id).length ?? 0;
  const ship = () => {
    setBusy(true);
    setProblem('');
    api('POST', `/api/apps/${appId}/deploy`, {
      commit: shown!.commit,
      chatId: chat.id,
      ...(shown!.destroys ? { destroys: true } : {}),
    }).then(
      () => {
        void client.invalidateQueries({ queryKey: ['apps'] });
        onClose();
        onChanged();
      },
      (error) => {
        setProblem(sentenceOf(error));
        setBusy(false);
        void preview.refetch();
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={shown?.commit === null ? 'Live has everything' : `Bring ${chat.app!.name} to live?`}
      actions={
        <>
          <Button onClick={onClose}>{shown?.commit ? 'Not now' : 'Close'}</Button>
          {shown?.commit && manages && (
            <Button look="live" disabled={busy} onClick={ship}>
              {busy ? 'Beginning…' : shown.destroys ? lossButton('Go live', shown.loses) : 'Bring it to live'}
            </Button>
          )}
        </>
      }
    >
      {preview.isPending && <p className="text-ink-2">Looking at what waits…</p>}
      {preview.error && <Notice>{sentenceOf(preview.error)}</Notice>}
      {shown?.problem && <Notice>{shown.problem}</Notice>}
      {shown && !shown.problem && !shown.commit && (
        <p className="text-ink-2">What the staging site runs is what customers have.</p>
      )}
      {shown?.commit && (
        <>
          <p className="text-ink-2">
            {others > 0
              ? `The work of ${count(shown.chats.length, 'chat')} waits on the staging site and goes together:`
              : 'Customers get what the staging site runs now. No request is lost while it takes over.'}
          </p>
          {others > 0 && (
            <ul className="rounded-2 border border-line">
              {shown.chats.map(({ id, title, status }) => (
                <li key={id} className="flex items-center gap-2 border-t border-line px-3 py-1.5 first:border-t-0">
                  <Dot state={status} /> <span className="min-w-0 flex-1 truncate">{title}</span>
                </li>
              ))}
            </ul>
          )}
          {shown.changes.length > 0 && (
            <>
              <p className="text-ink-2">Live’s tables are changed first, exactly so:</p>
              <section
                tabIndex={0}
                aria-label="Changes of the tables"
                className="max-h-60 overflow-auto rounded-2 border border-line bg-sunken px-3 py-2"
              >
                <pre className="font-mono text-12 break-words whitespace-pre-wrap">
                  {shown.changes.flatMap(({ statements }) => statements).join(';\n\n')}
                </pre>
              </section>
            </>
          )}
          {shown.destroys && (
            <Notice>
              This {lossVerb(shown.loses)} data on live. {sentencesOfLoses(shown.loses).join(' ')} What is there now is
              kept for 48 hours.
            </Notice>
          )}
          {!manages && <Notice>Only an owner or admin of the container can bring it to live.</Notice>}
        </>
      )}
      {problem && <Notice>{problem}</Notice>}
    </Dialog>
  );
}
