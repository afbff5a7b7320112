/** Plan or build: a switch beside the message, and `/plan` before it. A plan looks and says what it would do; nothing is changed. */
import { ListTodo } from 'lucide-react';
import { useState } from 'react';
import type { TurnMode } from '../../../../contract/chats.ts';
import { cx } from '../../components/cx.ts';

const key = (place: string) => `vibe-mode-${place}`;

/** The mode of the next message, kept in this tab. @param place the chat's id, or `new` */
export function useMode(place: string): [TurnMode, (mode: TurnMode) => void] {
  const [mode, setMode] = useState<TurnMode>(() => (sessionStorage.getItem(key(place)) === 'plan' ? 'plan' : 'build'));
  return [
    mode,
    (next) => {
      if (next === 'plan') sessionStorage.setItem(key(place), next);
      else sessionStorage.removeItem(key(place));
      setMode(next);
    },
  ];
}

/** `/plan a diary` asks for a plan of “a diary”, whatever the switch says. */
export function readCommand(text: string, mode: TurnMode): { message: string; mode: TurnMode } {
  const found = /^\/(plan|build)(?:\s+|$)/.exec(text);
  return found ? { message: text.slice(found[0].length).trim(), mode: found[1] as TurnMode } : { message: text, mode };
}

export const PlanSwitch = ({ mode, onChange }: { mode: TurnMode; onChange: (mode: TurnMode) => void }) => (
  <button
    type="button"
    aria-pressed={mode === 'plan'}
    title="Plan first: it looks and says what it would do, and changes nothing (P)"
    onClick={() => onChange(mode === 'plan' ? 'build' : 'plan')}
    className={cx(
      'inline-flex h-6 shrink-0 items-center gap-1 rounded-full border px-2 text-12 font-mid max-md:h-9',
      mode === 'plan' ? 'border-ink bg-selected text-ink' : 'border-line-2 text-ink-2 hover:bg-hover',
    )}
  >
    <ListTodo size={13} strokeWidth={1.75} aria-hidden="true" />
    <span className="@min-[480px]:@max-[680px]:group-data-[tight]/tools:sr">Plan first</span>
  </button>
);
