/** Messages that wait for the running turn, above the composer: each can be written anew or taken back until it is its turn. */
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import type { Attachment } from '../../../../contract/attachments.ts';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { beginning, count } from '../../lib/text.ts';
import { editQueued, withdraw } from './api.ts';
import type { Turn } from './projection.ts';
import { WordsEditor } from './words-editor.tsx';

interface Props {
  chatId: string;
  queued: Turn[];
  /** words that would be lost go back to where they can be sent from */
  onTakenBack: (text: string, files: Attachment[]) => void;
}

export function Queue({ chatId, queued, onTakenBack }: Props) {
  const [problem, setProblem] = useState('');
  const [editing, setEditing] = useState<{ id: string; text: string; seq: number }>();
  const still = queued.some((turn) => turn.id === editing?.id);
  const editor = (editing: { id: string; text: string; seq: number }) => (
    <WordsEditor
      label="Message that waits"
      text={editing.text}
      act="Keep these words"
      note={still ? undefined : 'This message is being answered already. Your words are still here.'}
      onCancel={() => setEditing(undefined)}
      onDone={async (message) => {
        await editQueued(chatId, editing.id, { message, seq: editing.seq });
        setEditing(undefined);
      }}
      {...(still
        ? {}
        : {
            other: {
              name: 'Put them below',
              run: (text: string) => {
                setEditing(undefined);
                onTakenBack(text, []);
              },
            },
          })}
    />
  );
  return (
    <>
      {(queued.length > 0 || editing) && (
        <ol aria-label="Messages that wait" className="mx-2.5 rounded-t-3 border border-b-0 border-line-2 bg-bg">
          {queued.map((turn, i) =>
            editing?.id === turn.id ? (
              <li key={turn.id} className="border-b border-line p-2.5 last:border-b-0">
                {editor(editing)}
              </li>
            ) : (
              <li
                key={turn.id}
                className="flex min-h-8 items-center gap-2 border-b border-line px-2.5 last:border-b-0 max-md:min-h-11"
              >
                <span className="text-12 font-strong text-ink-3">{i === 0 ? 'Next' : i + 1}</span>
                {turn.mode === 'plan' && <span className="text-12 font-mid text-ink-2">Plan</span>}
                <span className="min-w-0 flex-1 truncate">{beginning(turn.asked.text, 300)}</span>
                {turn.asked.attachments.length > 0 && (
                  <span className="text-12 whitespace-nowrap text-ink-3">
                    {count(turn.asked.attachments.length, 'file')}
                  </span>
                )}
                <Button
                  look="bare"
                  size="icon"
                  aria-label={`Edit: ${beginning(turn.asked.text, 60)}`}
                  title="Edit"
                  onClick={() => {
                    setProblem('');
                    setEditing({ id: turn.id, text: turn.asked.text, seq: turn.asked.seq });
                  }}
                >
                  <Pencil size={13} aria-hidden="true" />
                </Button>
                <Button
                  look="bare"
                  aria-label={`Take back: ${beginning(turn.asked.text, 60)}`}
                  onClick={() =>
                    withdraw(chatId, turn.id).then(
                      () => {
                        setProblem('');
                        onTakenBack(turn.asked.text, turn.asked.attachments);
                      },
                      (error) => setProblem(sentenceOf(error)),
                    )
                  }
                >
                  Take back
                </Button>
              </li>
            ),
          )}
          {editing && !still && <li className="p-2.5">{editor(editing)}</li>}
        </ol>
      )}
      {problem && (
        <div className="mb-2">
          <Notice>{problem}</Notice>
        </div>
      )}
    </>
  );
}
