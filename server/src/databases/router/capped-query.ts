/**
 * One statement by the extended protocol in one round trip, whose rows the server itself stops at a cap. Never the simple protocol, which would
 * run several statements.
 */
import type pg from 'pg';
import { serialize } from 'pg-protocol';
import { AppError } from '../../errors.ts';

export interface Answer {
  columns: { name: string; typeId: number }[];
  /** values as PostgreSQL writes them */
  rows: (string | null)[][];
  /** there are more rows than were given */
  more: boolean;
  /** rows that were changed; null for what changes none */
  affected: number | null;
}

const BIND = serialize.bind({ portal: '', statement: '', values: [], binary: false });
const DESCRIBE = serialize.describe({ type: 'P', name: '' });
const SYNC = serialize.sync();

/** The part of pg's connection that a query of one's own uses; pg-cursor is built on the same. */
interface Connection {
  stream: { write(bytes: Buffer): void };
}

/**
 * @param limits the most rows, and the most bytes of them
 * @throws the server's error
 */
export function cappedQuery(
  client: pg.ClientBase,
  text: string,
  limits: { rows: number; bytes: number },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { columns: [], rows: [], more: false, affected: null };
    let bytes = 0;
    const query = {
      submit(connection: Connection): void {
        // one write, and so one step of the server's, for all five
        connection.stream.write(
          Buffer.concat([
            serialize.parse({ text, name: '', types: [] }),
            BIND,
            DESCRIBE,
            // one more than is given says whether there are more
            serialize.execute({ portal: '', rows: limits.rows + 1 }),
            SYNC,
          ]),
        );
      },
      handleRowDescription(message: { fields: { name: string; dataTypeID: number }[] }): void {
        answer.columns = message.fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
      },
      handleDataRow(message: { fields: (string | null)[] }): void {
        for (const field of message.fields) bytes += field?.length ?? 0;
        if (answer.rows.length >= limits.rows || bytes > limits.bytes) answer.more = true;
        else if (!answer.more) answer.rows.push(message.fields);
      },
      handlePortalSuspended(): void {
        answer.more = true;
      },
      handleCommandComplete(message: { text: string }): void {
        const [, command, count] = /^(INSERT 0|UPDATE|DELETE) (\d+)$/.exec(message.text) ?? [];
        if (command) answer.affected = Number(count);
      },
      handleEmptyQuery(): void {},
      handleParseComplete(): void {},
      handleBindComplete(): void {},
      handleNoData(): void {},
      handleCopyInResponse(connection: { sendCopyFail(text: string): void }): void {
        connection.sendCopyFail('not let through');
      },
      handleError(error: unknown): void {
        // the server skips to the sync that was sent already; the connection can be used again after it
        const settle = (): void => {
          client.off('drain', settle);
          client.off('end', settle);
          reject(error);
        };
        client.once('drain', settle);
        client.once('end', settle);
      },
      handleReadyForQuery(): void {
        resolve(answer);
      },
    };
    try {
      client.query(query as never);
    } catch (cause) {
      reject(new AppError('data_unavailable', 'unavailable', 'The data cluster does not answer.', { cause }));
    }
  });
}
