/** Whether a host is on the open internet: a repository must not be a way to what only this server can reach. */
import { lookup } from 'node:dns/promises';
import { isClosed } from '../../db/closed-address.ts';
import { AppError } from '../../errors.ts';

/**
 * The one address to connect to: nothing is looked up again afterwards, so a name cannot change its mind.
 * @param allowed hosts (with port, where it is not the usual one) that may be private and without TLS
 * @throws AppError `import_address`
 */
export async function openAddress(url: URL, allowed: ReadonlySet<string>): Promise<string> {
  const known = allowed.has(url.host);
  const refuse = (message: string, detail?: string) => new AppError('import_address', 'invalid', message, { detail });
  if (url.protocol !== 'https:' && !(known && url.protocol === 'http:'))
    throw refuse('Only addresses that begin with https:// can be brought in.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(host, { all: true, verbatim: true }).catch((cause) => {
    const unknown = (cause as NodeJS.ErrnoException).code === 'ENOTFOUND';
    throw unknown
      ? new AppError('import_address', 'invalid', `No host is known as ${host}.`, {
          cause,
          detail: 'Look at how it is spelt, and whether this server reaches the internet.',
        })
      : new AppError('import_address', 'unavailable', `${host} could not be looked up.`, {
          cause,
          detail: 'This server may not reach the internet. Try again in a moment.',
        });
  });
  if (!known && found.some(({ address }) => isClosed(address)))
    throw refuse(
      `${host} is not on the open internet.`,
      'Whoever runs this server can allow it: VIBE_IMPORT_PRIVATE_HOSTS.',
    );
  return found[0]!.address;
}
