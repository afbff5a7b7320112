/** What a tool's step says in one line, in the chat and in its export. */

export interface StepResult {
  state: string;
  summary: string;
  declined?: boolean | undefined;
}

/** As a no was written before it said who. */
const BEFORE = /^Answered: (.*)$/s;

/** Whether it was refused by a person's no, and not by a rule. */
export const wasDeclined = ({ state, summary, declined }: StepResult): boolean =>
  state === 'refused' && (declined === true || BEFORE.test(summary));

/** What came of it, and of what a rule refused that it was not allowed. */
export function lineOfStep(step: StepResult): string {
  if (step.state !== 'refused') return step.summary;
  if (!wasDeclined(step)) return `Not allowed: ${step.summary}`;
  const answer = BEFORE.exec(step.summary)?.[1];
  return answer === undefined ? step.summary : `The answer was “${answer}”. Nothing was run or changed.`;
}
