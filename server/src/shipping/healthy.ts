/** Whether a release that was just started answers. */
import { request } from 'node:http';
import { AppError, messageOf } from '../errors.ts';
import { IDENTITY_HEADER, type Identities } from '../hosting/gateway/identity.ts';
import { audienceOf, type Runtime } from '../hosting/running/runtime.ts';
import type { Environment } from './app-places.ts';

const HEALTHY_TIMES = 3;
const CONNECTION_TRIES = 3;

interface HealthParts {
  runtime: Runtime;
  identities: Identities;
}

/** Healthy: a signed-in GET of `/` answers below 500 three times. @throws AppError `unhealthy` */
export async function untilHealthy(
  parts: HealthParts,
  release: { app_id: string; environment: Environment },
  key: string,
): Promise<void> {
  const user = { id: '00000000-0000-7000-8000-000000000000', email: 'health@localhost', name: 'Health check' };
  const identity = await parts.identities.of(user, 'member', audienceOf(release.app_id, release.environment));
  for (let time = 0; time < HEALTHY_TIMES; time++) {
    const status = await patiently(() => get(parts, key, identity));
    if (status >= 500) {
      const last = parts.runtime.instances.logs(key, { tail: 15 }).map((line) => line.text);
      throw new AppError('unhealthy', 'conflict', `The new release answered with an error (${status}).`, {
        detail: last.join('\n'),
      });
    }
  }
}

/** A connection that is closed without an answer is no answer: it is tried again before the release is called broken. */
async function patiently(ask: () => Promise<number>): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === CONNECTION_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300 * tries));
    }
  }
}

async function get(parts: HealthParts, key: string, identity: string): Promise<number> {
  const socket = await parts.runtime.instances.connect(key);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        method: 'GET',
        path: '/',
        headers: { host: 'localhost', [IDENTITY_HEADER]: identity, connection: 'close' },
        createConnection: () => socket,
        timeout: 15_000,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 500);
      },
    );
    outgoing.once('timeout', () =>
      outgoing.destroy(new AppError('unhealthy', 'conflict', 'The new release did not answer within 15 seconds.')),
    );
    outgoing.once('error', (cause) =>
      reject(
        cause instanceof AppError
          ? cause
          : new AppError('unhealthy', 'conflict', `The new release closed the connection: ${messageOf(cause)}`, {
              cause,
            }),
      ),
    );
    outgoing.end();
  });
}
