/** What a container is called, and what its addresses look like. */
import { type FormEvent, useState } from 'react';
import type { Container } from '../../../contract/accounts.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { Section } from '../components/section.tsx';
import { useToast } from '../components/toasts.tsx';
import { api, sentenceOf } from '../lib/api.ts';
import { useSession } from './session.tsx';

export function ContainerSettings({ container }: { container: Container }) {
  const { reload } = useSession();
  const toast = useToast();
  const [name, setName] = useState(container.name);
  const [problem, setProblem] = useState('');
  const mayChange = container.role !== 'member';
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    try {
      await api('PATCH', `/api/containers/${container.id}`, { name });
      await reload();
      toast({ text: 'It has its new name.' });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <Section
      title="Container"
      text="The environment that you are in: its apps, chats, databases, keys and people are apart from those of any other."
    >
      <form onSubmit={save} noValidate className="grid gap-3">
        <Field
          label="Name of the container"
          maxLength={80}
          disabled={!mayChange}
          value={name}
          error={problem}
          help={`Its apps are found at …--${container.slug}.${location.host}`}
          onChange={(event) => setName(event.target.value)}
        />
        {container.state === 'failed' && (
          <Notice>{container.problem ?? 'It could not be made. Look at the server’s log.'}</Notice>
        )}
        {mayChange && name.trim() !== container.name && (
          <Button type="submit" className="justify-self-start">
            Keep this name
          </Button>
        )}
      </form>
    </Section>
  );
}
