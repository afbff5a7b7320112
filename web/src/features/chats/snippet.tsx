/** A piece of text with the words that were looked for marked. */
import type { Found } from '../../../../contract/chats.ts';

export const Snippet = ({ runs }: { runs: Found['snippet'] }) => (
  <>
    {runs.map((run, i) =>
      run.hit ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: the runs of one text never move
        <mark key={i} className="rounded-1 bg-accent-soft font-mid text-accent-ink">
          {run.text}
        </mark>
      ) : (
        run.text
      ),
    )}
  </>
);
