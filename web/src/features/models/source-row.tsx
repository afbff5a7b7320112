/** One place where models are reached: its key, a test of it, its models. */
import { type FormEvent, useState } from 'react';
import type { ModelSource } from '../../../../contract/models.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import { changeAddress, listModels, removeAddress, removeKey, storeKey } from './api.ts';
import { TestButton, TestWords, useTest } from './test-button.tsx';

const BEGINNINGS: Record<string, string> = { anthropic: 'sk-ant-…', openai: 'sk-…', together: 'tgp_…' };
const VARIABLES: Record<string, string> = {
  anthropic: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
  together: 'TOGETHER_API_KEY',
};

interface Props {
  source: ModelSource;
  /** the model that a test asks */
  tests: string | undefined;
  mayChange: boolean;
  owner: boolean;
  onChanged: () => void;
}

export function SourceRow({ source, tests, mayChange, owner, onChanged }: Props) {
  const [open, setOpen] = useState<'key' | 'models'>();
  const [problem, setProblem] = useState('');
  const { tested, run } = useTest(tests);
  const own = source.kind === 'compatible';
  const act = (work: Promise<unknown>) => {
    setProblem('');
    work.then(onChanged, (error) => setProblem(sentenceOf(error)));
  };
  const models = source.models.map((id) => id.slice(source.id.length + 1));
  return (
    <li className="border-b border-line px-3 py-2.5 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
        <span className="min-w-0 flex-1 basis-48">
          <b className="font-mid">{source.name}</b>
          <span className="block text-12 text-ink-3 [overflow-wrap:anywhere]">
            {stateOf(source)}
            {own && ` · ${models.length > 0 ? count(models.length, 'model') : 'no models known yet'}`}
          </span>
        </span>
        {mayChange && (
          <span className="flex flex-wrap gap-1.5">
            {source.key !== 'none' && tests && <TestButton name={source.name} tested={tested} run={() => void run()} />}
            {own && owner && (
              <Button
                aria-expanded={open === 'models'}
                onClick={() => setOpen(open === 'models' ? undefined : 'models')}
              >
                Models
              </Button>
            )}
            {(!own || owner) && (
              <Button
                aria-expanded={open === 'key'}
                aria-label={`${source.key === 'settings' ? 'Replace key' : 'Add a key'} of ${source.name}`}
                onClick={() => setOpen(open === 'key' ? undefined : 'key')}
              >
                {source.key === 'settings' ? 'Replace key' : 'Add a key'}
              </Button>
            )}
            {!own && source.key === 'settings' && (
              <Button aria-label={`Remove the key of ${source.name}`} onClick={() => act(removeKey(source.id))}>
                Remove
              </Button>
            )}
            {own && owner && (
              <Button aria-label={`Remove ${source.name}`} onClick={() => act(removeAddress(source.id))}>
                Remove
              </Button>
            )}
          </span>
        )}
        <TestWords tested={tested} />
      </div>
      {open === 'key' && (
        <KeyForm
          source={source}
          owner={owner}
          onDone={() => {
            setOpen(undefined);
            onChanged();
          }}
        />
      )}
      {open === 'models' && (
        <ModelNames
          source={source}
          names={models}
          onDone={() => {
            setOpen(undefined);
            onChanged();
          }}
        />
      )}
      {problem && (
        <div className="mt-2">
          <Notice>{problem}</Notice>
        </div>
      )}
    </li>
  );
}

function stateOf({ key, hint, baseUrl, id, kind }: ModelSource): string {
  const where = baseUrl ? `${kind === 'compatible' ? '' : ' · '}${baseUrl}` : '';
  if (kind === 'compatible')
    return key === 'settings' ? `${where} · key ending in ${hint}` : `${where} · no key needed`;
  if (key === 'none') return `No key${where}`;
  const from = key === 'environment' ? `from ${VARIABLES[id]} on the server` : 'stored encrypted, never shown again';
  return `Key ending in ${hint}, ${from}${where}`;
}

function KeyForm({ source, owner, onDone }: { source: ModelSource; owner: boolean; onDone: () => void }) {
  const [key, setKey] = useState('');
  const [base, setBase] = useState('');
  const [problem, setProblem] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    const value = key.trim();
    try {
      if (source.kind === 'compatible') await changeAddress(source.id, { key: value || null });
      else {
        // Anthropic's keys begin so; one for another address may look like anything
        if (source.id === 'anthropic' && !base.trim() && !source.baseUrl && !/^sk-ant-[\w-]{8,}$/.test(value))
          return setProblem('That is not an Anthropic key: those begin with “sk-ant-”. Nothing was stored.');
        await storeKey(source.id, value, base.trim() || undefined);
      }
      onDone();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <form onSubmit={save} className="mt-3 grid max-w-[480px] gap-3">
      <Field
        label={`${source.name} API key`}
        type="password"
        autoComplete="off"
        autoFocus
        value={key}
        onChange={(event) => setKey(event.target.value)}
        placeholder={BEGINNINGS[source.id] ?? ''}
        help={source.kind === 'compatible' ? 'Empty removes the key' : undefined}
      />
      {owner && source.kind !== 'compatible' && (
        <details>
          <summary className="cursor-pointer text-12 text-ink-2">Another address than {source.name}’s</summary>
          <Field
            label="Base address"
            type="url"
            className="mt-2"
            value={base}
            onChange={(event) => setBase(event.target.value)}
            help="This server calls it, with the key"
          />
        </details>
      )}
      {problem && <Notice>{problem}</Notice>}
      <Button
        type="submit"
        look="primary"
        className="justify-self-start"
        disabled={source.kind !== 'compatible' && key.trim() === ''}
      >
        Store the key
      </Button>
    </form>
  );
}

/** The names of an address's models: asked for where it answers, else typed, one a line. */
function ModelNames({ source, names, onDone }: { source: ModelSource; names: string[]; onDone: () => void }) {
  const [text, setText] = useState(names.join('\n'));
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    setProblem('');
    try {
      const { items } = await listModels(source.id);
      setText(items.join('\n'));
      if (items.length === 0) setProblem('It answers, and lists no models. Type their names.');
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setAsking(false);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const models = text.split(/\s+/).filter(Boolean);
    await changeAddress(source.id, { models }).then(onDone, (error) => setProblem(sentenceOf(error)));
  };
  return (
    <form onSubmit={save} className="mt-3 grid max-w-[480px] gap-3">
      <label className="grid gap-1 text-12 font-mid text-ink-2">
        Models, one a line
        <textarea
          rows={Math.min(10, Math.max(3, text.split('\n').length))}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="rounded-2 border border-line-3 bg-raised px-2.5 py-2 font-mono text-13 font-normal text-ink max-md:text-[16px]"
        />
      </label>
      {problem && <Notice>{problem}</Notice>}
      <span className="flex flex-wrap gap-2">
        <Button type="submit" look="primary">
          Keep these models
        </Button>
        <Button onClick={() => void ask()} disabled={asking}>
          {asking ? 'Asking…' : 'Ask it for its models'}
        </Button>
      </span>
    </form>
  );
}
