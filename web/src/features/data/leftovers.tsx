/** What is still on a live database elsewhere that did not answer when it was to be removed there. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Leftover } from '../../../../contract/outside.ts';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { LeftThereList } from './left-there.tsx';
import { forgetLeftover, leftoversKey, listLeftovers } from './outside-api.ts';
import { moment } from './words.ts';

const TITLES: Record<Leftover['kind'], string> = {
  app: 'Everything of the removed app',
  mirror: 'What followed and asked',
  rows: 'The rows of',
  chats: 'What chats asked as, of',
};

export function Leftovers() {
  const left = useQuery({
    queryKey: leftoversKey,
    queryFn: listLeftovers,
    refetchOnWindowFocus: true,
    refetchInterval: ({ state }) => (state.data?.some(({ until }) => until) ? 10_000 : false),
  });
  if (left.error) return <Notice>{sentenceOf(left.error)}</Notice>;
  if (!left.data || left.data.length === 0) return null;
  return (
    <section aria-labelledby="leftovers" className="grid gap-2">
      <h2 id="leftovers" className="text-13 tracking-normal">
        Still on a server elsewhere
      </h2>
      <p className="text-12 text-ink-3">It did not answer when this was to be removed there.</p>
      <ul className="rounded-2 border border-line">
        {left.data.map((one) => (
          <Item key={one.id} one={one} />
        ))}
      </ul>
    </section>
  );
}

function Item({ one }: { one: Leftover }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const forget = async () => {
    setBusy(true);
    setProblem('');
    await forgetLeftover(one.id).catch((error) => setProblem(sentenceOf(error)));
    await client.invalidateQueries({ queryKey: leftoversKey });
    setBusy(false);
  };
  return (
    <li className="grid gap-2 border-t border-line px-3 py-3 first:border-t-0">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-56">
          <p className="[overflow-wrap:anywhere]">
            <span className="font-mid">
              {TITLES[one.kind]} {one.app}
            </span>
            <span className="text-ink-2"> in {one.where}</span>
          </p>
          <p className="text-12 text-ink-3">
            {one.until
              ? `Since ${moment(one.leftAt)}. Removed there by itself when it answers, tried until ${moment(one.until)}.`
              : one.kind === 'rows'
                ? `Since ${moment(one.leftAt)}. Never removed by itself: some of these rows may be nowhere else.`
                : `Since ${moment(one.leftAt)}. Not tried any more.`}
          </p>
          {one.words && <p className="text-12 text-ink-2 [overflow-wrap:anywhere]">{one.words}</p>}
        </div>
        <Button
          disabled={busy}
          aria-label={`I have removed it: ${TITLES[one.kind]} ${one.app}`}
          onClick={() => void forget()}
        >
          I have removed it
        </Button>
      </div>
      <LeftThereList left={one} />
      {problem && <Notice>{problem}</Notice>}
    </li>
  );
}
