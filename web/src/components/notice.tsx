/** What went wrong, in plain words, where it went wrong. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

export const Notice = ({ children }: { children: ReactNode }) => (
  <p role="alert" className="flex items-start gap-2 rounded-3 bg-bad-soft px-3 py-2 text-13 text-bad-ink">
    <TriangleAlert size={14} strokeWidth={1.75} className="mt-0.5 shrink-0" aria-hidden="true" />
    <span>{children}</span>
  </p>
);
