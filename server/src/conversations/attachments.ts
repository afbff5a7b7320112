/**
 * Files of messages: uploaded first, by whoever writes; claimed by the message in its transaction; readable by whoever sees the chat; gone
 * with the chat. Name and content lie encrypted in the platform database.
 */
import { randomUUID } from 'node:crypto';
import { MOST_ATTACHMENTS } from '../../../contract/attachment-limits.ts';
import type { Attachment } from '../../../contract/attachments.ts';
import type { Access } from '../accounts/access-set.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, many, maybe, one, run, sql, type Tx } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { recognise } from './attachment-kinds.ts';
import { findChat } from './chats.ts';

const MB = 1024 * 1024;
const MOST_UNSENT = 4 * MOST_ATTACHMENTS;
const UNSENT_BYTES = 100 * MB;
const CHAT_BYTES = 500 * MB;
const UNSENT_HOURS = 24;

interface Row {
  id: string;
  organisation_id: string;
  chat_id: string | null;
  uploaded_by: string | null;
  kind: Attachment['kind'];
  media_type: string;
  size: number;
  width: number | null;
  height: number | null;
  name: Buffer;
}
const COLUMNS = sql`id, organisation_id, chat_id, uploaded_by, kind, media_type, size, width, height, name`;

export interface AttachmentFile {
  attachment: Attachment;
  bytes: Buffer;
}

export class Attachments {
  readonly #db: Db;
  readonly #keys: DataKeys;

  constructor(db: Db, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  /**
   * Keeps a file that a person is about to send.
   * @throws AppError `no_container`, `too_many_files`, and what `recognise` throws
   */
  async upload(
    access: Access,
    file: { name: string; bytes: Buffer; chatId?: string | undefined; containerId?: string | undefined },
  ): Promise<Attachment> {
    const organisationId = file.chatId
      ? (await findChat(this.#db, access, file.chatId)).organisation_id
      : access.containers.find(({ id }, at) => (file.containerId ? id === file.containerId : at === 0))?.organisationId;
    if (!organisationId) throw new AppError('no_container', 'missing', 'There is no place to build in yet.');
    await run(
      this.#db,
      sql`delete from attachments where chat_id is null and created_at < now() - ${UNSENT_HOURS} * interval '1 hour'`,
    );
    const unsent = await one(
      this.#db,
      sql<{ files: number; bytes: number }>`select count(*)::int as files, coalesce(sum(size), 0)::float8 as bytes
        from attachments where uploaded_by = ${access.user.id} and chat_id is null`,
    );
    if (unsent.files >= MOST_UNSENT || unsent.bytes + file.bytes.length > UNSENT_BYTES)
      throw new AppError('too_many_files', 'limit', 'Too many files wait to be sent.', {
        detail: 'Send or remove some of them first; what is never sent goes after a day.',
      });
    return this.#keep({ organisationId, chatId: null, uploadedBy: access.user.id, ...file });
  }

  /** Keeps a picture that a tool made in a chat. @throws AppError `chat_full` */
  async keepPicture(
    chat: { id: string; organisation_id: string },
    picture: { name: string; bytes: Buffer },
  ): Promise<Attachment> {
    await this.#refuseFull(this.#db, chat.id);
    return this.#keep({ organisationId: chat.organisation_id, chatId: chat.id, uploadedBy: null, ...picture });
  }

  /**
   * Gives uploaded files to a chat, in the transaction that stores their message. Those of a message that was taken back can go out again.
   * @throws AppError `attachment_gone`, `chat_full`
   */
  async claim(tx: Tx, userId: string, chatId: string, ids: readonly string[]): Promise<Attachment[]> {
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) return [];
    const rows = await many(
      tx,
      sql<Row>`update attachments set chat_id = ${chatId} where id = any(${wanted}::uuid[]) and uploaded_by = ${userId}
        and (chat_id is null or chat_id = ${chatId}) and organisation_id = (select c.organisation_id from chats h join containers c on c.id = h.container_id where h.id = ${chatId}) returning ${COLUMNS}`,
    );
    if (rows.length !== wanted.length)
      throw new AppError('attachment_gone', 'missing', 'A file of this message is not there any more.', {
        detail: 'Remove it, add it again, and send.',
      });
    await this.#refuseFull(tx, chatId);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return Promise.all(wanted.map((id) => this.#show(byId.get(id)!)));
  }

  /** A file for a person: of a chat that they see, or their own that waits. @throws AppError `attachment_not_found` */
  async read(access: Access, id: string): Promise<AttachmentFile> {
    const row = await maybe(
      this.#db,
      sql<Row & { content: Buffer }>`select ${COLUMNS}, content from attachments where id = ${id}`,
    );
    const mine = row?.chat_id === null && row.uploaded_by === access.user.id;
    const seen = row?.chat_id
      ? await findChat(this.#db, access, row.chat_id).then(
          () => true,
          () => false,
        )
      : mine;
    if (!row || !seen) throw notThere();
    return this.#open(row);
  }

  /** Removes a file that waits. @throws AppError `attachment_not_found` */
  async remove(access: Access, id: string): Promise<void> {
    const gone = await run(
      this.#db,
      sql`delete from attachments where id = ${id} and uploaded_by = ${access.user.id} and chat_id is null`,
    );
    if (gone === 0) throw notThere();
  }

  /** Files of a chat for its prompt; one that is gone is left out. */
  async ofChat(chatId: string, ids: readonly string[]): Promise<Map<string, AttachmentFile>> {
    if (ids.length === 0) return new Map();
    const rows = await many(
      this.#db,
      sql<
        Row & { content: Buffer }
      >`select ${COLUMNS}, content from attachments where chat_id = ${chatId} and id = any(${[...ids]}::uuid[])`,
    );
    return new Map(await Promise.all(rows.map(async (row) => [row.id, await this.#open(row)] as const)));
  }

  async #refuseFull(db: Db, chatId: string): Promise<void> {
    const { bytes } = await one(
      db,
      sql<{ bytes: number }>`select coalesce(sum(size), 0)::float8 as bytes from attachments where chat_id = ${chatId}`,
    );
    if (bytes > CHAT_BYTES)
      throw new AppError('chat_full', 'limit', `The files of this chat have reached ${CHAT_BYTES / MB} MB.`, {
        detail: 'Go on in a new chat.',
      });
  }

  async #keep(file: {
    organisationId: string;
    chatId: string | null;
    uploadedBy: string | null;
    name: string;
    bytes: Buffer;
  }): Promise<Attachment> {
    const { organisationId, bytes } = file;
    const { kind, mediaType, width, height } = recognise(bytes);
    const id = randomUUID();
    const name = plainName(file.name);
    const [sealedName, content] = await Promise.all([
      this.#keys.seal(organisationId, `attachment name ${id}`, name),
      this.#keys.sealBytes(organisationId, `attachment ${id}`, bytes),
    ]);
    await run(
      this.#db,
      sql`insert into attachments (id, organisation_id, chat_id, uploaded_by, kind, media_type, size, width, height, name, content)
        values (${id}, ${organisationId}, ${file.chatId}, ${file.uploadedBy}, ${kind}, ${mediaType}, ${bytes.length}, ${width ?? null}, ${height ?? null}, ${sealedName}, ${content})`,
    );
    return { id, name, kind, mediaType, size: bytes.length, ...(width && height ? { width, height } : {}) };
  }

  async #open(row: Row & { content: Buffer }): Promise<AttachmentFile> {
    const bytes = await this.#keys.openBytes(row.organisation_id, `attachment ${row.id}`, row.content);
    return { attachment: await this.#show(row), bytes };
  }

  async #show(row: Row): Promise<Attachment> {
    const name = await this.#keys.open<string>(row.organisation_id, `attachment name ${row.id}`, row.name);
    const size = row.width && row.height ? { width: row.width, height: row.height } : {};
    return { id: row.id, name, kind: row.kind, mediaType: row.media_type, size: row.size, ...size };
  }
}

const notThere = () => new AppError('attachment_not_found', 'missing', 'There is no such file.');

/** A name as it can be shown and saved anywhere: one line, no folders. */
function plainName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control and direction characters are what is taken out
  const plain = last.replace(/[\u0000-\u001f\u007f"\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return plain.slice(-120) || 'file';
}
