/** Apps to begin with, each with its picture. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Starter } from '../../../../contract/starters.ts';
import { Notice } from '../../components/notice.tsx';
import { api, sentenceOf } from '../../lib/api.ts';

export function Starters({ onBegun }: { onBegun: (chatId: string) => void }) {
  const [begun, setBegun] = useState<string>();
  const [problem, setProblem] = useState('');
  const starters = useQuery({
    queryKey: ['starters'],
    queryFn: () => api<{ items: Starter[] }>('GET', '/api/starters').then(({ items }) => items),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!starters.data) return null;
  const begin = async (id: string) => {
    setBegun(id);
    setProblem('');
    try {
      onBegun((await api<{ chatId: string }>('POST', `/api/starters/${id}`, {})).chatId);
    } catch (error) {
      setProblem(sentenceOf(error));
      setBegun(undefined);
    }
  };
  return (
    <section aria-label="Begin with an app that is there" className="mt-8">
      <h2 className="text-15">Or begin with one of these, and change it</h2>
      {problem && <Notice>{problem}</Notice>}
      <ul className="mt-3 grid gap-3 grid-cols-3 max-lg:grid-cols-2 max-md:grid-cols-1">
        {starters.data.map((starter) => (
          <li key={starter.id}>
            <button
              type="button"
              disabled={begun !== undefined}
              onClick={() => void begin(starter.id)}
              className="grid h-full w-full content-start overflow-hidden rounded-3 border border-line bg-raised text-left hover:border-line-3"
            >
              <img
                src={starter.picture}
                alt=""
                width={640}
                height={400}
                loading="lazy"
                className="aspect-[8/5] w-full border-b border-line object-cover object-top"
              />
              <span className="px-3 pt-2 font-mid">{begun === starter.id ? 'Beginning…' : starter.title}</span>
              <span className="px-3 pb-3 text-12 text-ink-3">{starter.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
