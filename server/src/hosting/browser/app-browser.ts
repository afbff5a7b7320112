/**
 * Looks at an app with a real browser. One warm browser for the whole host, in a sandbox of its own that sleeps when nobody looks; a look
 * is a fresh context that reaches its one app through the door, with the signed header that the gateway would make.
 */
import type { KeyObject } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { AppError, messageOf } from '../../errors.ts';
import { Identities } from '../gateway/identity.ts';
import { Slots } from '../instances/slots.ts';
import type { Instances } from '../previews.ts';
import { browserPlan } from './browser-plan.ts';
import type { Door } from './door.ts';
import type { FoundChromium } from './find-chromium.ts';
import { type LookInput, type LookResult, lookResult, sizeOf } from './schema.ts';

const KEY = 'browser:host';
const AT_ONCE = 2;
const MOST_WAITING = 20;
/** The signed header is good for a minute. */
const LIMIT_MS = 50_000;
const LARGEST_ANSWER = 4_000_000;

/** Nobody: an app sees that it is being looked at, and with which role, but not a person's name. */
const LOOKER = { id: '00000000-0000-4000-8000-76697375616c', name: 'Visual check', email: 'visual-check@vibe.invalid' };

export interface Look extends LookInput {
  /** the app's instance */
  connect: () => Promise<Socket>;
  audience: string;
  role: string;
  /** first label of the app's address, under which the browser sees it */
  label: string;
  /** the picture shows this element alone */
  element?: string | undefined;
  /** without it only a picture is taken */
  examine: boolean;
}

export interface BrowserParts {
  instances: Instances;
  door: Door;
  chromium: () => Promise<FoundChromium>;
  identityKey: KeyObject;
}

export class AppBrowser {
  readonly #parts: BrowserParts;
  readonly #slots = new Slots(AT_ONCE);
  #waiting = 0;

  constructor(parts: BrowserParts) {
    this.#parts = parts;
  }

  /** @throws AppError `no_browser`, `browser_busy`, `browser_failed` */
  async look(look: Look, signal: AbortSignal): Promise<LookResult> {
    const { instances, chromium, door } = this.#parts;
    const found = await chromium();
    if (this.#waiting >= MOST_WAITING)
      throw new AppError(
        'browser_busy',
        'limit',
        'Too many apps are being looked at right now. Try again in a minute.',
      );
    this.#waiting++;
    const leave = await this.#slots.take().finally(() => this.#waiting--);
    const exit = instances.enter(KEY);
    const admitted = door.admit(look.connect);
    try {
      signal.throwIfAborted();
      await instances
        .ensure(KEY, () => browserPlan(found, door.folder), { retry: true })
        .catch((cause) => {
          throw new AppError('no_browser', 'unavailable', 'The browser that looks at apps does not start.', {
            cause,
            detail: `Install Chromium (Debian, Ubuntu: apt-get install chromium), or set VIBE_CHROMIUM to the path of one. Tried: ${found.name}. ${messageOf(cause).slice(0, 600)}`,
          });
        });
      const identity = await new Identities(this.#parts.identityKey).of(LOOKER, look.role, look.audience);
      const { path, dark, wholePage, steps, element, examine } = look;
      const ask = {
        host: `${look.label}.localhost`,
        token: admitted.token,
        identity,
        path,
        viewport: sizeOf(look.viewport),
        dark,
        wholePage,
        steps,
        element,
        axe: examine,
        limitMs: LIMIT_MS,
      };
      return lookResult.parse(await send(await instances.connect(KEY), ask, signal));
    } catch (cause) {
      if (cause instanceof AppError || signal.aborted) throw cause;
      throw new AppError('browser_failed', 'unavailable', 'The browser gave up while it looked at this page.', {
        cause,
        detail: 'The page may need more memory or time than one look has.',
      });
    } finally {
      admitted.end();
      exit();
      leave();
    }
  }
}

function send(socket: Socket, body: unknown, signal: AbortSignal): Promise<unknown> {
  const agent = new Agent();
  agent.createConnection = () => socket;
  const given = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS + 12_000)]);
  return new Promise<unknown>((resolve, reject) => {
    const options = { agent, method: 'POST', path: '/look', headers: { host: 'browser' }, signal: given };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_ANSWER) outgoing.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      incoming.on('error', reject);
      incoming.on('end', () => {
        try {
          const answer: unknown = JSON.parse(Buffer.concat(chunks).toString());
          if (incoming.statusCode === 200) resolve(answer);
          else reject(new Error(String((answer as { message?: string }).message ?? 'the browser failed')));
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  }).finally(() => {
    agent.destroy();
    socket.destroy();
  });
}
