/** A question that the turn waits for. Answering is the next move. */
import { Radio } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { Question } from '../../../../contract/events.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { answerQuestion } from './api.ts';

export function QuestionCard({
  chatId,
  question,
  answer,
  open,
}: {
  chatId: string;
  question: Question;
  answer: string | null;
  open: boolean;
}) {
  const id = useId();
  // where a statement would run, a stray Enter must not be a yes
  const [chosen, setChosen] = useState(question.options.at(question.statement ? -1 : 0)?.label ?? '');
  const [own, setOwn] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  if (answer !== null || !open) {
    return (
      <section className="rounded-3 border border-line bg-raised px-3 py-2.5">
        <p className="text-ink-2">{question.question}</p>
        <p className="mt-0.5 text-15 font-mid">{answer ?? 'Not answered'}</p>
      </section>
    );
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const text = own.trim() || chosen;
    if (!text) return setProblem('Choose one, or write your own answer.');
    setBusy(true);
    setProblem('');
    await answerQuestion(chatId, question.questionId, text).catch((error) => {
      setProblem(sentenceOf(error));
      setBusy(false);
    });
  };
  return (
    <form
      onSubmit={submit}
      aria-labelledby={id}
      className={cx(
        'overflow-hidden rounded-3 border bg-raised',
        question.live
          ? 'border-live shadow-[0_0_0_3px_var(--db-live-soft)]'
          : 'border-accent-line shadow-[0_0_0_3px_var(--accent-soft)]',
      )}
    >
      {question.live && (
        <p className="flex items-center gap-1.5 bg-live-soft px-3 py-1.5 text-12 font-mid text-live-ink">
          <Radio size={13} aria-hidden="true" /> On live, where customers are.
        </p>
      )}
      <div className="grid gap-2 p-3">
        <h2 id={id} className="text-15">
          {question.question}
        </h2>
        {question.detail && <p className="text-ink-2">{question.detail}</p>}
        {question.statement && (
          <pre className="max-h-60 overflow-auto rounded-2 border border-line bg-sunken px-3 py-2 font-mono text-12 whitespace-pre-wrap">
            {question.statement}
          </pre>
        )}
        {question.facts && question.facts.length > 0 && (
          <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1 rounded-2 bg-sunken px-3 py-2 text-13">
            {question.facts.map(({ label, value }) => (
              <div key={`${label} ${value}`} className="contents">
                <dt className="text-ink-3">{label}</dt>
                <dd className="break-words text-ink-2">{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {question.options.length > 0 && (
          <fieldset className="grid gap-0.5">
            <legend className="sr">Choose one</legend>
            {question.options.map((option) => (
              <label
                key={option.label}
                className="flex min-h-8 cursor-pointer items-center gap-2.5 py-1 text-15 max-md:min-h-11"
              >
                <input
                  type="radio"
                  name={id}
                  checked={own.trim() === '' && chosen === option.label}
                  onChange={() => {
                    setChosen(option.label);
                    setOwn('');
                  }}
                  className="h-4 w-4 shrink-0 appearance-none rounded-full border-[1.5px] border-line-3 bg-raised checked:border-[5px] checked:border-accent"
                />
                <span>
                  {option.label}
                  {option.detail && <span className="block text-13 text-ink-3">{option.detail}</span>}
                </span>
              </label>
            ))}
          </fieldset>
        )}
        {(question.allowText || question.options.length === 0) && (
          <input
            aria-label="Your own answer"
            placeholder={question.options.length > 0 ? 'Or say it in your own words' : 'Your answer'}
            value={own}
            onChange={(event) => setOwn(event.target.value)}
            className="h-9 rounded-2 border border-line-3 bg-raised px-2.5 text-15 max-md:h-11"
          />
        )}
        {problem && <Notice>{problem}</Notice>}
      </div>
      <footer className="flex items-center gap-2 border-t border-line px-3 py-2 text-12 text-ink-3">
        <span className="flex-1">The turn rests until you answer. It costs nothing.</span>
        <Button type="submit" look={question.live ? 'live' : 'primary'} hint="↵" disabled={busy}>
          Answer
        </Button>
      </footer>
    </form>
  );
}
