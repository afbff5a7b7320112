/** One more container on this server. Loaded when it is first asked for. */
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Container } from '../../../contract/accounts.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field } from '../components/field.tsx';
import { useToast } from '../components/toasts.tsx';
import { api, sentenceOf } from '../lib/api.ts';
import { useSession } from './session.tsx';

export default function NewContainer({ onClose }: { onClose: () => void }) {
  const { visit } = useSession();
  const navigate = useNavigate();
  const toast = useToast();
  const [name, setName] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const create = async (event?: FormEvent) => {
    event?.preventDefault();
    if (name.trim() === '') return setProblem('Give it a name.');
    setBusy(true);
    try {
      const made = await api<Container>('POST', '/api/containers', { name });
      onClose();
      await navigate({ to: '/' });
      await visit(made.id);
      toast({ text: `You are in ${made.name} now.` });
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="New container"
      text="A whole environment of its own, for a customer or a team: apps, chats, databases, addresses, model keys and people. Nothing in it is seen from another container."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={busy} onClick={() => void create()}>
            {busy ? 'Making it…' : 'Make the container'}
          </Button>
        </>
      }
    >
      <form onSubmit={create} noValidate className="mt-2">
        <Field
          label="Name"
          autoFocus
          maxLength={80}
          value={name}
          error={problem}
          help="Its addresses are made from it, and stay when it is renamed"
          onChange={(event) => {
            setName(event.target.value);
            setProblem('');
          }}
        />
      </form>
    </Dialog>
  );
}
