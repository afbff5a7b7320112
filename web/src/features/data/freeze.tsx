/** The loud switch: nobody writes in the container’s databases, whoever they are. And the strip that says so on every page. */
import { useQuery } from '@tanstack/react-query';
import { Snowflake } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Container } from '../../../../contract/accounts.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { setFrozen } from './api.ts';
import { outsideKey, readOutside } from './outside-api.ts';
import { moment } from './words.ts';

export function FreezeSwitch({ container, onChanged }: { container: Container; onChanged: () => Promise<unknown> }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const outside = useQuery({ queryKey: outsideKey, queryFn: readOutside, enabled: asking });
  const address = outside.data?.address;
  const set = async (frozen: boolean) => {
    setBusy(true);
    setProblem('');
    await setFrozen(frozen).then(
      () => setAsking(false),
      (error) => setProblem(sentenceOf(error)),
    );
    await onChanged();
    setBusy(false);
  };
  if (container.role === 'member') return null;
  return (
    <>
      {container.frozen ? (
        <Button look="danger" disabled={busy} onClick={() => void set(false)}>
          {busy ? 'Lifting…' : 'Lift the freeze'}
        </Button>
      ) : (
        <Button className="border-bad! text-bad-ink!" onClick={() => setAsking(true)}>
          <Snowflake size={14} aria-hidden="true" /> Freeze…
        </Button>
      )}
      {problem && !asking && <Notice>{problem}</Notice>}
      {asking && (
        <Dialog
          open
          onClose={() => setAsking(false)}
          title="Freeze this container?"
          text="Until somebody lifts it, nothing is written in its databases: by no app, no assistant, no person, no release. What is being written at this moment is cut off and leaves nothing. Reading goes on."
          actions={
            <>
              <Button onClick={() => setAsking(false)}>Leave it as it is</Button>
              <Button look="danger" disabled={busy} onClick={() => void set(true)}>
                {busy ? 'Freezing…' : 'Freeze everything'}
              </Button>
            </>
          }
        >
          {address && (
            <p className="text-13 text-ink-2 [overflow-wrap:anywhere]">
              The live database at {address.host} is on a server that is not Vibe’s alone. What others keep there is not
              frozen. An app can still put things beside its tables there. The tables stay as they are.
            </p>
          )}
          {problem && <Notice>{problem}</Notice>}
        </Dialog>
      )}
    </>
  );
}

/** @param children the way to where it is lifted */
export const FrozenStrip = ({ container, children }: { container: Container; children?: ReactNode }) =>
  container.frozen && (
    <p
      role="status"
      className="flex shrink-0 flex-wrap items-center justify-center gap-x-3 gap-y-0.5 bg-bad px-4 py-1.5 text-on-bad"
    >
      <span>
        <Snowflake size={14} className="mr-1.5 inline align-[-2px]" aria-hidden="true" />
        <b className="font-strong">This container is frozen.</b> Nothing is written since{' '}
        {moment(container.frozen.since)}
        {container.frozen.by && `, by ${container.frozen.by}`}.
        <span className="max-md:sr"> Reading goes on; releases wait.</span>
      </span>
      {children}
    </p>
  );
