/** Where live is when it is at an address of the owner's own: a look at how it is, and another password. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Outside, OutsideCheck } from '../../../../contract/outside.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { GiveUp } from './give-up.tsx';
import { checkOutside, keepOutside, outsideKey, readOutside } from './outside-api.ts';
import { OutsideFindings } from './outside-findings.tsx';
import { EMPTY, inputOf, isWhole, OutsideForm } from './outside-form.tsx';
import { moment } from './words.ts';

/** Nothing where live is on this server. */
export function OutsidePlace() {
  const outside = useQuery({ queryKey: outsideKey, queryFn: readOutside });
  const [open, setOpen] = useState(false);
  const [givingUp, setGivingUp] = useState(false);
  const address = outside.data?.address;
  if (!address) return null;
  return (
    <>
      <Button className="mt-2 max-w-full" onClick={() => setOpen(true)}>
        <span className="truncate">
          {outside.data?.givingUp ? `${address.host} is being given up` : `Live is at ${address.host}`}
        </span>
      </Button>
      {open && (
        <Place
          address={address}
          mayChange={outside.data?.mayChange === true && !outside.data.givingUp}
          onClose={() => setOpen(false)}
          onGiveUp={() => {
            setOpen(false);
            setGivingUp(true);
          }}
        />
      )}
      {givingUp && <GiveUp host={address.host} onClose={() => setGivingUp(false)} />}
    </>
  );
}

function Place({
  address,
  mayChange,
  onClose,
  onGiveUp,
}: {
  address: NonNullable<Outside['address']>;
  mayChange: boolean;
  onClose: () => void;
  onGiveUp: () => void;
}) {
  const client = useQueryClient();
  const { host, port, database, user, tls } = address;
  const [draft, setDraft] = useState({ ...EMPTY, host, port: String(port), database, user, tls });
  const [changing, setChanging] = useState(false);
  const [check, setCheck] = useState<OutsideCheck>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const act = (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem('');
    work()
      .catch((error) => setProblem(sentenceOf(error)))
      .finally(() => setBusy(false));
  };
  const look = () => act(async () => setCheck(await checkOutside(null)));
  const keep = () =>
    act(async () => {
      client.setQueryData(outsideKey, await keepOutside(inputOf(draft)));
      setChanging(false);
      setDraft({ ...draft, password: '' });
      setCheck(await checkOutside(null));
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title="The live database"
      text={`${database} at ${host}:${port}, as ${user}. Set by ${address.setBy}, ${moment(address.setAt)}.`}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          {mayChange && !changing && <Button onClick={() => setChanging(true)}>Change the password…</Button>}
          {mayChange && !changing && (
            <Button look="primary" disabled={busy} onClick={look}>
              {busy ? 'Looking…' : 'Look at how it is'}
            </Button>
          )}
          {changing && (
            <Button look="primary" disabled={busy || !isWhole(draft)} onClick={keep}>
              {busy ? 'Looking…' : 'Keep the new password'}
            </Button>
          )}
        </>
      }
    >
      {changing && (
        <>
          <OutsideForm draft={draft} fixed certificate={address.ownCertificate} onChange={setDraft} />
          {address.ownCertificate && (
            <p className="text-12 text-ink-3">Paste the certificate again: it is kept with the password.</p>
          )}
        </>
      )}
      {check && !changing && <OutsideFindings check={check} />}
      {mayChange && check && !check.fits && !changing && (
        <p className="flex flex-wrap items-center gap-x-2 text-12 text-ink-3">
          <Button look="bare" onClick={onGiveUp}>
            Give it up…
          </Button>
          When that server is gone for good.
        </p>
      )}
      {problem && <Notice>{problem}</Notice>}
    </Dialog>
  );
}
