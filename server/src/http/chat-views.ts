/** Chats as the API shows them: the row, and what only the host knows (where the files are, how the preview is). */
import type { Chat } from '../../../contract/chats.ts';
import { entryOf } from '../agents/models/catalogue.ts';
import { type ChatRow, readChat, showChat } from '../conversations/chats.ts';
import type { HostOutput } from '../hosting/api.ts';
import type { Platform } from './app.ts';

type States = HostOutput<'chatStates'>;
const NOTHING: States = { transports: {}, previews: {} };

export class ChatViews {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** One chat by id, without asking who wants it. */
  async show(chatId: string): Promise<Chat> {
    return this.one(await readChat(this.#platform.db, chatId));
  }

  async one(row: ChatRow): Promise<Chat> {
    return this.#view(row, await this.#states(row.container_id));
  }

  async many(rows: ChatRow[]): Promise<Chat[]> {
    if (rows.length === 0) return [];
    const states = await this.#states(rows[0]!.container_id);
    return Promise.all(rows.map((row) => this.#view(row, states)));
  }

  /** A host that does not answer must not hide the chats. */
  #states(containerId: string): Promise<States> {
    return this.#platform.host.chatStates({ containerId }, AbortSignal.timeout(3000)).catch(() => NOTHING);
  }

  async #view(row: ChatRow, states: States): Promise<Chat> {
    const model = row.model ?? (await this.#platform.providers.defaultFor(row.organisation_id));
    return showChat(row, {
      baseUrl: this.#platform.config.baseUrl,
      maxTokens: entryOf(model).provider === 'builtin' ? null : entryOf(model).contextTokens,
      ...(states.transports[row.id] ? { transport: states.transports[row.id]! } : {}),
      preview: states.previews[row.id],
    });
  }
}
