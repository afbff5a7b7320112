/** Buttons name the act. At most one primary in a region. */
import { type ButtonHTMLAttributes, forwardRef } from 'react';
import { cx } from './cx.ts';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** live: what it does reaches customers */
  look?: 'plain' | 'primary' | 'bare' | 'danger' | 'live';
  size?: 'normal' | 'big' | 'icon';
  /** the key that does the same */
  hint?: string;
}

const LOOKS = {
  plain: 'border-line-2 bg-raised text-ink hover:bg-hover',
  primary: 'border-accent bg-accent text-on-accent hover:bg-accent-hover hover:border-accent-hover',
  bare: 'border-transparent text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'border-bad bg-bad text-on-bad hover:opacity-90',
  live: 'border-live bg-live text-on-live hover:opacity-90',
};
const SIZES = { normal: 'h-7 px-2.5 max-md:h-9', big: 'h-9 px-3.5 max-md:h-11', icon: 'h-7 w-7 max-md:h-9 max-md:w-9' };

export const Button = forwardRef<HTMLButtonElement, Props>(
  ({ look = 'plain', size = 'normal', hint, className, children, ...rest }, ref) => (
    <button
      ref={ref}
      type="button"
      className={cx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-2 border font-mid whitespace-nowrap transition-colors duration-[90ms] disabled:border-dashed disabled:border-line-2 disabled:bg-transparent disabled:text-ink-3',
        LOOKS[look],
        SIZES[size],
        className,
      )}
      {...rest}
    >
      {children}
      {hint && (
        <kbd
          className={cx(
            // of a keyboard that a phone does not have
            'rounded-1 border px-1 font-mono text-11 leading-4 max-md:hidden',
            look === 'primary'
              ? 'border-current opacity-80'
              : look === 'plain' || look === 'bare'
                ? 'border-line-2 text-ink-3'
                : 'border-current',
          )}
        >
          {hint}
        </kbd>
      )}
    </button>
  ),
);
