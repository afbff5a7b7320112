/** A starter: an app to begin with, as the operations that make its spec. Whoever starts from it changes it like any other. */
import type { SpecOperation } from '../../../../contract/spec-operations.ts';

export interface Starter {
  id: string;
  /** what the app is called */
  title: string;
  /** what it is for, in one sentence */
  text: string;
  operations: SpecOperation[];
}
