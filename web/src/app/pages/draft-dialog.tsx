/** The draft beside the rows in use: what differs, and starting again from them. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Chat } from '../../../../contract/chats.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { getDraft, startDraftAgain } from '../../features/chats/api.ts';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';

interface Props {
  chat: Chat;
  onClose: () => void;
  onRows: () => void;
}

export function DraftDialog({ chat, onClose, onRows }: Props) {
  const toast = useToast();
  const draft = useQuery({ queryKey: ['chat', chat.id, 'draft'], queryFn: () => getDraft(chat.id), gcTime: 0 });
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const working = chat.turn !== null && chat.turn.state !== 'ended';
  const again = () => {
    setBusy(true);
    setProblem('');
    startDraftAgain(chat.id).then(
      ({ rows, sampled }) => {
        toast({
          text: `The draft starts again with ${count(rows, 'row')} from staging${sampled ? ', the newest of each table' : ''}.`,
        });
        onRows();
        onClose();
      },
      (error) => {
        setProblem(sentenceOf(error));
        setBusy(false);
      },
    );
  };
  const tables = draft.data?.tables ?? [];
  return (
    <Dialog
      open
      onClose={onClose}
      title="Data of this chat’s draft"
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button
            look="primary"
            disabled={busy || working || !draft.data}
            title={working ? 'Wait until the turn is done' : undefined}
            onClick={again}
          >
            {busy ? 'Starting again…' : 'Start again from staging'}
          </Button>
        </>
      }
    >
      <p className="text-ink-2">
        The preview works on a copy of the app’s rows, which nobody else sees. Starting again replaces its rows with
        those of staging; what this chat changed in the tables stays.
      </p>
      {draft.error && <Notice>{sentenceOf(draft.error)}</Notice>}
      {problem && <Notice>{problem}</Notice>}
      {draft.isLoading && (
        <p className="text-ink-3" role="status">
          Counting rows…
        </p>
      )}
      {draft.data && tables.length === 0 && <p className="text-ink-3">There are no tables yet.</p>}
      {tables.length > 0 && (
        <table className="w-full border-collapse text-13">
          <thead className="text-left text-12 text-ink-3">
            <tr>
              <th scope="col" className="py-1 pr-3 font-mid">
                Table
              </th>
              <th scope="col" className="py-1 pr-3 text-right font-mid">
                Draft
              </th>
              <th scope="col" className="py-1 text-right font-mid">
                Staging
              </th>
            </tr>
          </thead>
          <tbody>
            {tables.map((table) => (
              <tr key={table.name} className="border-t border-line align-top">
                <td className="py-1.5 pr-3 [overflow-wrap:anywhere]">
                  <code>{table.name}</code>
                  {table.differs.length > 0 && <p className="text-12 text-ink-2">{table.differs.join('; ')}</p>}
                </td>
                <td className="py-1.5 pr-3 text-right tabular-nums">{table.draft ?? '–'}</td>
                <td className="py-1.5 text-right tabular-nums">{table.staging ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Dialog>
  );
}
