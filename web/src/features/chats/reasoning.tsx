/** What a model thought before it answered: folded, for whoever wants to know. */
import { ChevronRight } from 'lucide-react';
import { seconds } from '../../lib/text.ts';
import { Prose } from './prose.tsx';

export const Reasoning = ({ text, ms }: { text: string; ms: number }) => (
  <details className="group text-ink-2">
    <summary className="flex min-h-7 cursor-pointer list-none items-center gap-2 rounded-2 max-md:min-h-9 [&::-webkit-details-marker]:hidden">
      <ChevronRight
        size={14}
        className="shrink-0 text-ink-3 transition-transform duration-[90ms] group-open:rotate-90"
        aria-hidden="true"
      />
      {ms < 1000 ? 'Thought for a moment' : `Thought for ${seconds(ms)}`}
    </summary>
    <div className="ml-[7px] border-l border-line-2 pl-[15px] text-ink-2 [&_p]:text-13">
      <Prose text={text} />
    </div>
  </details>
);
