/** The organisation whose settings a person reads or changes: that of their first container. */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { accessOf } from '../plugins/access.ts';

/** @param change true: only an owner or admin may go on. @throws AppError `no_container`, `not_allowed` */
export function organisationOf(request: FastifyRequest, change: boolean): string {
  const container = accessOf(request).containers[0];
  if (!container) throw new AppError('no_container', 'missing', 'Nobody has shared a place with you yet.');
  if (change && container.role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may change settings.');
  return container.organisationId;
}
