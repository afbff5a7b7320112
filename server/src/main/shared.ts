/** What host and web are both made of. */
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { AccessSet } from '../accounts/access-set.ts';
import { DataKeys } from '../accounts/data-keys.ts';
import { type Keyring, openKeyring } from '../accounts/keyring.ts';
import type { Config } from '../config.ts';
import { type Db, openDatabase } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';

export interface Shared {
  config: Config;
  db: Db;
  platformUrl: string;
  keyring: Keyring;
  keys: DataKeys;
  accessSet: AccessSet;
  logger: Logger;
}

export const hostSocket = (config: Config): string => join(config.runDir, 'host.sock');
export const webSocket = (config: Config): string => join(config.runDir, 'web.sock');

export async function openShared(config: Config, name: string): Promise<Shared> {
  const platformUrl = config.databaseUrl;
  if (!platformUrl)
    throw new AppError('no_database', 'unavailable', 'DATABASE_URL is not set.', {
      detail: 'Start Vibe with `npm start`, which starts the databases too.',
    });
  const logger = pino({ level: config.logLevel, base: { role: name } });
  const { db } = openDatabase(platformUrl, { name: `vibe ${name}`, max: 16 });
  const keyring = await openKeyring(join(config.dataDir, 'keys'));
  return { config, db, platformUrl, keyring, keys: new DataKeys(db, keyring), accessSet: new AccessSet(db), logger };
}

/** Tells the launcher, if there is one. */
export function sayReady(): void {
  process.send?.({ ready: true });
}

/** Tells the launcher why this role does not start, and ends. */
export function sayProblem(error: unknown): never {
  const detail = error instanceof AppError ? error.detail : undefined;
  console.error(error);
  process.send?.({ ready: false, problem: messageOf(error), detail });
  process.exit(1);
}

/** Runs `close` once on the first signal to end, then exits. */
export function onEnd(close: () => Promise<void>): void {
  let closing = false;
  const end = () => {
    if (closing) return;
    closing = true;
    close().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  // the launcher decides what Ctrl-C means
  process.on('SIGINT', () => {});
}
