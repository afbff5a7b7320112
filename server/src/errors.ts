/**
 * The one error class. `kind` says whose fault it is: everything but `bug` is expected, is shown to the person as it is
 * written, and pages nobody. One place (http/plugins/problems.ts) maps a kind to a status.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'limit'
  | 'unavailable'
  | 'bug';

export class AppError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly detail: string | undefined;
  readonly fields: Record<string, string> | undefined;

  /**
   * @param code stable, snake_case, for programs
   * @param kind whose fault it is
   * @param message one plain sentence: what happened
   * @param more `detail` is the way out; `fields` a message per input field
   */
  constructor(
    code: string,
    kind: ErrorKind,
    message: string,
    more: { cause?: unknown; detail?: string; fields?: Record<string, string> } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'AppError';
    this.code = code;
    this.kind = kind;
    this.detail = more.detail;
    this.fields = more.fields;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What kind of failure it is, for programs: two of one kind have the same. */
export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : messageOf(error);
}

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
  bug: 500,
};

/** The HTTP status of a kind of error. */
export const statusOf = (kind: ErrorKind): number => STATUS[kind];
