/** What a person does with the work of a chat: take turns back, run them again, bring the work to main; and what is asked on the way. */
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { TurnMode } from '../../../../contract/chats.ts';
import { NOTHING_LOST } from '../../../../contract/loss-words.ts';
import { useToast } from '../../components/toasts.tsx';
import { chatKeys, mergeChat, redoTurn, rerun, sendMessage, undoTurn, updateChat } from '../../features/chats/api.ts';
import type { Thread, Turn } from '../../features/chats/projection.ts';
import { ApiError, sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';
import type { Lost } from './chat-questions.tsx';

interface Conflict {
  path: string;
  reason: string;
}

interface Props {
  chatId: string;
  thread: Thread;
  mode: TurnMode;
  setMode: (mode: TurnMode) => void;
  /** the chat is to be read anew */
  changed: () => void;
}

export function useChatChanges({ chatId, thread, mode, setMode, changed }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState<{ go: (rows: 'keep' | 'exact') => void }>();
  const [conflicts, setConflicts] = useState<Conflict[]>();
  const [lost, setLost] = useState<Lost>();
  const [merging, setMerging] = useState(false);
  const undoing = useRef(false);

  const undo = async (turnId: string, rows?: 'keep' | 'exact') => {
    // a double click means one undo
    if (undoing.current) return;
    undoing.current = true;
    setProblem('');
    setAsking(undefined);
    const turn = thread.entries.find((entry): entry is Turn => entry.kind === 'turn' && entry.id === turnId);
    try {
      client.setQueryData(chatKeys.one(chatId), await undoTurn(chatId, turnId, rows));
      toast({
        text: `Turn taken back${turn ? `: ${count(turn.files, 'file')} as before` : ''}`,
        action: { name: 'Redo', run: () => void redo(turnId) },
      });
    } catch (error) {
      if (error instanceof ApiError && error.problem.code === 'preview_used')
        setAsking({ go: (kept) => void undo(turnId, kept) });
      else setProblem(sentenceOf(error));
    }
    undoing.current = false;
  };
  const redo = async (turnId: string) => {
    setProblem('');
    toast(undefined);
    try {
      client.setQueryData(chatKeys.one(chatId), await redoTurn(chatId, turnId));
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  const runAgain = async (turnId: string, message: string, rows?: 'keep' | 'exact') => {
    setAsking(undefined);
    const latest = thread.entries.findLast((entry) => entry.kind === 'turn')?.id ?? turnId;
    try {
      await rerun(chatId, { turnId, latest, message, mode, ...(rows ? { rows } : {}) });
      changed();
    } catch (error) {
      if (!(error instanceof ApiError && error.problem.code === 'preview_used')) throw error;
      setAsking({
        go: (kept) => void runAgain(turnId, message, kept).catch((problem) => setProblem(sentenceOf(problem))),
      });
    }
  };
  const carryOut = (plan: Turn) => {
    setMode('build');
    sendMessage(plan.asked.text, { chatId: chatId, mode: 'build', planTurnId: plan.id }).then(changed, (error) =>
      setProblem(sentenceOf(error)),
    );
  };
  const merge = async (destroys = false) => {
    setProblem('');
    setLost(undefined);
    setMerging(true);
    try {
      await mergeChat(chatId, destroys);
    } catch (error) {
      const found = error instanceof ApiError ? error.problem : undefined;
      if (found?.code === 'destroys_data')
        setLost({ changes: found.conflicts ?? [], loses: found.loses ?? NOTHING_LOST });
      else if (found?.conflicts?.length) setConflicts(found.conflicts);
      else setProblem(sentenceOf(error));
    }
    setMerging(false);
    changed();
  };
  const update = async () => {
    setConflicts(undefined);
    try {
      const result = await updateChat(chatId);
      if (result.conflicts.length > 0)
        setProblem(
          `Updated from main. Both sides had changed the same: ${result.conflicts.map((one) => `${one.path}: ${one.reason}`).join(' ')} Look at what stands here now, put it together, then merge.`,
        );
      else toast({ text: 'Updated from main. Now it can be merged.' });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    changed();
  };

  return {
    /** one sentence, '' when all is well */
    problem,
    setProblem,
    /** the preview's rows were changed since: what becomes of them? */
    asking,
    setAsking,
    /** why a merge is refused */
    conflicts,
    setConflicts,
    /** what a merge would remove from the live app */
    lost,
    setLost,
    merging,
    undo,
    redo,
    runAgain,
    carryOut,
    merge,
    update,
  };
}
