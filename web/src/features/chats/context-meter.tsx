/** How full the model's context is: a ring, and behind it what fills it. */
import { Popover } from 'radix-ui';
import type { Chat, ContextPart } from '../../../../contract/chats.ts';

const NAMES: Record<ContextPart, string> = {
  instructions: 'Instructions',
  tools: 'Tools it may use',
  spec: 'The spec',
  files: 'Files it has read',
  history: 'Earlier messages',
  turn: 'This message and its steps',
  answer: 'Its answer',
};
const tokens = (n: number): string => n.toLocaleString('en');

export function ContextMeter({ context }: { context: Chat['context'] }) {
  const { usedTokens, maxTokens, parts } = context;
  if (maxTokens === null) return null;
  const share = Math.min(1, usedTokens / maxTokens);
  const percent = share > 0 && share < 0.01 ? 'under 1 %' : `${Math.round(share * 100)} %`;
  const most = Math.max(1, ...parts.map((part) => part.tokens));
  const round = 2 * Math.PI * 6;
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`Context: ${percent} used`}
        title={`Context: ${percent} used`}
        className="grid h-7 w-7 shrink-0 place-items-center rounded-full hover:bg-hover max-md:h-9 max-md:w-9"
      >
        <svg viewBox="0 0 16 16" className="h-4 w-4 -rotate-90" fill="none" strokeWidth="2.5" aria-hidden="true">
          <circle cx="8" cy="8" r="6" className="stroke-line-2" />
          <circle
            cx="8"
            cy="8"
            r="6"
            className={share > 0.9 ? 'stroke-bad' : 'stroke-ink-2'}
            strokeDasharray={`${Math.max(share, usedTokens > 0 ? 0.03 : 0) * round} ${round}`}
          />
        </svg>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={6}
          aria-label="What fills the context"
          className="appear z-40 grid w-[300px] gap-2.5 rounded-3 border border-line-2 bg-raised p-3 shadow-2"
        >
          <p className="flex items-baseline justify-between gap-2">
            <b className="font-strong">Context</b>
            <span className="text-12 text-ink-2">
              {tokens(usedTokens)} of {tokens(maxTokens)} tokens
            </span>
          </p>
          {parts.length === 0 ? (
            <p className="text-ink-2">Nothing has been sent to this model yet.</p>
          ) : (
            <ul className="grid gap-1.5">
              {[...parts]
                .sort((a, b) => b.tokens - a.tokens)
                .map((part) => (
                  <li key={part.part} className="grid grid-cols-[1fr_auto] gap-x-3 text-12">
                    <span>{NAMES[part.part]}</span>
                    <span className="text-ink-2 tabular-nums">{tokens(part.tokens)}</span>
                    <span aria-hidden="true" className="col-span-2 mt-0.5 h-1 rounded-full bg-sunken">
                      <span
                        className="block h-1 min-w-0.5 rounded-full bg-ink-3"
                        style={{ width: `${(part.tokens / most) * 100}%` }}
                      />
                    </span>
                  </li>
                ))}
            </ul>
          )}
          <p className="text-12 text-ink-3">
            {tokens(Math.max(0, maxTokens - usedTokens))} are left, counted at its last step. When it is full, the
            oldest messages are left out; it can still look them up.
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
