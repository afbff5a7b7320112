/** A switch of which all words are always read. */
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

interface Props<T extends string> {
  name: string;
  value: T;
  options: { value: T; label: ReactNode; hint?: string; live?: boolean }[];
  onChange: (value: T) => void;
}

export function Segments<T extends string>({ name, value, options, onChange }: Props<T>) {
  return (
    <fieldset className="inline-flex h-6 shrink-0 rounded-full border border-line bg-sunken p-0.5 max-md:h-9">
      <legend className="sr">{name}</legend>
      {options.map((option) => {
        const on = option.value === value;
        return (
          <label
            key={option.value}
            title={option.hint}
            className={cx(
              'inline-flex cursor-pointer items-center gap-1 rounded-full px-2 text-12 font-mid has-focus-visible:shadow-(--focus)',
              on
                ? option.live
                  ? 'bg-live text-on-live'
                  : 'bg-raised text-ink shadow-[0_0_0_1px_var(--line-2)]'
                : 'text-ink-3 hover:text-ink',
            )}
          >
            <input
              type="radio"
              name={name}
              className="sr"
              checked={on}
              onChange={() => onChange(option.value)}
              aria-label={option.hint}
            />
            {option.label}
          </label>
        );
      })}
    </fieldset>
  );
}
