/**
 * Who is asking, and may they. Every route declares its permission in `config`; one that does not cannot start. `signed-in` needs a
 * bearer token of a living session; finer questions (this chat, this app) are asked by the domain, which answers 404.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access, AccessSet } from '../../accounts/access-set.ts';
import type { AccessTokens } from '../../accounts/access-tokens.ts';
import { AppError } from '../../errors.ts';

export type Permission = 'public' | 'refresh-cookie' | 'signed-in' | 'owner';

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission;
  }
  interface FastifyRequest {
    access: Access | undefined;
  }
}

export function addAccess(app: FastifyInstance, tokens: AccessTokens, set: AccessSet): void {
  app.decorateRequest('access', undefined);
  app.addHook('onRoute', (route) => {
    if (!route.config?.permission) throw new Error(`${route.method} ${route.url} declares no permission`);
  });
  app.addHook('onRequest', async (request) => {
    const permission = request.routeOptions.config.permission;
    if (permission === 'public' || permission === 'refresh-cookie' || permission === undefined) return;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!token) throw new AppError('signed_out', 'unauthenticated', 'You are signed out.');
    const access = await set.of((await tokens.read(token)).sessionId);
    if (!access) throw new AppError('signed_out', 'unauthenticated', 'You are signed out.');
    if (permission === 'owner' && !access.owner)
      throw new AppError('not_found', 'missing', 'There is nothing at this address.');
    request.access = access;
  });
}

/** The access of a request on a route that needs one. */
export function accessOf(request: FastifyRequest): Access {
  if (!request.access) throw new AppError('no_access', 'bug', 'a route read the access of a public request');
  return request.access;
}
