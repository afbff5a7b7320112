/** What the staging site may see of people's data: for each column, what stands there when the site is filled from live. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DataColumn } from '../../../../contract/data.ts';
import type { Mask } from '../../../../contract/mirrors.ts';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { dataKeys, readMasks, writeMasks } from './api.ts';

interface Props {
  appId: string;
  table: string;
  columns: DataColumn[];
  manages: boolean;
}

const WORDS: Record<Mask['mask'], string> = {
  keep: 'As it is',
  null: 'Nothing',
  text: 'A fixed text',
  hash: 'A fingerprint, the same for the same',
  email: 'A made-up e-mail address',
};

/** What can stand there: rows are found by keys and pointers, and only text can be made up. */
const choicesFor = ({ name, key, references, notNull, type }: DataColumn): Mask['mask'][] =>
  key || references
    ? ['keep']
    : [
        'keep',
        ...(notNull ? [] : (['null'] as const)),
        ...(/^(text|character|citext)/.test(type) ? (['text', 'hash'] as const) : []),
        ...(/mail/i.test(name) ? (['email'] as const) : []),
      ];

export function TableMasks({ appId, table, columns, manages }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const masks = useQuery({ queryKey: [...dataKeys.masks, appId], queryFn: () => readMasks(appId) });
  const [changed, setChanged] = useState<Record<string, Mask>>({});
  const [problem, setProblem] = useState('');
  if (masks.error) return <Notice>{sentenceOf(masks.error)}</Notice>;
  if (!masks.data) return <p className="text-ink-2">Looking…</p>;
  const of = (column: string): Mask =>
    changed[column] ??
    masks.data.find((mask) => mask.table === table && mask.column === column) ?? { table, column, mask: 'keep' };
  const choose = (column: string, mask: Mask['mask'], fixed = '') => {
    setProblem('');
    setChanged({
      ...changed,
      [column]: mask === 'text' ? { table, column, mask, fixed } : { table, column, mask },
    });
  };
  const save = () => {
    const empty = Object.values(changed).find((mask) => mask.mask === 'text' && mask.fixed.trim() === '');
    if (empty) return setProblem(`Say what stands in ${empty.column} instead.`);
    // what another tab has set since is kept
    readMasks(appId)
      .then((now) => {
        const others = now.filter((mask) => mask.table !== table || !changed[mask.column]);
        return writeMasks(appId, [...others, ...Object.values(changed).filter(({ mask }) => mask !== 'keep')]);
      })
      .then(
        () => {
          setChanged({});
          void client.invalidateQueries({ queryKey: dataKeys.masks });
          toast({ text: 'Kept. It holds from the next time the staging site is filled from live.' });
        },
        (error) => setProblem(sentenceOf(error)),
      );
  };
  return (
    <section aria-label={`Personal data in ${table}`} className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p className="max-w-[64ch] text-ink-2">
        The staging site has a copy of live’s rows. What is personal can be left out of it: the rows come, and in these
        columns stands something else.
      </p>
      <ul className="rounded-2 border border-line">
        {columns.map((column) => {
          const rule = of(column.name);
          const choices = choicesFor(column);
          return (
            <li
              key={column.name}
              className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-t border-line px-3 py-2 first:border-t-0"
            >
              <span className="min-w-40 flex-1">
                <code className="break-all">{column.name}</code>{' '}
                <span className="text-12 text-ink-3">{column.type}</span>
              </span>
              {choices.length === 1 || !manages ? (
                <span className="text-12 text-ink-3">
                  {choices.length === 1
                    ? column.key || column.references
                      ? 'As it is: rows are found by it'
                      : 'As it is: it must have a value'
                    : WORDS[rule.mask]}
                </span>
              ) : (
                <select
                  aria-label={`What stands in ${column.name} on the staging site`}
                  value={rule.mask}
                  onChange={(event) => choose(column.name, event.target.value as Mask['mask'])}
                  className="h-7 rounded-2 border border-line-2 bg-raised px-1.5 max-md:h-11 max-md:w-full max-md:text-[16px]"
                >
                  {choices.map((mask) => (
                    <option key={mask} value={mask}>
                      {WORDS[mask]}
                    </option>
                  ))}
                </select>
              )}
              {rule.mask === 'text' && manages && (
                <input
                  aria-label={`Text that stands in ${column.name}`}
                  value={rule.fixed}
                  maxLength={200}
                  placeholder="For example: hidden"
                  onChange={(event) => choose(column.name, 'text', event.target.value)}
                  className="h-7 w-48 rounded-2 border border-line-2 bg-raised px-2 max-md:h-11 max-md:w-full max-md:text-[16px]"
                />
              )}
            </li>
          );
        })}
      </ul>
      {problem && <Notice>{problem}</Notice>}
      {manages && (
        <Button
          look="primary"
          className="justify-self-start"
          disabled={Object.keys(changed).length === 0}
          onClick={save}
        >
          Keep these rules
        </Button>
      )}
    </section>
  );
}
