/** What went wrong in the preview since its files last changed, and when its page is to be loaded anew. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { PreviewProblem } from '../../../../contract/preview.ts';
import type { Thread } from '../chats/projection.ts';

const MOST = 5;

/**
 * @param working a turn runs: files are in the middle of a change, and what breaks meanwhile may be whole a second later. It is not shown;
 * when the turn ends, `recheck` goes up, so that the page is loaded anew and says whether it is still so
 */
export function useProblems(thread: Thread, working: boolean) {
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
  const [recheck, setRecheck] = useState(0);
  const broke = useRef(false);
  if (working && problems.length > 0) broke.current = true;
  useEffect(() => {
    if (working || !broke.current) return;
    broke.current = false;
    // the dev server needs a moment to have seen the last files
    const timer = setTimeout(() => setRecheck((n) => n + 1), 800);
    return () => clearTimeout(timer);
  }, [working]);
  const opened = useRef(Date.now());
  const { rowsAt } = thread;
  useEffect(() => {
    // what happened before this screen was opened is in the page already
    if (rowsAt && Date.parse(rowsAt) > opened.current) setRecheck((n) => n + 1);
  }, [rowsAt]);
  const close = () => setClosed(new Set([...closed, ...problems.map((one) => `${version} ${keyOf(one)}`)]));
  return { problems: working ? [] : problems, add, close, recheck };
}

const keyOf = ({ message, file, line }: PreviewProblem): string => `${message} ${file}:${line}`;
