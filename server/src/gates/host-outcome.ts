/** Turns what a host answers into what a tool answers. */
import type { HostOutcome } from '../hosting/api.ts';
import { done, refused, type ToolOutcome } from './tool.ts';

/** @param summary what the person reads when it was done */
export function fromHost(outcome: HostOutcome, summary: (value: unknown) => string): ToolOutcome {
  if (!outcome.ok) return refused(outcome.code, outcome.message, outcome.detail);
  return done(summary(outcome.value), outcome.value, outcome.files ? { files: outcome.files } : {});
}
