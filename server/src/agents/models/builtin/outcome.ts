/** What the builder makes of words: operations, a question, or something to say. */
import type { AppLanguage, Entity, Field, Spec } from '../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../contract/spec-operations.ts';

export interface Question {
  question: string;
  detail?: string;
  options: { label: string; detail?: string }[];
  allowText: boolean;
}

export type Step = { operations: SpecOperation[]; assumed?: string[] } | { ask: Question } | { say: string };

/** What a reading of words can look at: the spec as it is at that point, and the answers that were given, in order. */
export interface Context {
  spec: Spec;
  answers: string[];
  /** of the message */
  language: AppLanguage;
  /** the message in the person’s own words, where what is read has English ones in between */
  own?: string;
  /** the list that the message made or changed last */
  subject?: string;
}

export type Resolved<T> = { found: T } | { ask: Question } | { say: string };
export type FoundField = { entity: Entity; field: Field };

/** The answer to the next question, taken off the list. */
export const nextAnswer = (context: Context): string | undefined => context.answers.shift();

export const NONE = 'None of these';
