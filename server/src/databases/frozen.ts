/** What is refused while a container is frozen, in one sentence. The mark is a table in each of its databases, made and dropped with the privileges. */
import { AppError } from '../errors.ts';

const CODE = 'VF001';
/** PostgreSQL's own, for a role that may not log in. */
const NO_LOGIN = '28000';

/** First of several statements: with a frozen database none of them runs. */
export const REFUSE_FROZEN = `do $$ begin if pg_catalog.to_regclass('vibe_freeze.taken') is not null then raise exception using errcode = '${CODE}', message = 'the container is frozen'; end if; end $$`;

export const containerFrozen = (cause?: unknown): AppError =>
  new AppError('container_frozen', 'conflict', 'The container is frozen: nothing is written until somebody lifts it.', {
    cause,
    detail: 'Whoever manages it can lift it under Data. Reading goes on.',
  });

/** Whether the server refused because of the freeze. */
export const isFrozen = (error: unknown): boolean =>
  error instanceof AppError
    ? error.code === 'container_frozen'
    : [CODE, NO_LOGIN].includes((error as { code?: string } | undefined)?.code ?? '');

/** To be thrown: the sentence for a freeze, and anything else as it is. */
export const frozenOr = (error: unknown): unknown => (isFrozen(error) ? containerFrozen(error) : error);
