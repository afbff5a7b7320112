/** What the server says of a statement is for whoever wrote it, with the rule that it means; what lies behind it is not told. */
import type pg from 'pg';
import { messageOf } from '../../errors.ts';
import type { Outcome } from './router.ts';

const WORDS: Readonly<Record<string, readonly [rule: string, allowed: string]>> = {
  '57014': ['timeout', 'Ask for less at once: fewer rows, or a condition on an indexed column.'],
  '53400': ['timeout', 'It needs more temporary space than is allowed. Ask for less at once.'],
  '53200': ['memory', 'It needs more memory than one statement may have. Ask for less at once.'],
  '55P03': ['locked', 'Somebody else is writing these rows. Try again.'],
  '42501': ['permission', 'The tables that you may use are told with each turn.'],
  '25006': ['read_only', 'Only reading is allowed here.'],
};

export function fromServer(error: pg.DatabaseError): Outcome {
  const [rule, allowed] = WORDS[error.code ?? ''] ?? ['failed', error.hint];
  return { kind: 'refused', rule, message: `PostgreSQL: ${messageOf(error)}`, allowed };
}
