/** Makes a change on the other database: what would run is shown first, and nothing else runs. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConsoleAsk, ConsoleOutcome } from '../../../../contract/data.ts';
import { lossVerb, sentencesOfLoses } from '../../../../contract/loss-words.ts';
import type { Reminder } from '../../../../contract/reminders.ts';
import { DID } from '../../../../contract/row-words.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { agreeTo, applyReminder, dataKeys, decline, previewReminder } from './api.ts';
import { AskCard } from './ask-card.tsx';

interface Props {
  reminder: Reminder;
  onClose: () => void;
  onChanged: () => void;
}

export function ApplyReminder({ reminder, onClose, onChanged }: Props) {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [ask, setAsk] = useState<ConsoleAsk>();
  const preview = useQuery({
    // not among the lists of reminders: what is run is closed by then, and is not looked at again
    queryKey: [...dataKeys.reminderPreview, reminder.id],
    queryFn: () => previewReminder(reminder.id),
    gcTime: 0,
    retry: false,
  });
  const to = preview.data?.to ?? (reminder.direction === 'to_staging' ? 'staging' : 'live');
  const live = to === 'live';
  const where = to;
  const run = async (what: () => Promise<ConsoleOutcome | null>) => {
    setBusy(true);
    setProblem('');
    try {
      const outcome = await what();
      if (outcome?.kind === 'ask') setAsk(outcome.ask);
      else if (outcome?.kind === 'refused')
        setProblem(`${outcome.message}${outcome.allowed ? ` ${outcome.allowed}` : ''}`);
      else {
        toast({
          text: outcome
            ? `${DID[outcome.result.action ?? 'update'](count(outcome.result.affected ?? 0, 'row'))} on ${where}.`
            : `${live ? 'Live' : 'Staging'} has it now.`,
        });
        onClose();
      }
    } catch (error) {
      setProblem(sentenceOf(error));
      void preview.refetch();
    }
    setBusy(false);
    onChanged();
  };
  const leave = async ({ id, mayAgree }: ConsoleAsk) => {
    setBusy(true);
    setProblem('');
    try {
      if (mayAgree) await decline(id);
      onClose();
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
    onChanged();
  };
  const close = () => {
    if (busy) return;
    if (ask) void leave(ask);
    else onClose();
  };
  const shown = preview.data;
  const may = shown && !shown.problem && shown.statements.length > 0;
  return (
    <Dialog
      open
      onClose={close}
      title={reminder.direction ? `${reminder.title} on ${where}?` : 'Make both databases the same?'}
      actions={
        // the card has its own
        ask ? null : (
          <>
            <Button disabled={busy} onClick={close}>
              Leave it
            </Button>
            <Button
              look={live ? 'live' : 'primary'}
              disabled={busy || !may}
              onClick={() => void run(() => applyReminder(reminder.id, shown!.digest).then(({ outcome }) => outcome))}
            >
              {busy ? 'Running…' : live ? 'Run on live' : 'Run on staging'}
            </Button>
          </>
        )
      }
    >
      {preview.isPending && <p className="text-ink-2">Looking at both databases…</p>}
      {preview.error && <Notice>{sentenceOf(preview.error)}</Notice>}
      {shown?.problem && <Notice>{shown.problem}</Notice>}
      {may && !ask && (
        <>
          <p className="text-ink-2">
            {live ? 'Customers are there. ' : ''}
            {shown.statements.length === 1 ? 'This exact statement runs' : 'These exact statements run, in this order'}
            {reminder.kind === 'data' ? ', after you have seen how many rows it changes:' : ':'}
          </p>
          <section
            tabIndex={0}
            aria-label="What would run"
            className="max-h-60 overflow-auto rounded-2 border border-line bg-sunken px-3 py-2"
          >
            <pre className="font-mono text-12 break-words whitespace-pre-wrap">{shown.statements.join(';\n\n')}</pre>
          </section>
          {shown.with > 0 && (
            <p className="text-ink-2">
              It builds on {count(shown.with, 'earlier change')} that {where} does not have either. They go along.
            </p>
          )}
          {shown.destroys && (
            <Notice>
              This {lossVerb(shown.loses)} data on {where}. {sentencesOfLoses(shown.loses).join(' ')} What is there now
              is kept for 48 hours.
            </Notice>
          )}
        </>
      )}
      {ask && (
        <AskCard
          ask={ask}
          live={live}
          busy={busy}
          onAgree={({ id }) => void run(() => agreeTo(id))}
          onLeave={(one) => void leave(one)}
        />
      )}
      {problem && <Notice>{problem}</Notice>}
    </Dialog>
  );
}
