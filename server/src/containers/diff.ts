/** Differences between two trees of one app, as hunks for the screen and for models. */
import type { FileDiff } from '../../../contract/chats.ts';
import type { Git } from './git.ts';

const MOST_LINES_PER_FILE = 2000;

/** What changed below `apps/<slug>` from one commit (or tree) to another. Paths are relative to the app's folder. */
export async function diffApp(git: Git, from: string, to: string, slug: string): Promise<FileDiff[]> {
  const prefix = `apps/${slug}/`;
  const args = [
    'diff',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    '--unified=3',
    '--src-prefix=a/',
    '--dst-prefix=b/',
  ];
  const text = await git.text([...args, from, to, '--', prefix]);
  return parseDiff(text, prefix);
}

/** Reads git's unified format. `prefix` is cut from the paths. */
export function parseDiff(text: string, prefix = ''): FileDiff[] {
  const files: FileDiff[] = [];
  let file: FileDiff | undefined;
  let lines = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith('diff --git ')) {
      const path = line.slice(
        'diff --git a/'.length,
        (line.length - 'diff --git '.length - 1) / 2 + 'diff --git '.length,
      );
      file = {
        path: path.startsWith(prefix) ? path.slice(prefix.length) : path,
        change: 'M',
        additions: 0,
        deletions: 0,
        hunks: [],
        cut: false,
      };
      files.push(file);
      lines = 0;
      continue;
    }
    if (!file) continue;
    const hunk = file.hunks.at(-1);
    if (line.startsWith('@@ ')) {
      const match = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/.exec(line)!;
      file.hunks.push({ oldStart: Number(match[1]), newStart: Number(match[2]), heading: match[3] ?? '', lines: [] });
    } else if (!hunk) {
      if (line.startsWith('new file mode')) file.change = 'A';
      else if (line.startsWith('deleted file mode')) file.change = 'D';
    } else if (line.startsWith('+') || line.startsWith('-') || line.startsWith(' ')) {
      const kind = line[0] as '+' | '-' | ' ';
      if (kind === '+') file.additions++;
      if (kind === '-') file.deletions++;
      if (++lines <= MOST_LINES_PER_FILE) hunk.lines.push({ kind, text: line.slice(1) });
      else file.cut = true;
    }
  }
  return files;
}
