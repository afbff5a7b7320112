/** Which database a message's questions about rows go to: a switch of which both words are always read. A person sets it; after each turn it is back on staging. */
import { Database } from 'lucide-react';
import type { Chat } from '../../../../contract/chats.ts';
import { Segments } from '../../components/segments.tsx';
import { patchChat } from './api.ts';

interface Props {
  chat: Chat;
  onChanged: () => void;
  onProblem: (error: unknown) => void;
}

export function DatabasePill({ chat, onChanged, onProblem }: Props) {
  if (!chat.app) return null;
  if (!chat.databases.includes('live'))
    return (
      <span
        title="Questions about rows go to staging. This app has no live database of its own."
        className="inline-flex h-6 shrink-0 items-center gap-1 rounded-full border border-line-2 px-2 text-12 font-mid max-md:h-9"
      >
        <Database size={12} strokeWidth={1.75} aria-hidden="true" />
        <span className="sr">Database:</span> Staging
      </span>
    );
  return (
    <Segments
      name="Database for this turn"
      value={chat.database}
      onChange={(database) => void patchChat(chat.id, { database }).then(onChanged, onProblem)}
      options={[
        { value: 'staging', label: 'Staging' },
        { value: 'live', label: 'Live', live: true },
      ]}
    />
  );
}

/** Said above the message for as long as the pill is on live. */
export const LiveNotice = () => (
  <p className="rounded-t-[7px] bg-live-soft px-3 py-1.5 text-12 font-mid text-live-ink">
    This turn may write to live. Then back to staging.
  </p>
);
