/** Children of the gateway row, a process each: `upstream`, `bare` (a plain Node proxy), `ours` (the gateway with a real session). */
import { Agent, createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import pino from 'pino';
import { AccessSet } from '../../server/src/accounts/access-set.ts';
import { openKeyring } from '../../server/src/accounts/keyring.ts';
import { openDatabase } from '../../server/src/db/database.ts';
import { Gateway } from '../../server/src/hosting/gateway/gateway.ts';
import { Identities } from '../../server/src/hosting/gateway/identity.ts';

const [kind, upstream, databaseUrl, keys] = process.argv.slice(2);
const ready = (port: number) => process.send?.({ port });

if (kind === 'upstream') {
  const body = Buffer.alloc(2048, 'x');
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/plain' }).end(body),
  );
  server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
} else if (kind === 'bare') {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });
  const server = createServer((incoming, response) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: Number(upstream),
        agent,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
} else {
  const { db } = openDatabase(databaseUrl!);
  const keyring = await openKeyring(keys!);
  class TcpAgent extends Agent {
    override createConnection(): ReturnType<typeof connect> {
      return connect(Number(upstream), '127.0.0.1');
    }
  }
  const agent = new TcpAgent({ keepAlive: true, maxFreeSockets: 256 });
  const backend = {
    audience: 'app:bench',
    role: 'owner',
    agent,
    connect: async () => connect(Number(upstream), '127.0.0.1'),
    enter: () => () => {},
  };
  const gateway = new Gateway({
    baseUrl: 'http://localhost:4000',
    baseHost: 'localhost:4000',
    db,
    accessSet: new AccessSet(db),
    identities: new Identities(keyring.identityPrivateKey),
    backends: { open: async () => backend, mayStill: async () => true },
    webSocketPath: '/nonexistent',
    log: pino({ level: 'silent' }),
  });
  await gateway.listen(0, '127.0.0.1');
  ready((gateway.server.address() as AddressInfo).port);
}
