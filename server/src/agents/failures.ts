/** What can go wrong with a model, in plain words, and whether trying again makes sense. */
import { AppError } from '../errors.ts';

export interface ModelFailure {
  kind: 'overloaded' | 'timeout' | 'cut' | 'key' | 'refused' | 'too_long' | 'other';
  /** worth another try in a moment */
  retry: boolean;
  /** milliseconds that the provider asks to wait */
  waitMs: number | undefined;
  /** what happened, and the way out */
  message: string;
}

interface ProviderError {
  statusCode?: number;
  isRetryable?: boolean;
  responseHeaders?: Record<string, string>;
  message?: string;
  name?: string;
  cause?: unknown;
  data?: { error?: { type?: string; message?: string } };
}

/** Sorts whatever a provider threw. `name` is the model's, as people know it. */
export function describeFailure(error: unknown, name: string): ModelFailure {
  const e = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as ProviderError;
  const status = e.statusCode;
  const type = e.data?.error?.type ?? '';
  const text = e.data?.error?.message ?? e.message ?? '';
  if (error instanceof ModelTimeout)
    return failure('timeout', true, `${name} did not answer for ${error.seconds} seconds. Send your message again.`);
  if (
    status === 429 ||
    status === 529 ||
    status === 503 ||
    /overloaded|rate_limit/.test(type) ||
    /overloaded/i.test(text)
  ) {
    const more = status === 429 ? 'It has had too many requests.' : 'It is overloaded.';
    return failure(
      'overloaded',
      true,
      `${name} cannot answer now. ${more} Your work is safe; send your message again in a minute.`,
      waitOf(e),
    );
  }
  if (status === 401 || status === 403)
    return failure(
      'key',
      false,
      `${name} did not accept the key. Check it in Settings, or go on with the built-in builder.`,
    );
  if (status === 404)
    return failure('other', false, `The provider does not know this model. Choose another one for this chat.`);
  if (status === 413 || /prompt is too long|context/i.test(text))
    return failure(
      'too_long',
      false,
      `This chat has become too long for ${name}. Start a new chat for the same app; it sees all merged work.`,
    );
  if (status === 402 || /credit balance/i.test(text))
    return failure('key', false, `The account behind the key has no credit left. Top it up with the provider.`);
  if (status !== undefined && status >= 500)
    return failure('other', true, `${name} had an error on its side (${status}). Send your message again.`, waitOf(e));
  // below 400 the provider had accepted, and the answer broke off before anything of it could be read
  if (status !== undefined && status >= 400)
    return failure('other', false, `${name} refused the request (${status}): ${text.slice(0, 200)}`);
  if (error instanceof AppError)
    return failure('other', false, `${error.message}${error.detail ? ` ${error.detail}` : ''}`);
  return failure('cut', true, `The connection to ${name} broke off. Send your message again.`);
}

/** Nothing came for too long. */
export class ModelTimeout extends Error {
  override readonly name = 'ModelTimeout';
  readonly seconds: number;
  constructor(seconds: number) {
    super(`no answer for ${seconds} s`);
    this.seconds = seconds;
  }
}

const failure = (kind: ModelFailure['kind'], retry: boolean, message: string, waitMs?: number): ModelFailure => ({
  kind,
  retry,
  message,
  waitMs,
});

function waitOf(error: ProviderError): number | undefined {
  const headers = error.responseHeaders ?? {};
  const ms = Number(headers['retry-after-ms']);
  if (Number.isFinite(ms) && ms > 0) return Math.min(ms, 60_000);
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, 60_000) : undefined;
}
