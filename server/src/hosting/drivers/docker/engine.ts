/** Finds the engine that speaks Docker's API (Docker itself, or Podman) and says what it is. */
import { existsSync } from 'node:fs';
import { AppError, messageOf } from '../../../errors.ts';
import { EngineClient } from './client.ts';

export interface Engine {
  client: EngineClient;
  /** `Docker 28.2` or `Podman 4.3`. */
  title: string;
  isPodman: boolean;
}

/** An answer that takes longer does not come. */
const PATIENCE_MS = 10_000;

/** @param host the setting DOCKER_HOST; without it the usual places are looked at */
export async function connectEngine(host: string | undefined): Promise<Engine> {
  const socketPath = socketOf(host);
  const client = new EngineClient(socketPath);
  let version: { Version: string; Components?: { Name: string }[] };
  try {
    version = await client.call('GET', '/version', { timeoutMs: PATIENCE_MS });
  } catch (cause) {
    throw new AppError(
      'docker_silent',
      'unavailable',
      `Docker does not answer at ${socketPath}: ${messageOf(cause)}.`,
      {
        cause,
        detail: host ? 'Set DOCKER_HOST to the socket of Docker or Podman.' : 'systemctl start docker',
      },
    );
  }
  const isPodman = (version.Components ?? []).some(({ Name }) => /podman/i.test(Name));
  const short = /^\d+\.\d+/.exec(version.Version)?.[0] ?? version.Version;
  return { client, isPodman, title: `${isPodman ? 'Podman' : 'Docker'} ${short}` };
}

function socketOf(host: string | undefined): string {
  if (host && !host.startsWith('unix://')) {
    throw new AppError('docker_elsewhere', 'invalid', 'DOCKER_HOST is not a unix socket.', {
      detail: 'Apps are folders of this machine, so the engine must be on it: DOCKER_HOST=unix:///var/run/docker.sock',
    });
  }
  if (host) return host.slice('unix://'.length);
  const user = process.getuid?.() ?? 0;
  const usual = ['/var/run/docker.sock', `/run/user/${user}/docker.sock`];
  usual.push(user === 0 ? '/run/podman/podman.sock' : `/run/user/${user}/podman/podman.sock`);
  const found = usual.find((path) => existsSync(path));
  if (found) return found;
  throw new AppError('docker_missing', 'unavailable', 'Neither Docker nor a service of Podman runs here.', {
    detail: 'apt-get install docker.io, or: systemctl enable --now podman.socket',
  });
}
