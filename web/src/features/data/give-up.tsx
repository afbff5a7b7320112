/** Giving up a live database that is gone for good: what comes back, what is lost, and the host's name typed as the yes. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { dataKeys } from './api.ts';
import { giveUpOutside, leftoversKey, outsideKey } from './outside-api.ts';

export function GiveUp({ host, onClose }: { host: string; onClose: () => void }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const give = async () => {
    if (typed.trim().toLowerCase() !== host) return setProblem(`Type “${host}” to give it up`);
    setBusy(true);
    setProblem('');
    try {
      client.setQueryData(outsideKey, await giveUpOutside(typed));
      await Promise.all([
        client.invalidateQueries({ queryKey: dataKeys.tables }),
        client.invalidateQueries({ queryKey: leftoversKey }),
      ]);
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setBusy(false);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Give up the live database?"
      text={`For when the server at ${host} is gone for good. If it is only away, wait: everything goes on by itself when it answers.`}
      actions={
        <>
          <Button onClick={onClose}>Keep waiting</Button>
          <Button look="danger" disabled={busy} onClick={() => void give()}>
            {busy ? 'Giving it up…' : 'Give it up'}
          </Button>
        </>
      }
    >
      <ul className="grid list-disc gap-1.5 pl-5 text-13 text-ink-2">
        <li>
          Every app that has its rows there goes back to staging, with the rows that staging’s copy had when it last
          followed. What was merged and waited on the staging site is then what customers use.
        </li>
        <li>What was written there after that moment is lost here. What was entered on the staging site goes too.</li>
        <li>The apps can be given a live database again: on this server, or at another address.</li>
        <li>The rows that are still there are never removed by themselves. The Data page says how to do it by hand.</li>
      </ul>
      <Field
        label={`Type ${host} to give it up`}
        value={typed}
        error={problem}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && void give()}
      />
    </Dialog>
  );
}
