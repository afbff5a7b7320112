/** A change that the other database does not need: with the reason, for whoever wonders later. */
import { useState } from 'react';
import type { Reminder } from '../../../../contract/reminders.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { dismissReminder } from './api.ts';

interface Props {
  reminder: Reminder;
  onClose: () => void;
  onChanged: () => void;
}

export function DismissReminder({ reminder, onClose, onChanged }: Props) {
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const dismiss = () => {
    if (reason.trim() === '') return setProblem('Say why it is not needed.');
    dismissReminder(reminder.id, reason.trim()).then(
      () => {
        onClose();
        onChanged();
      },
      (error) => setProblem(sentenceOf(error)),
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${reminder.title}: not needed?`}
      actions={
        <>
          <Button onClick={onClose}>Leave it open</Button>
          <Button look="primary" onClick={dismiss}>
            Close the reminder
          </Button>
        </>
      }
    >
      <label className="grid gap-1">
        <span className="font-mid">Why is it not needed?</span>
        <textarea
          autoFocus
          rows={3}
          maxLength={500}
          value={reason}
          onChange={(event) => {
            setReason(event.target.value);
            setProblem('');
          }}
          className="rounded-2 border border-line-3 bg-surface px-2.5 py-2 max-md:text-[16px]"
        />
      </label>
      <p className="text-12 text-ink-3">Nothing is changed on either database. It can be opened again.</p>
      {problem && <Notice>{problem}</Notice>}
    </Dialog>
  );
}
