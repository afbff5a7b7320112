/** What was brought back and the app does not use: to be removed again. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DataBack } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { dataKeys, listBack, removeBack } from './api.ts';
import { PLACE_NAMES } from './words.ts';

const nameOf = ({ table, column }: DataBack): string => (column === null ? table : `${table}.${column}`);
const sizeOf = ({ rows, column }: DataBack): string => count(rows, column === null ? 'row' : 'value');

export function BroughtBack({ manages }: { manages: boolean }) {
  const back = useQuery({ queryKey: dataKeys.back, queryFn: listBack, refetchOnWindowFocus: true });
  const [asked, setAsked] = useState<DataBack>();
  if (back.error) return <Notice>{sentenceOf(back.error)}</Notice>;
  if (!back.data || back.data.length === 0) return null;
  return (
    <section aria-labelledby="brought-back" className="grid gap-2">
      <h2 id="brought-back" className="text-13 tracking-normal">
        Brought back
      </h2>
      <p className="text-12 text-ink-3">No app uses these yet. Ask for them in a chat, or remove them.</p>
      <ul className="rounded-2 border border-line">
        {back.data.map((one) => (
          <li
            key={`${one.app.id} ${one.place} ${nameOf(one)}`}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3 py-2 first:border-t-0"
          >
            <div className="min-w-0 flex-1 basis-56">
              <p>
                <code className="break-words">{nameOf(one)}</code>
                <span className="text-ink-2"> with {sizeOf(one)}</span>
              </p>
              <p className="text-12 text-ink-3">
                {one.app.name}, {PLACE_NAMES[one.place]}
              </p>
            </div>
            {manages && <Button onClick={() => setAsked(one)}>Remove…</Button>}
          </li>
        ))}
      </ul>
      {asked && <Remove one={asked} onClose={() => setAsked(undefined)} />}
    </section>
  );
}

function Remove({ one, onClose }: { one: DataBack; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const remove = async () => {
    setBusy(true);
    setProblem('');
    try {
      await removeBack(one);
      toast({ text: `${nameOf(one)} is removed.` });
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
    await Promise.all(
      [dataKeys.back, dataKeys.dropped, dataKeys.tables].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Remove ${nameOf(one)}?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" disabled={busy} onClick={() => void remove()}>
            {busy ? 'Removing…' : `Remove ${sizeOf(one)}`}
          </Button>
        </>
      }
    >
      <p>
        It goes from {one.app.name}, {PLACE_NAMES[one.place].toLowerCase()}, with its {sizeOf(one)}, for good. What a
        release dropped less than 48 hours ago can be brought back once more, as it was then.
      </p>
      {problem && <Notice>{problem}</Notice>}
    </Dialog>
  );
}
