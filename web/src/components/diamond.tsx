/** A reminder: a yellow diamond, always beside words. */
import { cx } from './cx.ts';

export const Diamond = ({ className }: { className?: string }) => (
  <span aria-hidden="true" className={cx('h-2 w-2 shrink-0 rotate-45 rounded-[1px] bg-remind', className)} />
);
