/** What releases have dropped in the last two days, and bringing it back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArchiveRestore } from 'lucide-react';
import { useState } from 'react';
import type { DataDropped } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { bringBack, dataKeys, listDropped } from './api.ts';
import { moment, PLACE_NAMES } from './words.ts';

export function Dropped({ manages, frozen }: { manages: boolean; frozen: boolean }) {
  const dropped = useQuery({ queryKey: dataKeys.dropped, queryFn: listDropped, refetchOnWindowFocus: true });
  if (dropped.error) return <Notice>{sentenceOf(dropped.error)}</Notice>;
  if (frozen)
    return (
      <p className="text-12 text-ink-3">
        Anything dropped in the last 48 hours is still kept. It can be seen and brought back when the freeze is lifted.
      </p>
    );
  if (!dropped.data || dropped.data.length === 0) return null;
  return (
    <section aria-labelledby="dropped" className="grid gap-2">
      <h2 id="dropped" className="text-13 tracking-normal">
        Dropped in the last 48 hours
      </h2>
      <p className="text-12 text-ink-3">
        What comes back stands beside what is there, under a name of its own. The app shows it once a chat builds on it.
      </p>
      <ul className="rounded-2 border border-line">
        {dropped.data.map((one) => (
          <Item key={`${one.app.id} ${one.place} ${one.release} ${one.table} ${one.column}`} {...{ one, manages }} />
        ))}
      </ul>
    </section>
  );
}

function Item({ one, manages }: { one: DataDropped; manages: boolean }) {
  const client = useQueryClient();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState('');
  const live = one.place === 'live';
  const bring = async () => {
    setBusy(true);
    setProblem('');
    try {
      const { name, rows } = await bringBack(one);
      toast({
        text: `${one.column ?? one.table} is back as ${name}, with ${count(rows, one.column ? 'value' : 'row')}.`,
      });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setBusy(false);
    setAsking(false);
    await Promise.all([
      client.invalidateQueries({ queryKey: dataKeys.dropped }),
      client.invalidateQueries({ queryKey: dataKeys.back }),
      client.invalidateQueries({ queryKey: dataKeys.tables }),
    ]);
  };
  return (
    <li className="grid gap-1 border-t border-line px-3 py-2 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="min-w-0 flex-1 basis-56">
          <p>
            <code className="break-words">{nameOf(one)}</code>
            <span className="text-ink-2"> with {count(one.rows, one.column ? 'value' : 'row')}</span>
          </p>
          <p className="text-12 text-ink-3">
            {one.app.name}, {PLACE_NAMES[one.place]}: release {one.release}, {moment(one.at)}
            {one.chat && (
              <>
                , by{' '}
                <a href={`/chats/${one.chat.id}`} className="underline underline-offset-2">
                  {one.chat.title || 'a chat'}
                </a>
              </>
            )}
            . Kept until {moment(one.until)}.
          </p>
        </div>
        {one.back ? (
          <span className="text-12 text-good-ink">
            Back as <code>{one.back}</code>
          </span>
        ) : (
          manages && (
            <Button disabled={busy} onClick={() => (live ? setAsking(true) : void bring())}>
              <ArchiveRestore size={14} strokeWidth={1.75} aria-hidden="true" />
              {busy ? 'Bringing it back…' : live ? 'Bring it back…' : 'Bring it back'}
            </Button>
          )
        )}
      </div>
      {problem && <Notice>{problem}</Notice>}
      {asking && <AskLive one={one} busy={busy} onClose={() => setAsking(false)} onBring={() => void bring()} />}
    </li>
  );
}

interface AskLiveProps {
  one: DataDropped;
  busy: boolean;
  onClose: () => void;
  onBring: () => void;
}

/** Customers are there: what comes back where is read once before. */
function AskLive({ one, busy, onClose, onBring }: AskLiveProps) {
  const { table, column, rows, comesAs, app, release } = one;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Bring ${nameOf(one)} back on live?`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="live" disabled={busy} onClick={onBring}>
            {busy ? 'Bringing it back…' : 'Bring it back on live'}
          </Button>
        </>
      }
    >
      <p className="break-words">
        The live database of {app.name} gets a {column === null ? 'table' : 'column'}{' '}
        <code>{column === null ? comesAs : `${table}.${comesAs}`}</code> with{' '}
        {count(rows, column === null ? 'row' : 'value')}, as {rows === 1 ? 'it was' : 'they were'} before release{' '}
        {release}.
      </p>
      <p className="text-ink-2">
        It stands beside what is there, which stays as it is. Staging’s copy of live gets it too. Customers see it once
        a chat builds on it.
      </p>
    </Dialog>
  );
}

/** As `customers.city`. */
const nameOf = ({ table, column }: DataDropped): string => (column === null ? table : `${table}.${column}`);
