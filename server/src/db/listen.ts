/** One dedicated connection that listens to NOTIFY channels and comes back by itself when it is lost. */
import pg from 'pg';

export interface Listener {
  close(): Promise<void>;
}

/**
 * @param handlers what to call for each channel's payload
 * @param onReconnect called after a lost connection is back: whatever was sent in between was missed, so re-read
 */
export async function listen(
  url: string,
  handlers: Record<string, (payload: string) => void>,
  onReconnect: () => void = () => {},
): Promise<Listener> {
  let closed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: url, application_name: 'vibe listen', keepAlive: true });
    next.on('notification', ({ channel, payload }) => handlers[channel]?.(payload ?? ''));
    next.on('error', () => {});
    next.once('end', () => {
      if (!closed && client === next) retry = setTimeout(reconnect, 250);
    });
    await next.connect();
    client = next;
    for (const channel of Object.keys(handlers)) await next.query(`listen ${next.escapeIdentifier(channel)}`);
  }

  async function reconnect(): Promise<void> {
    if (closed) return;
    try {
      await connect();
      onReconnect();
    } catch {
      retry = setTimeout(reconnect, 500);
    }
  }

  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
}
