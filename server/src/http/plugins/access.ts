/**
 * Who is asking, and may they. Every route declares its permission in `config`; one that does not cannot start. `signed-in` needs a
 * bearer token of a living session; finer questions (this chat, this app) are asked by the domain, which answers 404. Somebody with several
 * containers names the one that a call is about in the header `Vibe-Container`; it stands first in their access then, and first is what
 * counts where a call does not name one.
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
    request.access = about(request.headers['vibe-container'], access);
  });
}

/** The access of a request on a route that needs one. */
export function accessOf(request: FastifyRequest): Access {
  if (!request.access) throw new AppError('no_access', 'bug', 'a route read the access of a public request');
  return request.access;
}

/** The access with the named container first. @throws AppError `container_not_found`, as for one that does not exist */
function about(named: string | string[] | undefined, access: Access): Access {
  if (named === undefined) return access;
  const container = access.containers.find(({ id }) => id === named);
  if (!container)
    throw new AppError('container_not_found', 'missing', 'There is no such container.', {
      detail: 'It may be gone, or you were taken out of it.',
    });
  return { ...access, containers: [container, ...access.containers.filter((other) => other !== container)] };
}

/** The container that a call is about. @throws AppError `no_container` */
export function containerOf(request: FastifyRequest): Access['containers'][number] {
  const container = accessOf(request).containers[0];
  if (!container) throw new AppError('no_container', 'missing', 'Nobody has shared a container with you yet.');
  return container;
}
