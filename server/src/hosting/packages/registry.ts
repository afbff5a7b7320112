/**
 * The npm registry, and nothing but it: one origin that the owner's settings name, asked by GET alone. A redirect to anywhere else is refused,
 * so whatever a package's metadata says, no other address is ever connected to.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { AppError, messageOf } from '../../errors.ts';

export interface RegistrySettings {
  /** with a slash at its end */
  url: string;
  /** who said so, for people */
  from: string;
  proxy: string | undefined;
  /** PEM of authorities beside the usual ones */
  ca: string | undefined;
}

const MOST_REDIRECTS = 3;
const SILENCE_MS = 20_000;

/** @param given the setting; without it npm's own configuration counts */
export async function readRegistrySettings(options: {
  given: string | undefined;
  npmPath: string;
  nodePath: string;
}): Promise<RegistrySettings> {
  const { given, npmPath, nodePath } = options;
  const byNode = /\.c?js$/.test(npmPath);
  const words = ['config', 'get', 'registry', 'https-proxy', 'cafile'];
  const { stdout } = await promisify(execFile)(byNode ? nodePath : npmPath, byNode ? [npmPath, ...words] : words, {
    cwd: '/',
    timeout: 20_000,
  });
  const said = new Map(stdout.split('\n').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
  const value = (name: string) =>
    ['', 'null', 'undefined'].includes(said.get(name) ?? '') ? undefined : said.get(name);
  const url = given ?? value('registry') ?? '';
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol))
    throw new AppError('registry_setting', 'unavailable', 'npm’s setting “registry” is no web address.', {
      detail: 'Set VIBE_NPM_REGISTRY, or run: npm config set registry https://…',
    });
  const cafile = value('cafile');
  return {
    url: `${url.replace(/\/+$/, '')}/`,
    from: given ? 'VIBE_NPM_REGISTRY' : 'npm’s settings',
    proxy: value('https-proxy'),
    ca: cafile && (await readFile(cafile, 'utf8').catch(() => undefined)),
  };
}

export class Registry {
  readonly #base: URL;
  readonly #agent: HttpAgent;

  constructor(settings: RegistrySettings) {
    this.#base = new URL(settings.url);
    const { env } = process;
    const proxyEnv = { ...env, ...(settings.proxy && { HTTPS_PROXY: settings.proxy, HTTP_PROXY: settings.proxy }) };
    const options = { keepAlive: true, maxSockets: 16, proxyEnv };
    this.#agent =
      this.#base.protocol === 'https:'
        ? new HttpsAgent({ ...options, ...(settings.ca && { ca: [...rootCertificates, settings.ca] }) })
        : new HttpAgent(options);
  }

  get host(): string {
    return this.#base.host;
  }

  /** The part of paths that all packages share: `/` at most registries. */
  get basePath(): string {
    return this.#base.pathname;
  }

  /**
   * One GET below the registry's address.
   * @param path begins with `basePath`
   * @throws AppError `registry_elsewhere` for any other place, `registry_unreachable`
   */
  async get(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    let url = new URL(path, this.#base);
    for (let redirects = 0; ; redirects++) {
      if (url.origin !== this.#base.origin || !url.pathname.startsWith(this.basePath) || url.username)
        throw new AppError(
          'registry_elsewhere',
          'forbidden',
          `Only the registry is asked for packages, not ${url.host}.`,
        );
      const answer = await this.#ask(url, headers, signal);
      const to = answer.headers.location;
      if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) || !to) return answer;
      answer.resume();
      if (redirects === MOST_REDIRECTS || !URL.canParse(to, url.href))
        throw new AppError(
          'registry_unreachable',
          'unavailable',
          'The registry sends from place to place without an end.',
        );
      url = new URL(to, url);
    }
  }

  /** A JSON document of at most `most` bytes; undefined where there is none. @throws AppError `registry_too_large` */
  async json(path: string, most: number): Promise<unknown> {
    const signal = AbortSignal.timeout(2 * SILENCE_MS);
    const answer = await this.get(path, { accept: 'application/json' }, signal);
    if (answer.statusCode === 404 || answer.statusCode === 405) {
      answer.resume();
      return undefined;
    }
    if (answer.statusCode !== 200) {
      answer.resume();
      throw new AppError(
        'registry_unreachable',
        'unavailable',
        `The registry of packages answered ${answer.statusCode}.`,
      );
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) {
        answer.destroy();
        throw new AppError('registry_too_large', 'limit', 'The registry’s answer is too large.');
      }
      chunks.push(chunk);
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch (cause) {
      throw new AppError('registry_unreachable', 'unavailable', 'The registry answered what is no JSON.', { cause });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const options = { agent: this.#agent, method: 'GET', headers, signal, timeout: SILENCE_MS };
    return new Promise((resolve, reject) => {
      const outgoing =
        url.protocol === 'https:' ? httpsRequest(url, options, resolve) : httpRequest(url, options, resolve);
      outgoing.once('timeout', () => outgoing.destroy(new Error(`it said nothing for ${SILENCE_MS / 1000} s`)));
      outgoing.once('error', (cause) =>
        reject(
          new AppError('registry_unreachable', 'unavailable', 'The registry of packages does not answer.', {
            cause,
            detail: `${url.host}: ${messageOf(cause)}. npm run doctor says where its address comes from.`,
          }),
        ),
      );
      outgoing.end();
    });
  }
}
