/** What one database has and the other may still need: why, what would run, and what a person decides about it. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Reminder } from '../../../../contract/reminders.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Diamond } from '../../components/diamond.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { ago } from '../../lib/text.ts';
import { dataKeys, listReminders, reopenReminder } from './api.ts';
import { ApplyReminder } from './apply-reminder.tsx';
import { ChatLink } from './chat-link.tsx';
import { DismissReminder } from './dismiss-reminder.tsx';

interface Props {
  /** of one chat alone */
  chatId?: string;
  /** the person decides about this container */
  manages: boolean;
  onChanged?: () => void;
}

export function Reminders({ chatId, manages, onChanged }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState<{ what: 'apply' | 'dismiss'; reminder: Reminder }>();
  const [problem, setProblem] = useState('');
  const reminders = useQuery({
    queryKey: [...dataKeys.reminders, chatId ?? ''],
    queryFn: () => listReminders(chatId),
    refetchInterval: 5000,
  });
  const changed = () => {
    void client.invalidateQueries({ queryKey: dataKeys.reminders });
    void client.invalidateQueries({ queryKey: dataKeys.tables });
    onChanged?.();
  };
  const open = reminders.data?.filter(({ state }) => state === 'open') ?? [];
  const over = reminders.data?.filter(({ state }) => state !== 'open') ?? [];
  // a difference under Tables leads to its reminder
  const wanted = useRouterState({ select: ({ location }) => location.hash });
  const isThere = open.some(({ id }) => anchorOf(id) === wanted);
  useEffect(() => {
    if (!isThere) return;
    const item = document.getElementById(wanted);
    item?.scrollIntoView({ block: 'nearest' });
    item?.focus({ preventScroll: true });
  }, [wanted, isThere]);
  return (
    <div className="grid max-w-[760px] grid-cols-[minmax(0,1fr)] gap-4">
      {reminders.error && <Notice>{sentenceOf(reminders.error)}</Notice>}
      {problem && <Notice>{problem}</Notice>}
      {reminders.data && open.length === 0 && (
        <p className="text-ink-2">
          Nothing is waiting. When a change is made on one database and may still be needed on the other, it is listed
          here.
        </p>
      )}
      {open.length > 0 && (
        <ul className="overflow-hidden rounded-3 border border-line-2 bg-raised" aria-label="Open reminders">
          {open.map((reminder) => (
            <li
              key={reminder.id}
              id={anchorOf(reminder.id)}
              tabIndex={-1}
              className={cx(
                'scroll-mt-4 border-t border-line outline-none first:border-t-0',
                anchorOf(reminder.id) === wanted && 'bg-remind-soft',
              )}
            >
              <OpenReminder
                reminder={reminder}
                manages={manages}
                inChat={chatId !== undefined}
                onAct={(what) => setAsking({ what, reminder })}
              />
            </li>
          ))}
        </ul>
      )}
      {over.length > 0 && (
        <section aria-labelledby="reminders-over" className="grid gap-1.5">
          <h2 id="reminders-over" className="text-12 tracking-normal text-ink-3">
            Settled in the last week
          </h2>
          <ul className="overflow-hidden rounded-3 border border-line bg-raised">
            {over.map((reminder) => (
              <li
                key={reminder.id}
                className="flex items-start gap-2.5 border-t border-line px-3 py-2 first:border-t-0"
              >
                <Check size={14} className="mt-0.5 shrink-0 text-good" aria-hidden="true" />
                <div className="min-w-0 flex-1">
                  <p className="break-words text-ink-2">{reminder.title}</p>
                  <p className="text-12 break-words text-ink-3">{endOf(reminder)}</p>
                </div>
                {manages && reminder.state === 'dismissed' && (
                  <Button
                    look="bare"
                    onClick={() =>
                      void reopenReminder(reminder.id).then(
                        () => {
                          toast({ text: 'It is open again.' });
                          changed();
                        },
                        (error) => setProblem(sentenceOf(error)),
                      )
                    }
                  >
                    Open it again
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {asking?.what === 'apply' && (
        <ApplyReminder reminder={asking.reminder} onClose={() => setAsking(undefined)} onChanged={changed} />
      )}
      {asking?.what === 'dismiss' && (
        <DismissReminder reminder={asking.reminder} onClose={() => setAsking(undefined)} onChanged={changed} />
      )}
    </div>
  );
}

/** Where on the page a reminder is. */
export const anchorOf = (id: string): string => `reminder-${id}`;

function OpenReminder({
  reminder,
  manages,
  inChat,
  onAct,
}: {
  reminder: Reminder;
  manages: boolean;
  inChat: boolean;
  onAct: (what: 'apply' | 'dismiss') => void;
}) {
  const { title, why, direction, app, chat, since, objects, kind } = reminder;
  return (
    <div className="grid grid-cols-[12px_minmax(0,1fr)] gap-x-2.5 px-3 py-3">
      <Diamond className="mt-1" />
      <div className="grid gap-1">
        <h3 className="text-13 font-strong break-words">{title}</h3>
        {direction && <Way direction={direction} />}
        <p className="text-12 break-words text-ink-2">{why}</p>
        {kind !== 'data' && objects.length > 0 && (
          <p className="text-12 break-words text-ink-3">
            Not the same: {objects.slice(0, 6).join(', ')}
            {objects.length > 6 && ` and ${objects.length - 6} more`}.
          </p>
        )}
        <p className="text-12 break-words text-ink-3">
          {!inChat && `${app.name} · `}
          {!inChat && chat && (
            <>
              <ChatLink chat={chat} />
              {' · '}
            </>
          )}
          {ago(since)}
        </p>
        {manages && (
          <div className="flex flex-wrap gap-2 pt-1">
            <Button onClick={() => onAct('apply')}>
              {direction === null
                ? 'Make both the same…'
                : direction === 'to_live'
                  ? 'Preview on live'
                  : 'Preview on staging'}
            </Button>
            <Button look="bare" onClick={() => onAct('dismiss')}>
              Not needed…
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

/** Where it is done, and where not: in words, and as a line. */
function Way({ direction }: { direction: NonNullable<Reminder['direction']> }) {
  const [done, open] = direction === 'to_live' ? ['staging', 'live'] : ['live', 'staging'];
  return (
    <p className="flex items-center gap-1.5 text-12">
      {done} <Check size={12} className="text-good" aria-label="done," />
      <span aria-hidden="true" className="w-6 border-t-2 border-dashed border-line-3" />
      {open}
      <span className="sr">not yet</span>
      <span aria-hidden="true" className="h-2 w-2 rounded-full border border-line-3" />
    </p>
  );
}

function endOf({ state, endedAt, endedBy, reason }: Reminder): string {
  const when = endedAt ? ago(endedAt) : '';
  if (state === 'dismissed') return `Not needed, says ${endedBy ?? 'somebody who has left'}, ${when}: ${reason}`;
  return endedBy ? `Made there by ${endedBy}, ${when}.` : `On both, ${when}. Cleared by itself.`;
}
