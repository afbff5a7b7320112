/** The diff of one file: what was removed and what was added, with the words that differ marked. Folds. */
import { ChevronDown, ChevronUp, FilePenLine, FilePlus, FileX } from 'lucide-react';
import { useState } from 'react';
import type { FileDiff } from '../../../../contract/chats.ts';
import { cx } from '../../components/cx.ts';

const SHOWN_AT_FIRST = 80;

export function PlusMinus({ file }: { file: Pick<FileDiff, 'additions' | 'deletions'> }) {
  return (
    <span className="shrink-0 font-mono text-12 tracking-tight">
      {(file.additions > 0 || file.deletions === 0) && <span className="text-good-ink">+{file.additions}</span>}
      {file.deletions > 0 && <span className="text-bad-ink"> −{file.deletions}</span>}
    </span>
  );
}

export function DiffCard({ file, open: startsOpen }: { file: FileDiff; open: boolean }) {
  const [open, setOpen] = useState(startsOpen);
  const Icon = file.change === 'A' ? FilePlus : file.change === 'D' ? FileX : FilePenLine;
  const word = { A: 'added', M: 'changed', D: 'deleted' }[file.change];
  return (
    <section className="appear min-w-0 overflow-hidden rounded-3 border border-line bg-raised">
      <h2 className="text-13 font-text">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-h-[34px] w-full items-center gap-2 px-3 text-left hover:bg-hover max-md:min-h-11"
        >
          <Icon size={14} strokeWidth={1.75} className="shrink-0 text-ink-3" aria-hidden="true" />
          <span className="sr">{word}: </span>
          <code className="truncate font-mid">{file.path}</code>
          <PlusMinus file={file} />
          <span className="flex-1" />
          {open ? (
            <ChevronUp size={14} className="text-ink-3" aria-hidden="true" />
          ) : (
            <ChevronDown size={14} className="text-ink-3" aria-hidden="true" />
          )}
        </button>
      </h2>
      {open && <DiffLines file={file} />}
    </section>
  );
}

/** The lines of a diff. Long ones show their beginning first. */
export function DiffLines({ file }: { file: FileDiff }) {
  const total = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const [all, setAll] = useState(total <= SHOWN_AT_FIRST * 1.5);
  let budget = all ? Number.POSITIVE_INFINITY : SHOWN_AT_FIRST;
  return (
    <div className="border-t border-line">
      <section
        className="overflow-x-auto py-1 font-mono text-12 leading-5 tracking-[-0.015em]"
        tabIndex={0}
        aria-label={`Difference of ${file.path}`}
      >
        <div className="min-w-max">
          {file.hunks.map((hunk, i) => {
            const lines = hunk.lines.slice(0, Math.max(0, budget));
            budget -= lines.length;
            if (lines.length === 0) return null;
            return <Hunk key={`${hunk.newStart}`} hunk={{ ...hunk, lines }} first={i === 0 && file.change === 'A'} />;
          })}
        </div>
      </section>
      {!all && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="w-full border-t border-line px-3 py-1.5 text-left text-12 text-ink-2 hover:bg-hover"
        >
          Show all {total} lines
        </button>
      )}
      {file.cut && (
        <p className="border-t border-line px-3 py-1.5 text-12 text-ink-3">The file is too large to show whole.</p>
      )}
    </div>
  );
}

function Hunk({ hunk, first }: { hunk: FileDiff['hunks'][number]; first: boolean }) {
  let [before, after] = [hunk.oldStart, hunk.newStart];
  return (
    <>
      {!first && (
        <div className="grid grid-cols-[40px_18px_1fr] bg-sunken whitespace-pre text-ink-3">
          <span />
          <span />
          <span>
            {hunk.heading ? `${hunk.heading.trim()}, ` : ''}line {hunk.newStart}
          </span>
        </div>
      )}
      {hunk.lines.map((line, i) => {
        const number = line.kind === '-' ? before : after;
        if (line.kind !== '+') before++;
        if (line.kind !== '-') after++;
        const partner = line.kind === '-' ? hunk.lines[i + 1] : line.kind === '+' ? hunk.lines[i - 1] : undefined;
        const paired = partner && partner.kind !== ' ' && partner.kind !== line.kind ? partner.text : undefined;
        return (
          <div
            // lines of a hunk never move
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={i}
            className={cx(
              'grid grid-cols-[40px_18px_1fr] pr-3 whitespace-pre',
              line.kind === '+' && 'bg-add-bg text-add-ink',
              line.kind === '-' && 'bg-del-bg text-del-ink',
            )}
          >
            <span className="pr-2.5 text-right text-11 text-ink-2 select-none">{number}</span>
            <span className="text-center select-none">{line.kind === '-' ? '−' : line.kind}</span>
            <span>
              {paired === undefined ? line.text : <Words text={line.text} other={paired} added={line.kind === '+'} />}
            </span>
          </div>
        );
      })}
    </>
  );
}

/** Marks what lies between the common beginning and end of two versions of a line. */
function Words({ text, other, added }: { text: string; other: string; added: boolean }) {
  let start = 0;
  while (start < text.length && text[start] === other[start]) start++;
  let end = 0;
  while (end < text.length - start && end < other.length - start && text.at(-1 - end) === other.at(-1 - end)) end++;
  const middle = text.slice(start, text.length - end);
  // lines that have little in common are better read whole
  if (!middle || start + end < text.length / 3) return text;
  return (
    <>
      {text.slice(0, start)}
      <span className={cx('rounded-[2px]', added ? 'bg-add-word' : 'bg-del-word')}>{middle}</span>
      {text.slice(text.length - end)}
    </>
  );
}
