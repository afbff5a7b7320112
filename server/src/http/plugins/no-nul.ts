/** Refuses the one character that no text of PostgreSQL can hold, before it becomes an error of ours deep inside. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';

export function refuseNul(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    if (holdsNul(request.body) || holdsNul(request.query) || holdsNul(request.params))
      throw new AppError('invalid_input', 'invalid', 'The text holds a character that cannot be stored (NUL).');
  });
}

function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  // bytes are not text
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  return Object.entries(value).some(([key, one]) => key.includes('\0') || holdsNul(one));
}
