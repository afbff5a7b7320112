/** The address of a database on somebody else's server, as it is kept: all of it to be read, and the password sealed. */
import type { DataKeys } from '../../accounts/data-keys.ts';
import type { OutsideAddress } from '../../databases/outside/server.ts';

export interface SealedAddress {
  container_id: string;
  organisation_id: string;
  host: string;
  port: number;
  database: string;
  username: string;
  sealed: Buffer;
  tls: boolean;
  ca: string | null;
}

/** What a sealed password of a container's live database belongs to. */
export const sealedAt = (containerId: string): string => `outside database ${containerId}`;

/** @throws what the keys do when this one does not open */
export async function openAddress(keys: DataKeys, row: SealedAddress): Promise<OutsideAddress> {
  const place = sealedAt(row.container_id);
  const { password } = await keys.open<{ password: string }>(row.organisation_id, place, row.sealed);
  const { host, port, database, username: user, tls, ca } = row;
  return { host, port, database, user, password, tls, ca };
}
