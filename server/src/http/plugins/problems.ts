/** The one place that turns an error into an answer (RFC 9457). An unexpected error is logged and hides its message. */
import type { FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Problem } from '../../../../contract/errors.ts';
import { AppError, statusOf } from '../../errors.ts';

/** What the schema library says by itself is for programmers; what a schema says in its own words stays. */
function plain(message: string | undefined): string {
  if (!message) return 'is not valid';
  if (/^Invalid input: expected .+, received undefined$/.test(message)) return 'is missing';
  const wanted = /^Invalid input: expected ([a-z]+)/.exec(message)?.[1];
  return wanted ? `must be ${wanted === 'int' ? 'a whole number' : wanted}` : message;
}

const problem = (status: number, code: string, title: string, more: Partial<Problem> = {}): Problem => ({
  type: `about:blank#${code}`,
  title,
  status,
  code,
  ...more,
});

export function addProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = describe(error);
    if (answer.status >= 500 && answer.code !== 'unavailable') request.log.error({ err: error }, 'unexpected error');
    const wait = /Wait (\d+) s/.exec(answer.detail ?? '')?.[1];
    if (wait) reply.header('retry-after', wait);
    if (answer.status === 413) {
      // closing while the rest still arrives would reset the connection before the answer is read
      reply.removeHeader('connection');
      request.raw.resume();
    }
    return reply.code(answer.status).type('application/problem+json').send(JSON.stringify(answer));
  });
}

function describe(error: unknown): Problem {
  if (error instanceof AppError) {
    if (error.kind === 'bug')
      return problem(500, error.code, 'Something went wrong on our side.', {
        detail: 'It has been logged. Try again.',
      });
    return problem(statusOf(error.kind), error.code, error.message, { detail: error.detail, fields: error.fields });
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = Object.fromEntries(
      error.validation.map((issue) => [
        issue.instancePath.split('/').filter(Boolean).join('.') || '(all)',
        plain(issue.message),
      ]),
    );
    return problem(400, 'invalid_input', Object.values(fields)[0] ?? 'The request is not valid.', { fields });
  }
  const status = (error as { statusCode?: number }).statusCode;
  if (status && status >= 400 && status < 500) {
    const code = status === 413 ? 'too_large' : status === 415 ? 'wrong_type' : 'bad_request';
    return problem(status, code, status === 413 ? 'This is too large.' : 'The request could not be read.');
  }
  return problem(500, 'internal', 'Something went wrong on our side.', { detail: 'It has been logged. Try again.' });
}
