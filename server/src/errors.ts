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
