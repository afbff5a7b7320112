/** An app's live database: how its copy on staging is doing, and giving an app one. */
import { useId, useState } from 'react';
import type { DataApp } from '../../../../contract/data.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { fillSite } from './api.ts';
import { GiveLive } from './give-live.tsx';
import { OutsidePlace } from './outside-place.tsx';

interface Props {
  app: DataApp;
  /** the person decides about this container */
  manages: boolean;
  /** nothing is written in this container now */
  frozen: boolean;
  onChanged: () => void;
}

/** In a line: how far the copy is behind, or what it waits for. */
export const mirrorLine = ({ mirror }: DataApp): string => {
  if (!mirror) return '';
  if (mirror.state === 'preparing' || mirror.state === 'waiting') return 'the copy is being set up';
  if (mirror.state === 'copying') return `first copy${mirror.percent === null ? '' : `, ${mirror.percent} %`}`;
  if (mirror.state === 'stalled') return 'the copy has stopped';
  return mirror.lagMs === null
    ? 'the copy’s delay is not measured yet'
    : `copy is ${(mirror.lagMs / 1000).toFixed(1)} s behind`;
};

export function LiveControls({ app, manages, frozen, onChanged }: Props) {
  const why = useId();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const [filling, setFilling] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const act = (work: Promise<void>) => {
    setBusy(true);
    setProblem('');
    work
      .then(
        () => setFilling(false),
        (error) => setProblem(sentenceOf(error)),
      )
      .finally(() => {
        setBusy(false);
        onChanged();
      });
  };
  const { id, name } = app.app;
  const dual = app.mode === 'dual-repository';
  const offered = manages && (dual || (!app.mirror && app.tables.length > 0));
  return (
    <>
      {app.mirror?.words && ['stalled', 'behind', 'waiting'].includes(app.mirror.state) && (
        <Notice>{app.mirror.words}</Notice>
      )}
      {problem && !filling && <Notice>{problem}</Notice>}
      {offered && (
        <p className="mt-2 flex flex-wrap items-center gap-x-2 gap-y-1 text-12 text-ink-3">
          <Button disabled={frozen} aria-describedby={why} onClick={() => (dual ? setFilling(true) : setAsking(true))}>
            {dual ? 'Fill the staging site from live…' : 'Give it a live database…'}
          </Button>
          <span id={why}>
            {frozen
              ? 'Not while the container is frozen: nothing is written then.'
              : dual
                ? 'So that new work is tried with rows like those that customers have.'
                : 'So that merged work can be tried before customers get it.'}
          </span>
        </p>
      )}
      {filling && (
        <Dialog
          open
          onClose={() => setFilling(false)}
          title={`Fill the staging site of ${name} from live?`}
          actions={
            <>
              <Button onClick={() => setFilling(false)}>Leave it</Button>
              <Button
                look="danger"
                disabled={busy}
                onClick={() =>
                  act(
                    fillSite(id).then(({ rows, tables }) =>
                      toast({
                        text: `The staging site has ${count(rows, 'row')} of ${count(tables.length, 'table')} from live.`,
                      }),
                    ),
                  )
                }
              >
                {busy ? 'Filling…' : 'Replace its rows'}
              </Button>
            </>
          }
        >
          <p className="text-ink-2">
            The rows of the staging site are replaced by those of live, by the rules for personal data. What was entered
            on the staging site in these tables is gone afterwards. Tables that are on staging alone stay.
          </p>
          {problem && <Notice>{problem}</Notice>}
        </Dialog>
      )}
      {manages && dual && <OutsidePlace />}
      {asking && (
        <GiveLive
          app={app.app}
          onClose={() => setAsking(false)}
          onGiven={() => {
            setAsking(false);
            onChanged();
          }}
        />
      )}
    </>
  );
}
