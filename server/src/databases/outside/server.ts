/** A PostgreSQL of somebody else's that holds a container's live database: how to come in, and what its errors are here. */
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { type AllowedHosts, guardedSocket } from './guarded-socket.ts';

export interface OutsideAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  tls: boolean;
  /** PEM of who vouches for the server's certificate; null: those that everybody trusts */
  ca: string | null;
}

/** A server that never answers must not be waited for. */
const CONNECT_MS = 8000;
/** Statements have limits of their own on the server's side; this is for one that does not keep them. */
const ANSWER_MS = 10 * 60_000;

/** @param as another role than the one that was given */
export function outsideClient(
  address: OutsideAddress,
  allowed: AllowedHosts,
  as: { user: string; password: string } = address,
): pg.ClientConfig {
  const { host, port, database, tls, ca } = address;
  return {
    host,
    port,
    database,
    user: as.user,
    password: as.password,
    ssl: tls ? { ca: ca ?? [...rootCertificates], rejectUnauthorized: true, minVersion: 'TLSv1.2' } : false,
    stream: () => guardedSocket(allowed),
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 20_000,
  };
}

/** The server is shutting down or starting, has no place left, or does not let anybody in any more. */
const AWAY = /^(08|57P0|53300|28P01|3D000)/;

/** What went wrong there, in words that name neither a password nor a statement. */
export function outsideError(error: unknown, address: OutsideAddress): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof pg.DatabaseError && !AWAY.test(error.code ?? '')) return withoutSecrets(error, address);
  return new AppError('live_away', 'unavailable', 'Live does not answer.', {
    // the text of an error of the network names the address; the error of a server may say anything
    cause: new Error(reasonOf(error, address)),
    detail: `It is at ${address.host}:${address.port}. It goes on by itself as soon as it answers again. (${reasonOf(error, address)})`,
  });
}

/** Whether a database that is elsewhere does not answer. */
export const isAway = (error: unknown): boolean => error instanceof AppError && error.code === 'live_away';

/** In a few plain words. @param error anything that came of connecting or asking */
export function reasonOf(error: unknown, address: OutsideAddress): string {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
  if (code === '28P01') return 'the password is not accepted';
  if (code === '3D000') return 'there is no such database';
  if (code === '53300') return 'it has no connection free';
  if (code.startsWith('57P0')) return 'it is stopping or starting';
  if (code === 'ENOTFOUND') return 'no host has this name';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (/timeout|timed out/i.test(message)) return 'no answer in time';
  return printable(redacted(message, address)).slice(0, 200);
}

function withoutSecrets(error: pg.DatabaseError, address: OutsideAddress): pg.DatabaseError {
  for (const key of ['message', 'detail', 'hint', 'where', 'internalQuery'] as const) {
    const text = error[key];
    if (text) error[key] = printable(redacted(text, address)).slice(0, 2000);
  }
  return error;
}

/** What somebody else's server says may be shown in a terminal: nothing of it may be an order to that. */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

const redacted = (text: string, { password }: OutsideAddress): string =>
  password ? text.replaceAll(password, '…').replace(/SCRAM-SHA-256\$[^\s']+/g, '…') : text;

/** One that is wrong is found before anything is written in it. @throws AppError `outside_invalid` */
export function checkCertificates(ca: string | null): void {
  if (ca === null) return;
  try {
    new X509Certificate(ca);
  } catch (cause) {
    const words = 'Paste it whole, with its lines BEGIN CERTIFICATE and END CERTIFICATE.';
    throw new AppError('outside_invalid', 'invalid', 'This is not a certificate.', {
      cause,
      detail: words,
      fields: { ca: words },
    });
  }
}
