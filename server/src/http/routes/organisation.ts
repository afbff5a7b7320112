/** The organisation whose settings a person reads or changes: that of the container that the call is about. */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { containerOf } from '../plugins/access.ts';

/** @param change true: only an owner or admin may go on. @throws AppError `no_container`, `not_allowed` */
export function organisationOf(request: FastifyRequest, change: boolean): string {
  const container = containerOf(request);
  if (change && container.role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may change settings.');
  return container.organisationId;
}
