/**
 * Search over what a person may see: titles, and what people and assistants said. The log is encrypted, so messages are opened and looked
 * through, newest chats first, a bounded piece per request (docs/decisions/0007 says why there is no index of words).
 */
import type { Found } from '../../../contract/chats.ts';
import type { Access } from '../accounts/access-set.ts';
import { type Db, many, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { EventLog } from '../events/log.ts';
import { snippetOf, type Terms, termsOf } from './search-terms.ts';

/** How much one request looks at: 0.15 to 0.6 s of opening and reading, measured on two busy cores. */
const MOST_MESSAGES = 4000;
const BATCH = 250;
const MOST_OF_A_CHAT = 5;
const MOST_CHATS = 5000;

interface ChatHead {
  id: string;
  title: string;
  updated_at: Date;
  archived: boolean;
  app: Found['app'];
}

/** Where a search goes on: in this chat, before this event. */
interface Cursor {
  at: string;
  chatId: string;
  before: number;
}

/** @throws AppError `bad_cursor`, `no_terms` */
export async function searchChats(
  parts: { db: Db; log: EventLog },
  access: Access,
  input: { q: string; cursor?: string | undefined; limit: number },
): Promise<{ items: Found[]; next: string | null }> {
  const terms = termsOf(input.q);
  if (terms.length === 0) throw new AppError('no_terms', 'invalid', 'Say what to look for.');
  const cursor = input.cursor === undefined ? undefined : readCursor(input.cursor);
  const chats = await heads(parts.db, access, cursor);
  const items: Found[] = [];
  if (!cursor) for (const chat of chats) items.push(...inTitle(chat, terms));
  items.splice(input.limit);
  let looked = 0;
  for (const chat of chats) {
    let before = chat.id === cursor?.chatId ? cursor.before : Number.MAX_SAFE_INTEGER;
    let found = 0;
    const edited = new Set<string>();
    while (found < MOST_OF_A_CHAT) {
      if (looked >= MOST_MESSAGES || items.length >= input.limit)
        return { items, next: writeCursor({ at: chat.updated_at.toISOString(), chatId: chat.id, before }) };
      const events = await parts.log.said(chat.id, before, BATCH);
      looked += events.length;
      for (const event of events) {
        before = event.seq;
        if (event.type !== 'message.user' && event.type !== 'message.assistant' && event.type !== 'message.edited')
          continue;
        const { turnId, text } = event.payload;
        // the words before an edit are not what was asked
        if (event.type === 'message.edited') edited.add(turnId);
        else if (event.type === 'message.user' && edited.has(turnId)) continue;
        const snippet = snippetOf(event.type === 'message.assistant' ? withoutMarks(text) : text, terms);
        if (!snippet) continue;
        const by = event.type === 'message.assistant' ? null : event.payload.by.name;
        items.push({ ...shown(chat), turnId, by, at: event.at, snippet });
        if (++found >= MOST_OF_A_CHAT || items.length >= input.limit) break;
      }
      if (events.length < BATCH && items.length < input.limit) break;
    }
  }
  return { items, next: null };
}

/** An answer without the marks of Markdown that its reader never sees. */
const withoutMarks = (text: string): string => text.replace(/\*\*|`|^#+ /gm, '');

const shown = ({ id, title, app, archived }: ChatHead) => ({ chatId: id, title, app, archived });

function inTitle(chat: ChatHead, terms: Terms): Found[] {
  const snippet = snippetOf(`${chat.title}${chat.app ? ` · ${chat.app.name}` : ''}`, terms);
  return snippet ? [{ ...shown(chat), turnId: null, by: null, at: chat.updated_at.toISOString(), snippet }] : [];
}

/** The chats of the container that is asked about, the ones worked on last first. */
function heads(db: Db, access: Access, cursor: Cursor | undefined): Promise<ChatHead[]> {
  const from = cursor
    ? sql`and (date_trunc('milliseconds', h.updated_at), h.id) <= (${new Date(cursor.at)}, ${cursor.chatId}::uuid)`
    : sql``;
  return many(
    db,
    sql<ChatHead>`select h.id, h.title, h.updated_at, h.archived_at is not null as archived,
        case when a.id is null then null else jsonb_build_object('id', a.id, 'slug', a.slug, 'name', a.name, 'colour', a.colour, 'icon', a.icon) end as app
      from chats h left join apps a on a.id = h.app_id
      where h.container_id = ${access.containers[0]?.id ?? null} and h.deleted_at is null ${from}
      order by date_trunc('milliseconds', h.updated_at) desc, h.id desc limit ${MOST_CHATS}`,
  );
}

const writeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function readCursor(text: string): Cursor {
  try {
    const { at, chatId, before } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Cursor;
    if (/^[0-9a-f-]{36}$/.test(chatId) && Number.isSafeInteger(before) && !Number.isNaN(Date.parse(at)))
      return { at, chatId, before };
  } catch {
    // said below
  }
  throw new AppError('bad_cursor', 'invalid', 'This is not a place where a search can go on.');
}
