/** Whether a host is on the open internet: a repository must not be a way to what only this server can reach. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { AppError } from '../../errors.ts';

const CLOSED = new BlockList();
for (const range of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]) {
  const [net, bits] = range.split('/') as [string, string];
  CLOSED.addSubnet(net, Number(bits), isIP(net) === 6 ? 'ipv6' : 'ipv4');
}

/** Loopback, private, link-local and what else is no address of the internet. */
export const isClosed = (address: string): boolean =>
  isIP(address) === 0 || /^::ffff:/i.test(address) || CLOSED.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

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
