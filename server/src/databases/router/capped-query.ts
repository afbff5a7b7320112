/**
 * One statement by the extended protocol in one round trip, whose rows the server itself stops at a cap. Never the simple protocol, which would
 * run several statements.
 */
import type pg from 'pg';
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

/** The part of pg's connection that a query of one's own uses; pg-cursor is built on the same. */
interface Connection {
  stream: { cork(): void; uncork(): void };
  parse(query: { text: string; name: string; types: number[] }): void;
  bind(config: { portal: string; statement: string; values: unknown[]; binary: boolean }): void;
  describe(what: { type: 'P'; name: string }): void;
  execute(config: { portal: string; rows: number }): void;
  sync(): void;
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
        // the five messages go as one: each alone would be a write of its own
        connection.stream.cork();
        connection.parse({ text, name: '', types: [] });
        connection.bind({ portal: '', statement: '', values: [], binary: false });
        connection.describe({ type: 'P', name: '' });
        // one more than is given says whether there are more
        connection.execute({ portal: '', rows: limits.rows + 1 });
        connection.sync();
        connection.stream.uncork();
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
