/** What a statement comes to, as gates hear it; a refusal is told like every other one. */
import type { RowAction } from '../../../contract/data.ts';
import type { Outcome } from '../databases/router/router.ts';
import type { TargetName } from '../databases/router/targets.ts';

/** An answer, or what a person must say yes to. */
export type SqlOutcome = Exclude<Outcome, { kind: 'refused' }> & {
  /** what it does to rows; null: it only reads */
  action: RowAction | null;
  target: TargetName;
};
