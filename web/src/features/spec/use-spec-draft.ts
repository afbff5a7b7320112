/** What a person is about to change: operations that are tried on the server at every step, and made together. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import type { Spec } from '../../../../contract/spec.ts';
import type { SpecOperation, SpecPreview } from '../../../../contract/spec-operations.ts';
import { sentenceOf } from '../../lib/api.ts';
import { changeSpec, getSpec, previewSpec, specKey } from './api.ts';

export interface SpecDraft {
  /** as it would be with the steps so far; undefined while it is read */
  spec: Spec | null | undefined;
  /** the app came from elsewhere: it has none */
  imported: boolean;
  steps: SpecOperation[];
  preview: SpecPreview | undefined;
  busy: boolean;
  /** why the last step was refused, or why nothing could be read */
  problem: string;
  /** tries one step more. @returns whether it was taken */
  add: (operation: SpecOperation) => Promise<boolean>;
  undoStep: () => void;
  discard: () => void;
  /** makes all steps, as one turn of the chat */
  apply: () => Promise<void>;
}

/** @param version changes when the files of the chat do */
export function useSpecDraft(chatId: string, version: number): SpecDraft {
  const queries = useQueryClient();
  const read = useQuery({
    queryKey: specKey(chatId, version),
    queryFn: () => getSpec(chatId),
    placeholderData: (before) => before,
  });
  const [steps, setSteps] = useState<SpecOperation[]>([]);
  const [preview, setPreview] = useState<SpecPreview>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  // one after the other: each step builds on those before it
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const taken = useRef<SpecOperation[]>([]);

  const tryOut = useCallback(
    (change: (before: SpecOperation[]) => SpecOperation[]): Promise<boolean> => {
      const attempt = line.current.then(async () => {
        const next = change(taken.current);
        setBusy(true);
        setProblem('');
        try {
          setPreview(next.length > 0 ? await previewSpec(chatId, next) : undefined);
          taken.current = next;
          setSteps(next);
          return true;
        } catch (error) {
          setProblem(sentenceOf(error));
          return false;
        } finally {
          setBusy(false);
        }
      });
      line.current = attempt;
      return attempt;
    },
    [chatId],
  );

  const discard = () => {
    taken.current = [];
    setSteps([]);
    setPreview(undefined);
    setProblem('');
  };
  const apply = async () => {
    setBusy(true);
    setProblem('');
    try {
      await changeSpec(chatId, steps);
      if (preview) queries.setQueryData(specKey(chatId, version), { spec: preview.spec, imported: false });
      discard();
    } catch (error) {
      setProblem(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return {
    spec: preview?.spec ?? read.data?.spec,
    imported: read.data?.imported ?? false,
    steps,
    preview,
    busy,
    problem: problem || (read.error ? sentenceOf(read.error) : ''),
    add: (operation) => tryOut((before) => [...before, operation]),
    undoStep: () => void tryOut((before) => before.slice(0, -1)),
    discard,
    apply,
  };
}
