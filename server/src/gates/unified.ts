/** A difference as text for a model. */
import type { FileDiff } from '../../../contract/chats.ts';

const MOST = 60_000;

/** The unified format, as far as a model needs it; cut where it would fill its context. */
export function unified(files: FileDiff[]): string {
  const text = files.map((file) => {
    const hunks = file.hunks.map(
      (hunk) =>
        `@@ ${hunk.oldStart} ${hunk.newStart} @@\n${hunk.lines.map((line) => line.kind + line.text).join('\n')}`,
    );
    return `${file.change} ${file.path}\n${hunks.join('\n')}`;
  });
  return text.join('\n\n').slice(0, MOST);
}
