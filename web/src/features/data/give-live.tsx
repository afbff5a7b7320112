/** Asks whether an app is to have a live database, and where: on this server, or at an address of the owner's own. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { OutsideCheck } from '../../../../contract/outside.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { Segments } from '../../components/segments.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { giveLive } from './api.ts';
import { checkOutside, keepOutside, leaveOutside, outsideKey, readOutside } from './outside-api.ts';
import { OutsideFindings } from './outside-findings.tsx';
import { EMPTY, inputOf, isWhole, OutsideForm } from './outside-form.tsx';

interface Props {
  app: { id: string; name: string };
  onClose: () => void;
  onGiven: () => void;
}

export function GiveLive({ app, onClose, onGiven }: Props) {
  const client = useQueryClient();
  const outside = useQuery({ queryKey: outsideKey, queryFn: readOutside });
  const [chosen, setChosen] = useState<'here' | 'there'>();
  const [draft, setDraft] = useState(EMPTY);
  const [check, setCheck] = useState<OutsideCheck>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const kept = outside.data?.address ?? null;
  const where = chosen ?? (kept ? 'there' : 'here');
  const mayMove = outside.data?.mayChange === true && !outside.data.fixed;
  const typing = where === 'there' && !kept;
  const act = (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem('');
    work()
      .catch((error) => setProblem(sentenceOf(error)))
      .finally(() => setBusy(false));
  };
  const move = () =>
    act(async () => {
      if (mayMove && typing) await keepOutside(inputOf(draft));
      if (mayMove && where === 'here' && kept) await leaveOutside();
      await client.invalidateQueries({ queryKey: outsideKey });
      await giveLive(app.id);
      onGiven();
    });
  const look = () =>
    act(async () => {
      setCheck(undefined);
      setCheck(await checkOutside(inputOf(draft)));
    });
  const mustLook = typing && !check?.fits;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Give ${app.name} a live database?`}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          {mustLook ? (
            <Button look="primary" disabled={busy || !isWhole(draft)} onClick={look}>
              {busy ? 'Looking…' : 'Look at this address'}
            </Button>
          ) : (
            <Button look="primary" disabled={busy || outside.isPending} onClick={move}>
              {busy ? 'Moving…' : 'Move its rows to live'}
            </Button>
          )}
        </>
      }
    >
      <p className="text-ink-2">
        Its rows move to a database that customers alone use. Staging keeps a read-only copy that follows within a
        second, and a copy of its own that the staging site may write. Chats then ask staging, and reach live only when
        a person turns the switch beside the message. What is merged goes to the staging site first, and to live when
        somebody says so.
      </p>
      {mayMove && (
        <div className="grid gap-3 py-1">
          <div>
            <Segments
              name="Where the live database is"
              value={where}
              options={[
                { value: 'here', label: 'On this server' },
                { value: 'there', label: 'At another address' },
              ]}
              onChange={setChosen}
            />
          </div>
          {typing && (
            <>
              <p className="text-13 text-ink-2">
                A PostgreSQL of your own, such as a Supabase project’s. The live rows of every app of this container
                will be there, each app in a schema of its own. It cannot be moved afterwards.
              </p>
              <OutsideForm
                draft={draft}
                certificate={
                  draft.ca !== '' ||
                  check?.findings.some(({ name, state }) => name === 'Encryption' && state === 'bad') === true
                }
                onChange={(next) => {
                  setDraft(next);
                  setCheck(undefined);
                  setProblem('');
                }}
              />
              {check && <OutsideFindings check={check} />}
            </>
          )}
        </div>
      )}
      {where === 'there' && kept && (
        <p className="text-13 text-ink-2 [overflow-wrap:anywhere]">
          Live is at {kept.host}:{kept.port}, in the database {kept.database}.
        </p>
      )}
      <p className="text-ink-2">Requests wait while the rows move. There is no way back yet.</p>
      {problem && <Notice>{problem}</Notice>}
    </Dialog>
  );
}
