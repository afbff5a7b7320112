/**
 * A connection to somebody else's server, whose answers end: one that sends without end is cut, because everything that pg receives for a statement
 * is kept in memory until the statement is answered.
 */
import pg from 'pg';

/** Of one answer. What is asked for here is a catalogue, or a page of rows. */
const MOST_BYTES = 128 * 1024 * 1024;

/** The part of pg's connection that is used here; the same as in the relay. */
interface Connection extends NodeJS.EventEmitter {
  stream: NodeJS.EventEmitter & { destroy(error?: Error): void };
}

export class BoundedClient extends pg.Client {
  /** @param most bytes of an answer */
  constructor(config: pg.ClientConfig, most = MOST_BYTES) {
    super(config);
    const { connection } = this as unknown as { connection: Connection };
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

  /** Without the polite end: a server that does not let go would keep it open. */
  cut(): void {
    this.end().catch(() => {});
    (this as unknown as { connection: Connection }).connection.stream.destroy();
  }
}
