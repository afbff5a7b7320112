/** What went wrong in the preview since its files last changed: what its server said, and what happened in this browser. */
import { useCallback, useMemo, useState } from 'react';
import type { PreviewProblem } from '../../../../contract/preview.ts';
import type { Thread } from '../chats/projection.ts';

const MOST = 5;

export function useProblems(thread: Thread) {
  const [page, setPage] = useState<{ version: number; problems: PreviewProblem[] }>({ version: 0, problems: [] });
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const version = thread.filesVersion;
  const add = useCallback(
    (problem: PreviewProblem) =>
      setPage((now) => {
        const before = now.version === version ? now.problems : [];
        if (before.some((one) => keyOf(one) === keyOf(problem))) return now;
        return { version, problems: [...before, problem].slice(-MOST) };
      }),
    [version],
  );
  const problems = useMemo(() => {
    const own = page.version === version ? page.problems : [];
    const all = [...thread.problems, ...own];
    const unique = all.filter((one, i) => all.findIndex((other) => other.message === one.message) === i);
    return unique.filter((one) => !closed.has(`${version} ${keyOf(one)}`)).slice(0, MOST);
  }, [page, thread.problems, closed, version]);
  const close = () => setClosed(new Set([...closed, ...problems.map((one) => `${version} ${keyOf(one)}`)]));
  return { problems, add, close };
}

const keyOf = ({ message, file, line }: PreviewProblem): string => `${message} ${file}:${line}`;
