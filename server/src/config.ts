/** The settings. The only file that reads the environment; it names every problem at once, in plain words. */
import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const url = (protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  });
const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((value) => value === '1');

const environment = z.object({
  PORT: z.coerce.number({ error: 'must be a number' }).int().min(1).max(65535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  VIBE_BASE_URL: url(['http:', 'https:']).optional(),
  VIBE_DATA_DIR: z.string().min(1).default('.vibe'),
  VIBE_ALLOW_PLAIN_HTTP: flag.default(false),
  VIBE_NO_APT: flag.default(false),
  VIBE_PREVIEW_SLEEP_SECONDS: z.coerce.number().int().min(5).default(900),
  VIBE_LIVE_SLEEP_SECONDS: z.coerce.number().int().min(5).default(1800),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  VIBE_DATA_CLUSTER_URL: url(['postgres:', 'postgresql:']).optional(),
  ANTHROPIC_API_KEY: z.string().min(1).optional(),
  ANTHROPIC_BASE_URL: url(['http:', 'https:']).optional(),
  OPENAI_API_KEY: z.string().min(1).optional(),
  OPENAI_BASE_URL: url(['http:', 'https:']).optional(),
  TOGETHER_API_KEY: z.string().min(1).optional(),
  TOGETHER_BASE_URL: url(['http:', 'https:']).optional(),
  VIBE_MODEL: z.string().min(1).optional(),
  // Node's own client gives up a silent answer after 300 seconds
  VIBE_MODEL_SILENCE_SECONDS: z.coerce
    .number({ error: 'must be a number' })
    .min(1)
    .max(290, { error: 'must be at most 290' })
    .default(120),
  VIBE_STARTED_MS_AGO: z.coerce.number().min(0).default(0),
  VIBE_CHROMIUM: z.string().min(1).optional(),
  VIBE_SANDBOX: z
    .enum(['bubblewrap', 'unshare', 'docker'], { error: 'must be bubblewrap, unshare or docker' })
    .optional(),
  DOCKER_HOST: z.string().min(1).optional(),
  VIBE_NPM_PATH: z.string().min(1).default('npm'),
  VIBE_NPM_REGISTRY: url(['http:', 'https:']).optional(),
  VIBE_IMPORT_PRIVATE_HOSTS: z.string().default(''),
  VIBE_LIVE_PRIVATE_HOSTS: z.string().default(''),
  VIBE_FIRST_CODE: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export interface Config {
  port: number;
  /** the address that the gateway listens on */
  host: string;
  /** where people reach the platform, without a trailing slash, e.g. http://localhost:4000 */
  baseUrl: string;
  /** host[:port] of the base address; apps and previews live one label below it */
  baseHost: string;
  secure: boolean;
  loopback: boolean;
  dataDir: string;
  /** short path for sockets (a unix socket's path has at most 107 characters) */
  runDir: string;
  noApt: boolean;
  previewSleepMs: number;
  liveSleepMs: number;
  databaseUrl: string | undefined;
  dataClusterUrl: string | undefined;
  /** keys of models, and other addresses than the providers' own */
  models: Record<'anthropic' | 'openai' | 'together', { apiKey: string | undefined; baseUrl: string | undefined }>;
  model: string | undefined;
  /** how long a model may say nothing before the call is given up */
  modelSilenceMs: number;
  /** how long before this process the person typed `npm start` */
  startedMsAgo: number;
  /** the browser that looks at apps; without it the system's, then the one that comes with the product */
  chromium: string | undefined;
  /** the only sandbox driver that may be used; without it the first that holds */
  sandbox: 'bubblewrap' | 'unshare' | 'docker' | undefined;
  /** where Docker or Podman listens; without it the usual places */
  dockerHost: string | undefined;
  /** npm's own script or command: installs the apps' toolchain */
  npmPath: string;
  /** where packages of apps come from; without it npm's own setting counts */
  npmRegistry: string | undefined;
  /** hosts, with their port where it is not the usual one, of which repositories may be imported though they are private */
  importPrivateHosts: string[];
  /** `host:port` of PostgreSQL servers that are private and may hold a live database all the same */
  livePrivateHosts: string[];
  /** what the first account must present; set by the launcher */
  firstCode: string | undefined;
  logLevel: string;
}

/** Thrown when settings are wrong: its message lists every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Reads the settings.
 * @param env the environment, normally process.env; empty values count as unset
 * @throws ConfigError with one line for each wrong setting
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('\n'));
  }
  const e = parsed.data;
  const baseUrl = (e.VIBE_BASE_URL ?? `http://localhost:${e.PORT}`).replace(/\/+$/, '');
  const base = new URL(baseUrl);
  if (base.pathname !== '/') throw new ConfigError('VIBE_BASE_URL must have no path');
  const loopback = LOOPBACK.has(e.HOST);
  const secure = base.protocol === 'https:';
  if (!loopback && !secure && !e.VIBE_ALLOW_PLAIN_HTTP) {
    throw new ConfigError(
      'HOST is not a loopback address, and VIBE_BASE_URL does not start with https://: passwords would travel unprotected. ' +
        'Put a TLS proxy in front and set VIBE_BASE_URL, or set VIBE_ALLOW_PLAIN_HTTP=1 if you know the network.',
    );
  }
  const dataDir = resolve(e.VIBE_DATA_DIR);
  return {
    port: e.PORT,
    host: e.HOST,
    baseUrl,
    baseHost: base.host,
    secure,
    loopback,
    dataDir,
    runDir: runDirOf(dataDir),
    noApt: e.VIBE_NO_APT,
    previewSleepMs: e.VIBE_PREVIEW_SLEEP_SECONDS * 1000,
    liveSleepMs: e.VIBE_LIVE_SLEEP_SECONDS * 1000,
    databaseUrl: e.DATABASE_URL,
    dataClusterUrl: e.VIBE_DATA_CLUSTER_URL,
    models: {
      anthropic: { apiKey: e.ANTHROPIC_API_KEY, baseUrl: e.ANTHROPIC_BASE_URL },
      openai: { apiKey: e.OPENAI_API_KEY, baseUrl: e.OPENAI_BASE_URL },
      together: { apiKey: e.TOGETHER_API_KEY, baseUrl: e.TOGETHER_BASE_URL },
    },
    model: e.VIBE_MODEL,
    modelSilenceMs: e.VIBE_MODEL_SILENCE_SECONDS * 1000,
    startedMsAgo: e.VIBE_STARTED_MS_AGO,
    chromium: e.VIBE_CHROMIUM,
    sandbox: e.VIBE_SANDBOX,
    dockerHost: e.DOCKER_HOST,
    npmPath: e.VIBE_NPM_PATH,
    npmRegistry: e.VIBE_NPM_REGISTRY,
    importPrivateHosts: hostsOf(e.VIBE_IMPORT_PRIVATE_HOSTS),
    livePrivateHosts: hostsOf(e.VIBE_LIVE_PRIVATE_HOSTS).map((host) => (/:\d+$/.test(host) ? host : `${host}:5432`)),
    firstCode: e.VIBE_FIRST_CODE,
    logLevel: e.LOG_LEVEL,
  };
}

const hostsOf = (text: string): string[] =>
  text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter(Boolean);

/** Sockets live in a short private folder that is derived from the data folder. */
export function runDirOf(dataDir: string): string {
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return join(tmpdir(), `vibe-${userInfo().uid}-${id}`);
}
