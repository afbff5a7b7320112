/** The details of a turn: each call of a model, what it took, and which models were tried before it. */
import { useQuery } from '@tanstack/react-query';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { clock, count, money, seconds } from '../../lib/text.ts';
import { callsOfTurn, chatKeys } from './api.ts';

export function ModelCalls({ chatId, turnId }: { chatId: string; turnId: string }) {
  const calls = useQuery({ queryKey: chatKeys.calls(chatId, turnId), queryFn: () => callsOfTurn(chatId, turnId) });
  if (calls.error) return <Notice>{sentenceOf(calls.error)}</Notice>;
  if (!calls.data) return null;
  return (
    <ol aria-label="Calls of models in this turn" className="rounded-3 border border-line bg-raised text-12 text-ink-2">
      {calls.data.length === 0 && <li className="px-3 py-2">No model was asked.</li>}
      {calls.data.map((call) => (
        <li key={call.at} className="border-b border-line px-3 py-1.5 last:border-b-0">
          <span className="flex flex-wrap gap-x-3">
            <time dateTime={call.at}>{clock(call.at)}</time>
            <span className="font-mid text-ink">{call.model.name}</span>
            {call.inputTokens + call.cacheReadTokens + call.cacheWriteTokens > 0 && (
              <span>
                {count(call.inputTokens + call.cacheReadTokens + call.cacheWriteTokens, 'token')} in
                {call.cacheReadTokens > 0 && `, ${call.cacheReadTokens.toLocaleString('en')} of them from the cache`}
              </span>
            )}
            {call.outputTokens > 0 && <span>{count(call.outputTokens, 'token')} out</span>}
            {call.model.id !== 'builtin' && (
              <span>{call.costMicros === null ? 'price unknown' : money(call.costMicros)}</span>
            )}
          </span>
          {call.tried.map((tried, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list of a settled call never changes
            <span key={i} className="block text-ink-3">
              Before it: {tried.name} {tried.text} ({seconds(tried.ms)})
            </span>
          ))}
        </li>
      ))}
    </ol>
  );
}
