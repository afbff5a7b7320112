/** Something went wrong in the preview: said quietly above the message, with the one thing to do. What it says was written by the app. */
import { ChevronRight, TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import type { PreviewProblem } from '../../../../contract/preview.ts';
import { Button } from '../../components/button.tsx';
import { count } from '../../lib/text.ts';

interface Props {
  problems: PreviewProblem[];
  busy: boolean;
  onFix: (message: string) => void;
  onClose: () => void;
}

export function ProblemCard({ problems, busy, onFix, onClose }: Props) {
  const [open, setOpen] = useState(false);
  const first = problems[0];
  if (!first) return null;
  return (
    <section
      aria-label="Problem in the preview"
      className="mx-auto w-full max-w-[760px] shrink-0 px-4 pt-1 max-md:px-2"
    >
      <div className="rounded-3 border border-line-2 bg-raised">
        <div className="flex items-start gap-2 py-1.5 pr-1.5 pl-3">
          <TriangleAlert size={14} strokeWidth={1.75} className="mt-1.5 shrink-0 text-bad" aria-hidden="true" />
          <div className="min-w-0 flex-1 py-1" role="status">
            <p className="line-clamp-2 [overflow-wrap:anywhere]">
              <b className="font-strong">The preview has a problem.</b> {first.message}
            </p>
            <p className="flex flex-wrap items-center gap-x-3 text-12 text-ink-3">
              {first.file && (
                <code className="[overflow-wrap:anywhere]">
                  {first.file}
                  {first.line ? `, line ${first.line}` : ''}
                </code>
              )}
              <button
                type="button"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
                className="inline-flex items-center gap-0.5 rounded-1 hover:text-ink max-md:min-h-9"
              >
                {problems.length > 1 ? `${count(problems.length, 'problem')} in all` : 'All of it'}
                <ChevronRight size={12} className={open ? 'rotate-90' : ''} aria-hidden="true" />
              </button>
            </p>
          </div>
          <Button
            onClick={() => onFix(fixMessage(problems))}
            title={busy ? 'It waits until the turn is done' : undefined}
          >
            Fix this
          </Button>
          <Button look="bare" size="icon" aria-label="Dismiss the problem" title="Dismiss" onClick={onClose}>
            <X size={13} aria-hidden="true" />
          </Button>
        </div>
        {open && (
          <pre className="max-h-52 overflow-auto border-t border-line px-3 py-2 font-mono text-12 leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
            {problems.map(wordsOf).join('\n\n')}
          </pre>
        )}
      </div>
    </section>
  );
}

const wordsOf = ({ message, file, line, stack }: PreviewProblem): string =>
  [message, file ? `in ${file}${line ? `, line ${line}` : ''}` : '', stack].filter(Boolean).join('\n');

/** What is asked when a person says “Fix this”: the words of the app stand between marks. */
function fixMessage(problems: PreviewProblem[]): string {
  const said = problems.slice(0, 3).map(wordsOf).join('\n\n').replaceAll('```', "'''").slice(0, 6000);
  return `The preview has a problem. Please fix it. What it said:\n\n\`\`\`\n${said}\n\`\`\``;
}
