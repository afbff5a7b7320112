/**
 * The only way out of a look at an app: a proxy of its own per look, that knows one host and passes it to the door (a unix socket of the
 * platform). Whatever else the page asks for is refused here and remembered by name. Behind it there is no network at all.
 */
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
]);
const MOST_REFUSED = 50;
/** What the browser itself asks for, whatever the page is: refused like the rest, and not worth a word. */
const OF_THE_BROWSER = new Set([
  'content-autofill.googleapis.com:443',
  'optimizationguide-pa.googleapis.com:443',
  'accounts.google.com:443',
  'clients2.google.com:443',
  'update.googleapis.com:443',
]);

/** Connections through the door: the first line is the token of the look, what follows reaches its app and nothing else. */
class DoorAgent extends Agent {
  constructor(door, token) {
    super({ keepAlive: true, maxFreeSockets: 16 });
    this.door = door;
    this.token = token;
  }
  createConnection() {
    const socket = connect(this.door);
    socket.write(`${this.token}\n`);
    return socket;
  }
}

/**
 * @param {{ host: string, door: string, token: string, headers: Record<string, string> }} options
 * @returns {Promise<{ port: number, refused: Set<string>, close: () => void }>}
 */
export async function openProxy({ host, door, token, headers }) {
  const agent = new DoorAgent(door, token);
  const refused = new Set();
  const sockets = new Set();
  const refuse = (name) => {
    if (refused.size < MOST_REFUSED && !OF_THE_BROWSER.has(name)) refused.add(String(name).slice(0, 200));
  };
  const headersOf = (incoming, more = {}) => {
    const kept = {};
    for (const [name, value] of Object.entries(incoming)) {
      if (!HOP_BY_HOP.has(name) && !name.startsWith('x-vibe-') && !name.startsWith('x-forwarded-')) kept[name] = value;
    }
    return { ...kept, host, 'x-forwarded-host': host, 'x-forwarded-proto': 'http', ...headers, ...more };
  };
  /** The path on the app's host, undefined for any other. A tunnel to the app's host sends bare paths. */
  const pathOf = (incoming) => {
    if (incoming.url.startsWith('/')) {
      if (incoming.socket.tunnelled && incoming.headers.host === host) return incoming.url;
      refuse(incoming.headers.host ?? 'unknown');
      return undefined;
    }
    const url = URL.canParse(incoming.url) ? new URL(incoming.url) : undefined;
    if (url?.protocol === 'http:' && url.host === host) return url.pathname + url.search;
    refuse(url?.host ?? incoming.url);
    return undefined;
  };

  const server = createServer((incoming, response) => {
    const path = pathOf(incoming);
    if (path === undefined) {
      incoming.resume();
      return void response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('Only the app itself can be reached from here.');
    }
    const upstream = request({
      agent,
      method: incoming.method,
      path,
      headers: headersOf(incoming.headers),
      setHost: false,
    });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end('The app closed the connection.');
    });
    response.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  // a browser tunnels WebSockets also where they are not encrypted
  server.on('connect', (incoming, socket) => {
    if (incoming.url !== `${host}:80`) {
      refuse(incoming.url);
      return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    }
    socket.tunnelled = true;
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    server.emit('connection', socket);
  });
  server.on('upgrade', (incoming, socket, head) => {
    const path = pathOf(incoming);
    if (path === undefined) return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    const more = { connection: 'Upgrade', upgrade: 'websocket' };
    const upstream = request({ agent, path, headers: headersOf(incoming.headers, more), setHost: false });
    upstream.on('error', () => socket.destroy());
    upstream.on('response', (answer) => {
      answer.resume();
      socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\ncontent-length: 0\r\n\r\n`);
    });
    upstream.on('upgrade', (answer, other, otherHead) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      for (const side of [socket, other]) {
        side.on('error', () => side.destroy());
        side.on('close', () => (side === socket ? other : socket).destroy());
      }
      if (otherHead.length > 0) socket.write(otherHead);
      if (head.length > 0) other.write(head);
      socket.pipe(other).pipe(socket);
    });
    upstream.end();
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: server.address().port,
    refused,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      agent.destroy();
    },
  };
}
