/** Registration, sign-in, refresh, sign-out. The refresh token travels only in a `__Host-` cookie of the platform's own host. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  installationSchema,
  loginSchema,
  registerSchema,
  signedInSchema,
  type User,
} from '../../../../contract/accounts.ts';
import { ACCESS_TOKEN_SECONDS } from '../../accounts/access-tokens.ts';
import { register, signIn } from '../../accounts/registration.ts';
import { type IssuedSession, revokeByToken, rotateSession, startSession } from '../../accounts/sessions.ts';
import { one, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Api, Platform } from '../app.ts';
import { refuseForeignOrigin } from '../plugins/same-site.ts';

const COOKIE = '__Host-vibe-refresh';

export function authRoutes(api: Api, platform: Platform): void {
  const { db, config } = platform;

  async function answer(reply: FastifyReply, user: User, issued: IssuedSession) {
    if (issued.refreshToken) setCookie(reply, issued.refreshToken, 60 * 24 * 3600);
    const accessToken = await platform.tokens.issue(issued);
    return { user, accessToken, expiresIn: ACCESS_TOKEN_SECONDS };
  }

  api.addHook('onRequest', async (request) => {
    if (request.method === 'POST') refuseForeignOrigin(request.headers, config.baseUrl);
  });

  api.get(
    '/api/auth/installation',
    { config: { permission: 'public' }, schema: { tags: ['auth'], response: { 200: installationSchema } } },
    async () => {
      const row = await one(
        db,
        sql<{
          claimed: boolean;
          open: boolean;
        }>`select owner_user_id is not null as claimed, registration_open as open from installation`,
      );
      return {
        claimed: row.claimed,
        registrationOpen: !row.claimed || row.open,
        codeNeeded: !row.claimed && platform.registration.firstCode !== undefined,
      };
    },
  );

  api.post(
    '/api/auth/register',
    {
      config: { permission: 'public' },
      schema: { tags: ['auth'], body: registerSchema, response: { 201: signedInSchema } },
    },
    async (request, reply) => {
      const user = await register(db, platform.registration, { ...request.body, address: request.ip });
      const issued = await startSession(db, user.id, request.headers['user-agent'] ?? '');
      return reply.code(201).send(await answer(reply, user, issued));
    },
  );

  api.post(
    '/api/auth/login',
    {
      config: { permission: 'public' },
      schema: { tags: ['auth'], body: loginSchema, response: { 200: signedInSchema } },
    },
    async (request, reply) => {
      const user = await signIn(db, { ...request.body, address: request.ip }, platform.registration.passwordCost);
      const issued = await startSession(db, user.id, request.headers['user-agent'] ?? '');
      return answer(reply, user, issued);
    },
  );

  api.post(
    '/api/auth/refresh',
    { config: { permission: 'refresh-cookie' }, schema: { tags: ['auth'], response: { 200: signedInSchema } } },
    async (request, reply) => {
      const token = readCookie(request);
      if (!token) throw new AppError('signed_out', 'unauthenticated', 'You are signed out.');
      try {
        const issued = await rotateSession(db, token);
        const user = await one(db, sql<User>`select id, email, name from users where id = ${issued.userId}`);
        return await answer(reply, user, issued);
      } catch (error) {
        if (error instanceof AppError && error.kind === 'unauthenticated') setCookie(reply, '', 0);
        throw error;
      }
    },
  );

  api.post(
    '/api/auth/logout',
    { config: { permission: 'refresh-cookie' }, schema: { tags: ['auth'], response: { 204: z.null() } } },
    async (request, reply) => {
      const token = readCookie(request);
      if (token) await revokeByToken(db, token);
      setCookie(reply, '', 0);
      return reply.code(204).send(null);
    },
  );
}

function setCookie(reply: FastifyReply, value: string, maxAge: number): void {
  reply.header('set-cookie', `${COOKIE}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; Secure; SameSite=Strict`);
}

function readCookie(request: FastifyRequest): string | undefined {
  const found = (request.headers.cookie ?? '').split(/;\s*/).find((part) => part.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1) || undefined;
}
