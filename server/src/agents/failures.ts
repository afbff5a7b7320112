/** What can go wrong with a model, in plain words, and whether trying again makes sense. */
import { AppError } from '../errors.ts';

export type FailureKind =
  | 'overloaded'
  | 'timeout'
  | 'cut'
  | 'unreachable'
  | 'key'
  | 'no_key'
  | 'no_model'
  | 'refused'
  | 'too_long'
  | 'empty'
  | 'other';

export interface ModelFailure {
  kind: FailureKind;
  /** worth another try in a moment */
  retry: boolean;
  /** milliseconds that the provider asks to wait */
  waitMs: number | undefined;
  /** what happened, and the way out */
  message: string;
}

/** What happened, without the way out: for the list of what was tried before a model answered. */
export const FAILURE_WORDS: Record<FailureKind, string> = {
  overloaded: 'was overloaded or had too many requests',
  timeout: 'said nothing for too long',
  cut: 'broke off',
  unreachable: 'could not be reached',
  key: 'did not accept the key, or its account has no credit',
  no_key: 'has no key',
  no_model: 'is not known at its provider',
  refused: 'declined to answer',
  too_long: 'cannot hold a chat this long',
  empty: 'gave an empty answer',
  other: 'had an error',
};

interface ProviderError {
  statusCode?: number;
  isRetryable?: boolean;
  responseHeaders?: Record<string, string>;
  message?: string;
  type?: string;
  code?: unknown;
  cause?: unknown;
  data?: { error?: { type?: string; message?: string; code?: unknown } };
}

/** Sorts whatever a provider threw. `name` is the model's, as people know it. */
export function describeFailure(error: unknown, name: string): ModelFailure {
  if (error instanceof NoModelAnswered) return error.failure;
  const e = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as ProviderError;
  const inner = e.data?.error;
  const code = inner?.code ?? e.code;
  const status = e.statusCode ?? (typeof code === 'number' && code >= 400 ? code : undefined);
  const type = `${inner?.type ?? e.type ?? ''} ${typeof code === 'string' ? code : ''}`;
  const text = inner?.message ?? e.message ?? '';
  if (error instanceof ModelTimeout)
    return failure('timeout', true, `${name} did not answer for ${error.seconds} seconds. Send your message again.`);
  if (error instanceof EmptyAnswer)
    return failure('empty', false, `${name} gave an empty answer. Send your message again.`);
  if (error instanceof AnswerTooLong)
    return failure('other', false, `${name} did not come to an end, so it was stopped. Say it in another way.`);
  if (status === 402 || /credit balance|insufficient_quota|exceeded your current quota/i.test(`${type} ${text}`))
    return failure('key', false, `The account behind the key has no credit left. Top it up with the provider.`);
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
  if (status === 401 || status === 403 || /invalid_api_key|authentication_error/.test(type))
    return failure(
      'key',
      false,
      `${name} did not accept the key. Check it in Settings, or go on with the built-in builder.`,
    );
  if (status === 404 || /model_not_found/.test(type))
    return failure('no_model', false, `The provider does not know this model. Choose another one for this chat.`);
  if (status === 413 || /prompt is too long|context/i.test(text))
    return failure(
      'too_long',
      false,
      `This chat has become too long for ${name}. Start a new chat for the same app; it sees all merged work.`,
    );
  if ((status !== undefined && status >= 500) || /server_error|api_error/.test(type))
    return failure(
      'other',
      true,
      `${name} had an error on its side${status ? ` (${status})` : ''}. Send your message again.`,
      waitOf(e),
    );
  // below 400 the provider had accepted, and the answer broke off before anything of it could be read
  if (status !== undefined && status >= 400)
    return failure('other', false, `${name} refused the request (${status}): ${text.slice(0, 200)}`);
  if (error instanceof AppError)
    return failure(
      error.code === 'no_key' ? 'no_key' : 'other',
      false,
      `${error.message}${error.detail ? ` ${error.detail}` : ''}`,
    );
  if (isUnreachable(error))
    return failure(
      'unreachable',
      true,
      `${name} cannot be reached. Check its address in Settings, and whether it runs.`,
    );
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

/** It ended without a word. */
export class EmptyAnswer extends Error {
  override readonly name = 'EmptyAnswer';
}

/** It wrote more than any answer can be. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}

/** Every model of the order was tried as often as makes sense. */
export class NoModelAnswered extends Error {
  override readonly name = 'NoModelAnswered';
  readonly failure: ModelFailure;

  /** @param failed the last failure of each, in the order in which they are asked */
  constructor(failed: { name: string; failure: ModelFailure }[]) {
    super('no model answered');
    const [first] = failed;
    const message =
      failed.length === 1
        ? first!.failure.message
        : `None of ${failed.length} models answered: ${failed.map((one) => `${one.name} ${FAILURE_WORDS[one.failure.kind]}`).join('; ')}. Your work is safe; send your message again in a minute, or look at the models in Settings.`;
    this.failure = { ...first!.failure, message, retry: false, waitMs: undefined };
  }
}

const failure = (kind: FailureKind, retry: boolean, message: string, waitMs?: number): ModelFailure => ({
  kind,
  retry,
  message,
  waitMs,
});

const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|.*CERT.*|ERR_TLS.*|ERR_SSL.*)$/;

function isUnreachable(error: unknown): boolean {
  for (let e = error, depth = 0; typeof e === 'object' && e !== null && depth < 6; depth++) {
    const { code, errors, cause } = e as { code?: unknown; errors?: unknown[]; cause?: unknown };
    if (typeof code === 'string' && UNREACHABLE.test(code)) return true;
    if (Array.isArray(errors) && errors.some(isUnreachable)) return true;
    e = cause;
  }
  return false;
}

function waitOf(error: ProviderError): number | undefined {
  const headers = error.responseHeaders ?? {};
  const ms = Number(headers['retry-after-ms']);
  if (Number.isFinite(ms) && ms > 0) return Math.min(ms, 60_000);
  const after = headers['retry-after'];
  if (!after) return undefined;
  // seconds, or a date
  const seconds = Number(after);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - Date.now();
  return wait > 0 ? Math.min(wait, 60_000) : undefined;
}
