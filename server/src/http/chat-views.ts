/** Chats as the API shows them: the row, and what only the host knows (where the files are, how the preview is). */
import type { Chat } from '../../../contract/chats.ts';
import { canonical } from '../agents/models/catalogue.ts';
import type { ModelSet } from '../agents/models/providers.ts';
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
    const [states, models] = await Promise.all([
      this.#states(row.container_id),
      this.#platform.providers.of(row.organisation_id),
    ]);
    return this.#view(row, states, models);
  }

  async many(rows: ChatRow[]): Promise<Chat[]> {
    if (rows.length === 0) return [];
    // the rows of one call belong to one container, and so to one organisation
    const [states, models] = await Promise.all([
      this.#states(rows[0]!.container_id),
      this.#platform.providers.of(rows[0]!.organisation_id),
    ]);
    return rows.map((row) => this.#view(row, states, models));
  }

  /** A host that does not answer must not hide the chats. */
  #states(containerId: string): Promise<States> {
    return this.#platform.host.chatStates({ containerId }, AbortSignal.timeout(3000)).catch(() => NOTHING);
  }

  #view(row: ChatRow, states: States, models: ModelSet): Chat {
    const model = row.model === null ? null : canonical(row.model);
    const entry = models.entry(model ?? models.defaultFor(row.assistant));
    return showChat(
      { ...row, model },
      {
        baseUrl: this.#platform.config.baseUrl,
        maxTokens: entry.provider === 'builtin' ? null : entry.contextTokens,
        ...(states.transports[row.id] ? { transport: states.transports[row.id]! } : {}),
        preview: states.previews[row.id],
      },
    );
  }
}
