/** A refusal on its way up to the answer. */
import type { Refusal } from '../protocol.ts';
import { FolderError } from './folder.ts';

export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(code: string, message: string, more: { path?: string; line?: number; column?: number } = {}) {
    super(message);
    this.refusal = { ok: false, code, message, ...more };
  }
}

/** Runs `act`; a problem with the name becomes a refusal that tells the path. */
export function naming<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof FolderError) throw new Refused(error.code, error.message, { path });
    throw error;
  }
}

/** The answer for anything that was thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { ok: false, code: 'disk_full', message: 'The disk is full.' };
  return { ok: false, code: 'failed', message: message ?? String(error) };
}
