/** What is asked before something of a chat is done that cannot simply be taken back. */

import type { Loses } from '../../../../contract/loses.ts';
import { losesAnything, lossButton, lossVerb, sentencesOfLoses } from '../../../../contract/loss-words.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';

interface Named {
  path: string;
  reason: string;
}

export const KeepRows = ({ onClose, onGo }: { onClose: () => void; onGo: (rows: 'keep' | 'exact') => void }) => (
  <Dialog
    open
    onClose={onClose}
    title="Keep the rows that were added since?"
    text="Somebody used the preview since. Files and tables are taken back either way."
    actions={
      <>
        <Button onClick={onClose}>Do not undo</Button>
        <Button onClick={() => onGo('exact')}>Go back exactly</Button>
        <Button look="primary" onClick={() => onGo('keep')}>
          Keep the rows
        </Button>
      </>
    }
  />
);

/** What a merge would remove and overwrite: the changes that do it, and what is in use there now, in words with numbers. */
export interface Lost {
  changes: Named[];
  loses: Loses;
}

export const RemovesData = ({
  lost,
  staging,
  onClose,
  onMerge,
}: {
  lost: Lost;
  /** the app has a live database: a merge goes to its staging site */
  staging: boolean;
  onClose: () => void;
  onMerge: () => void;
}) => (
  <Dialog
    open
    onClose={onClose}
    title={`This merge ${lossVerb(lost.loses)} data ${staging ? 'on the staging site' : 'in the live app'}`}
    text={
      staging
        ? 'Live keeps what it has until somebody brings this to live. What the staging site has now is kept for 48 hours.'
        : 'These changes are made on the rows that people use. What they remove and overwrite is kept for 48 hours, and then gone.'
    }
    actions={
      <>
        <Button onClick={onClose}>Do not merge</Button>
        <Button look="danger" onClick={onMerge}>
          {lossButton('Merge', lost.loses)}
        </Button>
      </>
    }
  >
    {losesAnything(lost.loses) && <Notice>{sentencesOfLoses(lost.loses).join(' ')}</Notice>}
    <ul className="grid gap-2">
      {lost.changes.map((one) => (
        <li key={one.reason}>
          <b className="font-strong">{one.path}</b>
          <pre className="mt-1 rounded-2 bg-sunken px-3 py-2 font-mono text-12 whitespace-pre-wrap">{one.reason}</pre>
        </li>
      ))}
    </ul>
  </Dialog>
);

export const SameLines = ({
  conflicts,
  onClose,
  onUpdate,
}: {
  conflicts: Named[];
  onClose: () => void;
  onUpdate: () => void;
}) => (
  <Dialog
    open
    onClose={onClose}
    title="Main has changed the same lines"
    text="Nothing was merged. Update this chat from main first: the two are put together here, where you see the result before it goes live."
    actions={
      <>
        <Button onClick={onClose}>Not now</Button>
        <Button look="primary" onClick={onUpdate}>
          Update from main
        </Button>
      </>
    }
  >
    <ul className="grid gap-1">
      {conflicts.map((one) => (
        <li key={one.path + one.reason}>
          <code>{one.path}</code> <span className="text-ink-2">{one.reason}</span>
        </li>
      ))}
    </ul>
  </Dialog>
);
