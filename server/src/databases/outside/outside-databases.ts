/**
 * Which databases are at an address of their own, by the name that they have here. Kept in memory for those who connect; what is written down is
 * `hosting/data/outside.ts`'s.
 */
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type pg from 'pg';
import { AppError } from '../../errors.ts';
import { type AllowedHosts, pinned } from './guarded-socket.ts';
import { type OutsideAddress, outsideClient } from './server.ts';

export interface OutsideServer {
  address: OutsideAddress;
  /** e.g. 180004 */
  version: number;
  /** its roles may be let past row security */
  bypassesRls: boolean;
  /** its roles may be let follow changes; where not, the mirror comes in as who administers it */
  letsFollow: boolean;
}

export class OutsideDatabases {
  readonly #servers = new Map<string, OutsideServer>();
  readonly allowed: AllowedHosts;
  readonly #certificates: string | undefined;

  /**
   * @param certificates a folder that the data cluster can read, for whom its subscriptions trust; undefined where it is another machine's
   */
  constructor(allowed: AllowedHosts, certificates: string | undefined) {
    this.allowed = allowed;
    this.#certificates = certificates;
  }

  of(database: string): OutsideServer | undefined {
    return this.#servers.get(database);
  }

  set(database: string, server: OutsideServer): void {
    this.#servers.set(database, server);
  }

  delete(database: string): void {
    this.#servers.delete(database);
  }

  client(address: OutsideAddress, as?: { user: string; password: string }): pg.ClientConfig {
    return outsideClient(address, this.allowed, as);
  }

  /**
   * How PostgreSQL itself comes in, for a subscription. The address is looked up here and given with the name, so that it is the one that was
   * looked at; the password is only ever proved to be known.
   */
  async subscriptionText(address: OutsideAddress, as: { user: string; password: string }): Promise<string> {
    const { host, port, database, tls } = address;
    const parts = {
      host,
      hostaddr: await pinned(host, port, this.allowed),
      port,
      user: as.user,
      password: as.password,
      dbname: database,
      ...(tls ? { sslmode: 'verify-full', sslrootcert: await this.#certificateFile(address) } : { sslmode: 'disable' }),
      require_auth: 'scram-sha-256',
      connect_timeout: 10,
      keepalives_idle: 20,
      keepalives_interval: 5,
      keepalives_count: 3,
    };
    return Object.entries(parts)
      .map(([key, value]) => `${key}='${String(value).replace(/[\\']/g, '\\$&')}'`)
      .join(' ');
  }

  /** A file by what is in it: one that is in use is never another. */
  async #certificateFile({ ca }: OutsideAddress): Promise<string> {
    if (this.#certificates === undefined) {
      if (ca === null) return 'system';
      throw new AppError(
        'mirror_not_possible',
        'unavailable',
        'The data cluster is on a machine of its own, which cannot be given a certificate from here.',
        { detail: 'Have the live database use a certificate that everybody trusts.' },
      );
    }
    const text = ca ?? rootCertificates.join('\n');
    const file = join(this.#certificates, `${createHash('sha256').update(text).digest('hex').slice(0, 24)}.pem`);
    await mkdir(this.#certificates, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
    return file;
  }
}
