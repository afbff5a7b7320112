/**
 * A connection to somebody else's server, whose answers end: one that sends without end is cut, because everything that pg receives for a statement
 * is kept in memory until the statement is answered. So does the connection itself, whether the server lets go of it or not.
 */
import pg from 'pg';

/** Of one answer. What is asked for here is a catalogue, or a page of rows. */
const MOST_BYTES = 128 * 1024 * 1024;

/** How long a server may take to let go. */
export const END_MS = 2000;

/** The part of pg's connection that is used here; the same as in the relay. */
interface Connection extends NodeJS.EventEmitter {
  stream: NodeJS.EventEmitter & { destroy(error?: Error): void };
}

export class BoundedClient extends pg.Client {
  /** @param most bytes of an answer */
  constructor(config: pg.ClientConfig, most = MOST_BYTES) {
    super(config);
    const connection = connectionOf(this);
    let bytes = 0;
    connection.on('readyForQuery', () => {
      bytes = 0;
    });
    const listen = () =>
      connection.stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > most) connection.stream.destroy(new Error('the answer has no end'));
      });
    // with TLS the stream is another one from here on
    connection.once('sslconnect', listen);
    if (!config.ssl) listen();
  }

  /** Of a pool's connections too. */
  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const timer = setTimeout(() => destroyStream(this), END_MS);
    timer.unref();
    connectionOf(this).once('end', () => clearTimeout(timer));
    return callback ? super.end(callback) : super.end();
  }

  /** Without the polite end: a server that does not let go would keep it open. */
  cut(): void {
    this.end().catch(() => {});
    destroyStream(this);
  }
}

const connectionOf = (client: pg.Client): Connection => (client as unknown as { connection: Connection }).connection;

/** Leaves nothing open of a connection, whatever the server does. */
export function destroyStream(client: pg.Client): void {
  connectionOf(client).stream.destroy();
}
