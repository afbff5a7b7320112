/** A labelled input with its message beside it. */
import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import { cx } from './cx.ts';

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  error?: string | undefined;
  help?: ReactNode;
  before?: string;
}

export function Field({ label, error, help, before, className, ...rest }: Props) {
  const id = useId();
  const note = error || help;
  return (
    <div className={cx('grid min-w-0 content-start grid-cols-[minmax(0,1fr)] gap-1', className)}>
      <label htmlFor={id} className="text-12 font-mid text-ink-2">
        {label}
      </label>
      <div
        className={cx(
          'flex h-9 items-center gap-1.5 rounded-2 border bg-raised px-2.5 focus-within:border-accent focus-within:shadow-[0_0_0_1px_var(--accent)] max-md:h-11',
          error ? 'border-bad' : 'border-line-3',
        )}
      >
        {before && <span className="text-ink-3">{before}</span>}
        <input
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          className="min-w-0 flex-1 bg-transparent text-15 focus-visible:shadow-none"
          {...rest}
        />
      </div>
      {note && (
        <p id={`${id}-note`} className={cx('text-12', error ? 'text-bad-ink' : 'text-ink-3')}>
          {note}
        </p>
      )}
    </div>
  );
}
