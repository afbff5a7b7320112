/**
 * Live sync: one WebSocket per tab. The first frame proves who it is; a subscription gives every event after the last one seen, in
 * order, once, then what comes. Sockets of a session that is over are closed within seconds.
 */
import type { WebSocket } from 'ws';
import {
  type ChatEvent,
  clientFrameSchema,
  type LiveEventName,
  type ServerFrame,
  type TextDelta,
} from '../../../contract/events.ts';
import type { Access, AccessSet } from '../accounts/access-set.ts';
import type { AccessTokens } from '../accounts/access-tokens.ts';
import type { Db } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { Hub } from '../events/hub.ts';
import type { EventLog } from '../events/log.ts';
import { findChat } from './chats.ts';
import type { StreamingTexts } from './streaming-texts.ts';

const SIGN_IN_MS = 10_000;
const LARGEST_FRAME = 8192;
const MOST_ROOMS = 20;
const MOST_BUFFERED = 8 * 1024 * 1024;

export interface LiveParts {
  db: Db;
  tokens: AccessTokens;
  accessSet: AccessSet;
  log: EventLog;
  hub: Hub;
  texts: StreamingTexts;
  /** the chat or app row as the API shows it */
  showChat: (chatId: string) => Promise<unknown>;
}

const EVENT_NAMES: Partial<Record<ChatEvent['type'], LiveEventName>> = {
  'agent.update': 'agent_update',
  'build.progress': 'build_progress',
  'collaborator.joined': 'collaborator_joined',
  'preview.changed': 'notification',
  'reminder.changed': 'notification',
};

/** Serves one socket until it closes. */
export function serveLive(socket: WebSocket, parts: LiveParts): void {
  let access: Access | undefined;
  const rooms = new Map<string, Room>();
  const signInTimer = setTimeout(() => socket.close(4401, 'no sign-in'), SIGN_IN_MS);

  const send = (frame: ServerFrame) => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_BUFFERED) return socket.close(4408, 'too slow: reconnect and catch up');
    socket.send(JSON.stringify(frame));
  };

  const onStored = (room: string, seq: number) =>
    void rooms
      .get(room)
      ?.upTo(seq)
      .catch(() => socket.close(1011));
  const onDelta = (delta: TextDelta) => {
    if (rooms.get(`chat:${delta.chatId}`)?.hearsDeltas)
      send({ room: `chat:${delta.chatId}`, seq: null, event: 'message', data: delta });
  };
  const onChanged = async (room: string, what: string) => {
    if (!rooms.has(room)) return;
    const [kind, id] = what.split(' ');
    if (kind === 'chat') {
      const chat = await parts.showChat(id!).catch(() => undefined);
      if (chat) send({ room, seq: null, event: 'notification', data: { type: 'chat.changed', chat } as never });
    } else
      send({
        room,
        seq: null,
        event: 'notification',
        data: { type: kind === 'container' ? 'container.changed' : 'app.changed' },
      });
  };
  const onAccess = async (affects: (access: Access) => boolean) => {
    if (!access || !affects(access)) return;
    access = await parts.accessSet.of(access.sessionId).catch(() => undefined);
    if (!access) return socket.close(4401, 'signed out');
    for (const name of rooms.keys()) if (!(await mayEnter(parts.db, access, name))) rooms.delete(name);
  };
  parts.hub.on('stored', onStored).on('delta', onDelta).on('changed', onChanged);
  parts.accessSet.events.on('changed', onAccess);
  const recheck = setInterval(() => void onAccess(() => true), 5000);

  socket.on('close', () => {
    clearTimeout(signInTimer);
    clearInterval(recheck);
    parts.hub.off('stored', onStored).off('delta', onDelta).off('changed', onChanged);
    parts.accessSet.events.off('changed', onAccess);
  });
  socket.on('error', () => socket.terminate());

  let chain: Promise<void> = Promise.resolve();
  socket.on('message', (raw, binary) => {
    // frames are handled one after the other: a subscription must see the sign-in before it
    chain = chain.then(() => handle(raw as Buffer, binary)).catch(() => socket.close(1011));
  });

  async function handle(raw: Buffer, binary: boolean): Promise<void> {
    if (binary || raw.length > LARGEST_FRAME) return socket.close(4400, 'frame refused');
    const frame = clientFrameSchema.safeParse(parseJson(raw.toString()));
    if (!frame.success) return send({ type: 'error', code: 'bad_frame', message: 'This frame is not understood.' });
    if (frame.data.type === 'auth') {
      const token = await parts.tokens.read(frame.data.token).catch(() => undefined);
      const found = token && (await parts.accessSet.of(token.sessionId));
      if (!found || (access && access.user.id !== found.user.id)) return socket.close(4401, 'signed out');
      access = found;
      clearTimeout(signInTimer);
      return send({ type: 'ready' });
    }
    if (!access) return socket.close(4401, 'sign in first');
    const { room } = frame.data;
    if (frame.data.type === 'unsubscribe') return void rooms.delete(room);
    if (!(await mayEnter(parts.db, access, room)))
      return send({ type: 'error', code: 'not_found', message: 'There is no such room.', room });
    if (rooms.size >= MOST_ROOMS)
      return send({ type: 'error', code: 'too_many_rooms', message: 'Too many rooms at once.', room });
    const next = new Room(room, frame.data.after ?? 0, parts.log, send);
    rooms.set(room, next);
    await next.catchUp();
    send({ type: 'subscribed', room, seq: next.sent });
    if (room.startsWith('chat:')) {
      const chatId = room.slice(5);
      const saved = await parts.texts.running(chatId);
      // from here to the first piece that follows nothing may come between, or the tab would miss a piece
      const here = parts.texts.here(chatId);
      const elsewhere = saved.filter(({ messageId }) => !here.some((one) => one.messageId === messageId));
      for (const delta of [...elsewhere, ...here]) send({ room, seq: null, event: 'message', data: delta });
      next.hearsDeltas = true;
    }
  }
}

/** One subscription: hands out events in order, once, whatever order the notifications come in. */
class Room {
  readonly #name: string;
  readonly #log: EventLog;
  readonly #send: (frame: ServerFrame) => void;
  sent: number;
  /** pieces of running answers are of use only after what came before them */
  hearsDeltas = false;
  #known: number;
  #reading: Promise<void> | undefined;

  constructor(name: string, after: number, log: EventLog, send: (frame: ServerFrame) => void) {
    this.#name = name;
    this.sent = after;
    this.#known = after;
    this.#log = log;
    this.#send = send;
  }

  upTo(seq: number): Promise<void> {
    this.#known = Math.max(this.#known, seq);
    return this.catchUp();
  }

  catchUp(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
      if (this.sent < this.#known) void this.catchUp().catch(() => {});
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (!this.#name.startsWith('chat:')) {
      this.sent = this.#known;
      return;
    }
    for (;;) {
      const events = await this.#log.read(this.#name.slice(5), this.sent);
      for (const event of events) {
        this.sent = event.seq;
        this.#send({ room: this.#name, seq: event.seq, event: EVENT_NAMES[event.type] ?? 'message', data: event });
      }
      if (events.length === 0) {
        this.#known = this.sent;
        return;
      }
    }
  }
}

async function mayEnter(db: Db, access: Access, room: string): Promise<boolean> {
  const [kind, id] = room.split(':');
  if (!id || !/^[0-9a-f-]{36}$/.test(id)) return false;
  if (kind === 'container') return access.containers.some((container) => container.id === id);
  if (kind !== 'chat') return false;
  return findChat(db, access, id).then(
    () => true,
    (error) => {
      if (error instanceof AppError) return false;
      throw error;
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
