/** A part of a settings page: a title, what it is about, and its controls. The palette leads to it by its name, also when it comes late. */
import type { ReactNode } from 'react';

export const Section = ({ title, text, children }: { title: string; text: ReactNode; children: ReactNode }) => (
  <section
    id={title.toLowerCase()}
    ref={(section) => {
      if (section && location.hash === `#${section.id}`) section.scrollIntoView();
    }}
    className="grid grid-cols-[minmax(0,1fr)] gap-4 border-t border-line pt-6"
  >
    <div>
      <h2 className="text-18">{title}</h2>
      <p className="mt-1 max-w-[60ch] text-ink-2">{text}</p>
    </div>
    {children}
  </section>
);
