/** An address of one's own that speaks OpenAI's protocol. Our server calls it, which is said. */
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { ApiError, sentenceOf } from '../../lib/api.ts';
import { addAddress } from './api.ts';

export function AddressForm({ onAdded }: { onAdded: () => void }) {
  const [open, setOpen] = useState(false);
  const [values, setValues] = useState({ name: '', baseUrl: '', key: '' });
  const [problem, setProblem] = useState('');
  const [fields, setFields] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const field = (name: keyof typeof values) => ({
    value: values[name],
    error: fields[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    setFields({});
    setBusy(true);
    const { name, baseUrl, key } = values;
    try {
      await addAddress({ name: name.trim(), baseUrl: baseUrl.trim(), ...(key.trim() ? { key: key.trim() } : {}) });
      setValues({ name: '', baseUrl: '', key: '' });
      setOpen(false);
      onAdded();
    } catch (error) {
      const given = error instanceof ApiError ? (error.problem.fields ?? {}) : {};
      setFields(given);
      if (Object.keys(given).length === 0) setProblem(sentenceOf(error));
    }
    setBusy(false);
  };
  if (!open)
    return (
      <Button className="justify-self-start" onClick={() => setOpen(true)}>
        Add an address of your own
      </Button>
    );
  return (
    <form onSubmit={save} noValidate className="grid gap-3 rounded-3 border border-line bg-raised p-3">
      <p className="max-w-[60ch] text-ink-2">
        Ollama, LM Studio, vLLM and others that speak OpenAI’s protocol.{' '}
        <b className="font-mid">This server calls it</b>, not your browser: “localhost” is the machine that Vibe runs
        on.
      </p>
      <div className="grid grid-cols-2 gap-3 max-md:grid-cols-1">
        <Field label="Name" autoFocus placeholder="Ollama" {...field('name')} />
        <Field label="Address" type="url" placeholder="http://localhost:11434" {...field('baseUrl')} />
      </div>
      <Field
        label="Key, if it wants one"
        type="password"
        autoComplete="off"
        className="max-w-[calc(50%-6px)] max-md:max-w-none"
        {...field('key')}
      />
      {problem && <Notice>{problem}</Notice>}
      <span className="flex gap-2">
        <Button
          type="submit"
          look="primary"
          disabled={busy || values.name.trim() === '' || values.baseUrl.trim() === ''}
        >
          {busy ? 'Asking for its models…' : 'Add this address'}
        </Button>
        <Button onClick={() => setOpen(false)}>Leave it</Button>
      </span>
    </form>
  );
}
