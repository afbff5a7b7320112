/** Builds the web process's HTTP application. It does not listen: tests inject into it, main.ts listens. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { ServerState } from '../../../contract/settings.ts';
import type { AccessSet } from '../accounts/access-set.ts';
import type { AccessTokens } from '../accounts/access-tokens.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import type { RegistrationRules } from '../accounts/registration.ts';
import type { Embeddings } from '../agents/embeddings.ts';
import type { ModelAddresses } from '../agents/model-addresses.ts';
import type { ModelKeys } from '../agents/model-keys.ts';
import type { ModelPreferences } from '../agents/model-preferences.ts';
import type { Providers } from '../agents/models/providers.ts';
import type { Config } from '../config.ts';
import type { Attachments } from '../conversations/attachments.ts';
import { serveLive } from '../conversations/live.ts';
import type { StreamingTexts } from '../conversations/streaming-texts.ts';
import type { Db } from '../db/database.ts';
import type { Hub } from '../events/hub.ts';
import type { EventLog } from '../events/log.ts';
import type { HostApi } from '../hosting/api.ts';
import { ChatViews } from './chat-views.ts';
import { apiPage, type Description } from './docs.ts';
import { addAccess } from './plugins/access.ts';
import { refuseNul } from './plugins/no-nul.ts';
import { addProblems } from './plugins/problems.ts';
import { isOwnOrigin } from './plugins/same-site.ts';
import { appRoutes } from './routes/apps.ts';
import { attachmentRoutes } from './routes/attachments.ts';
import { authRoutes } from './routes/auth.ts';
import { chatDeletionRoutes } from './routes/chat-deletion.ts';
import { chatHistoryRoutes } from './routes/chat-history.ts';
import { chatRoutes } from './routes/chats.ts';
import { containerRoutes } from './routes/containers.ts';
import { dataRoutes } from './routes/data.ts';
import { deployRoutes } from './routes/deploys.ts';
import { importRoutes } from './routes/imports.ts';
import { meRoutes } from './routes/me.ts';
import { mirrorRoutes } from './routes/mirrors.ts';
import { modelRoutes } from './routes/models.ts';
import { openRoutes } from './routes/open.ts';
import { outsideRoutes } from './routes/outside.ts';
import { peopleRoutes } from './routes/people.ts';
import { releaseRoutes } from './routes/releases.ts';
import { reminderRoutes } from './routes/reminders.ts';
import { settingsRoutes } from './routes/settings.ts';
import { specRoutes } from './routes/spec.ts';
import { starterRoutes } from './routes/starters.ts';

/** What the routes work with; made in main.ts. */
export interface Platform {
  config: Config;
  db: Db;
  keys: DataKeys;
  tokens: AccessTokens;
  accessSet: AccessSet;
  registration: RegistrationRules;
  log: EventLog;
  hub: Hub;
  texts: StreamingTexts;
  attachments: Attachments;
  host: HostApi;
  providers: Providers;
  modelKeys: ModelKeys;
  modelAddresses: ModelAddresses;
  modelPreferences: ModelPreferences;
  embeddings: Embeddings;
  /** tells the worker of this process, if there is one, that a chat has work: faster than the queue */
  wake: (chatId: string) => void;
  serverState: () => Promise<ServerState>;
  logger: Logger;
}

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

const WEB = fileURLToPath(new URL('../../../web/dist', import.meta.url));
const LARGEST_BODY = 256 * 1024;

export async function buildApp(platform: Platform): Promise<Api> {
  const app: Api = Fastify({
    loggerInstance: platform.logger as FastifyBaseLogger,
    trustProxy: true,
    bodyLimit: LARGEST_BODY,
    logController: new LogController({ disableRequestLogging: true }),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  addProblems(app as unknown as FastifyInstance);
  addAccess(app as unknown as FastifyInstance, platform.tokens, platform.accessSet);
  refuseNul(app as unknown as FastifyInstance);
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
  });
  await app.register(fastifySwagger, {
    openapi: {
      info: { title: 'Vibe', version: '1', description: 'From an idea to a live product through one chat.' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: (given) => {
      const made = jsonSchemaTransform(given);
      const open = given.route.config?.permission === 'public';
      return open && made.schema ? { ...made, schema: { ...made.schema, security: [] } } : made;
    },
  });
  const views = new ChatViews(platform);
  await app.register(async (scope) => authRoutes(scope as unknown as Api, platform));
  await app.register(async (scope) => {
    const api = scope as unknown as Api;
    meRoutes(api, platform);
    openRoutes(api, platform);
    containerRoutes(api, platform);
    peopleRoutes(api, platform);
    chatRoutes(api, platform, views);
    attachmentRoutes(api, platform);
    chatHistoryRoutes(api, platform);
    chatDeletionRoutes(api, platform, views);
    appRoutes(api, platform);
    releaseRoutes(api, platform);
    mirrorRoutes(api, platform);
    outsideRoutes(api, platform);
    deployRoutes(api, platform);
    reminderRoutes(api, platform);
    specRoutes(api, platform);
    starterRoutes(api, platform);
    importRoutes(api, platform);
    dataRoutes(api, platform);
    settingsRoutes(api, platform);
    modelRoutes(api, platform);
    api.get('/api/docs', { config: { permission: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
        .send(apiPage(app.swagger() as Description)),
    );
    api.get('/api/openapi.json', { config: { permission: 'public' }, schema: { hide: true } }, async () =>
      app.swagger(),
    );
  });
  await addWeb(app, platform);
  addLive(app, platform, views);
  return app;
}

/** The web UI: one page whatever the path, its assets for a year. What is neither is a problem in JSON. */
async function addWeb(app: Api, platform: Platform): Promise<void> {
  const csp = contentSecurityPolicy(platform.config);
  const built = existsSync(WEB);
  if (built) await app.register(fastifyStatic, { root: WEB, serve: false });
  const config = { permission: 'public' as const };
  app.get('/assets/*', { config, schema: { hide: true } }, (request, reply) => {
    const { pathname } = new URL(request.url, 'http://x');
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .sendFile(pathname.slice(1), { cacheControl: false });
  });
  app.setNotFoundHandler((request, reply) => {
    const isPage =
      built && request.method === 'GET' && !request.url.startsWith('/api/') && !request.url.startsWith('/assets/');
    if (!isPage) {
      const problem = {
        type: 'about:blank#not_found',
        title: 'There is nothing at this address.',
        status: 404,
        code: 'not_found',
      };
      return reply.code(404).type('application/problem+json').send(JSON.stringify(problem));
    }
    const headers = { 'content-security-policy': csp, 'referrer-policy': 'same-origin', 'cache-control': 'no-cache' };
    const file = /^\/[a-z0-9.-]+\.(svg|png|ico|webmanifest|txt)$/.exec(request.url)?.[0].slice(1);
    return reply
      .code(200)
      .headers(headers)
      .sendFile(file ?? 'index.html', { cacheControl: false });
  });
}

/** Previews are framed; nothing else comes from elsewhere. */
function contentSecurityPolicy(config: Config): string {
  const { protocol, host } = new URL(config.baseUrl);
  const [name, port] = host.split(':');
  const apps = `${protocol}//*.${name}${port ? `:${port}` : ''}`;
  const live = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
  return `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ${live}; frame-src ${apps}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; worker-src 'self' blob:; object-src 'none'`;
}

function addLive(app: Api, platform: Platform, views: ChatViews): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false });
  app.server.on('upgrade', (request, socket, head) => {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/api/live' || !isOwnOrigin(request.headers, platform.config.baseUrl)) {
      socket.end(
        `HTTP/1.1 ${path === '/api/live' ? '403 Forbidden' : '404 Not Found'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      serveLive(client, {
        db: platform.db,
        tokens: platform.tokens,
        accessSet: platform.accessSet,
        log: platform.log,
        hub: platform.hub,
        texts: platform.texts,
        showChat: (id) => views.show(id),
      });
    });
  });
  app.addHook('onClose', async () => {
    for (const client of sockets.clients) client.close(1012, 'restarting');
    sockets.close();
  });
}
