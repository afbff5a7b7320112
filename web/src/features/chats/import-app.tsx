/** Bringing in an app that exists already: the address of its repository is all it takes. */
import { GitBranch } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { api, sentenceOf } from '../../lib/api.ts';

export function ImportApp({ onBegun }: { onBegun: (chatId: string) => void }) {
  const id = useId();
  const [address, setAddress] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const bring = async (event: FormEvent) => {
    event.preventDefault();
    if (address.trim() === '') return setProblem('Give the address of the repository.');
    setBusy(true);
    setProblem('');
    try {
      onBegun((await api<{ chatId: string }>('POST', '/api/imports', { address: address.trim() })).chatId);
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <section aria-labelledby={`${id}-title`} className="mt-8 max-w-[680px]">
      <h2 id={`${id}-title`} className="flex items-center gap-2 text-15">
        <GitBranch size={14} strokeWidth={1.75} aria-hidden="true" /> Or bring in a SvelteKit app that you have
      </h2>
      <form onSubmit={bring} className="mt-3 flex gap-2 max-md:flex-col">
        <label htmlFor={id} className="sr">
          Address of its git repository
        </label>
        <input
          id={id}
          type="text"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          placeholder="https://…/name/repository"
          value={address}
          onChange={(event) => setAddress(event.target.value)}
          aria-describedby={`${id}-note`}
          className="h-9 min-w-0 flex-1 rounded-2 border border-line-3 bg-raised px-2.5 text-15 max-md:h-11 max-md:flex-none"
        />
        <Button type="submit" size="big" disabled={busy}>
          {busy ? 'Bringing in…' : 'Bring it in'}
        </Button>
      </form>
      <p id={`${id}-note`} className="mt-1.5 text-12 text-ink-3">
        A git repository that everybody may read. Its newest state is copied; nothing of it runs outside a sandbox.
      </p>
      {problem && (
        <div className="mt-2">
          <Notice>{problem}</Notice>
        </div>
      )}
    </section>
  );
}
