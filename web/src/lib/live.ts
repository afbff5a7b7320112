/** Live sync: one socket per tab, rooms that survive reconnects, events handed out in order and once. */
import type { ChatEvent, ServerFrame, TextDelta } from '../../../contract/events.ts';
import { dropToken, freshToken } from './api.ts';

export type LiveData = Extract<ServerFrame, { data: unknown }>['data'];
export type Connection = 'connecting' | 'open' | 'lost';

interface Room {
  after: number;
  listeners: Set<(data: LiveData) => void>;
}

export class Live {
  #socket: WebSocket | undefined;
  #rooms = new Map<string, Room>();
  #ready = false;
  #stopped = false;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: Connection = 'connecting';
  #watchers = new Set<() => void>();

  start(): void {
    this.#stopped = false;
    void this.#connect();
    addEventListener('online', this.#retryNow);
    document.addEventListener('visibilitychange', this.#retryNow);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    removeEventListener('online', this.#retryNow);
    document.removeEventListener('visibilitychange', this.#retryNow);
    this.#socket?.close();
  }

  get state(): Connection {
    return this.#state;
  }

  watch = (listener: () => void): (() => void) => {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  };

  /** Joins a room from the event after `after` on. @returns how to leave */
  join(room: string, after: number, listener: (data: LiveData) => void): () => void {
    let entry = this.#rooms.get(room);
    if (!entry) {
      entry = { after, listeners: new Set() };
      this.#rooms.set(room, entry);
    }
    entry.listeners.add(listener);
    if (this.#ready) this.#send({ type: 'subscribe', room, after: entry.after });
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size > 0) return;
      this.#rooms.delete(room);
      if (this.#ready) this.#send({ type: 'unsubscribe', room });
    };
  }

  #retryNow = (): void => {
    if (document.visibilityState === 'visible' && this.#state === 'lost') {
      clearTimeout(this.#timer);
      void this.#connect();
    }
  };

  async #connect(): Promise<void> {
    if (this.#stopped || this.#socket?.readyState === WebSocket.OPEN) return;
    const token = await freshToken().catch(() => undefined);
    if (!token) return this.#later();
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live`);
    this.#socket = socket;
    let asked = false;
    socket.onopen = () => {
      asked = true;
      this.#send({ type: 'auth', token });
    };
    socket.onmessage = (message) => this.#take(JSON.parse(message.data as string) as ServerFrame);
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      // who is turned away asks for a new token next, and is signed out where there is none
      if (asked && !this.#ready) dropToken();
      this.#ready = false;
      this.#become('lost');
      this.#later();
    };
  }

  #later(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), Math.min(300 * 2 ** this.#tries++, 5000));
  }

  #take(frame: ServerFrame): void {
    if ('type' in frame && frame.type === 'ready') {
      this.#ready = true;
      this.#tries = 0;
      this.#become('open');
      for (const [room, { after }] of this.#rooms) this.#send({ type: 'subscribe', room, after });
      return;
    }
    if (!('data' in frame)) return;
    const room = this.#rooms.get(frame.room);
    if (!room) return;
    if (frame.seq !== null) {
      // a reconnect may repeat what was on its way
      if (frame.seq <= room.after) return;
      room.after = frame.seq;
    }
    for (const listener of room.listeners) listener(frame.data);
  }

  #send(frame: unknown): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #become(state: Connection): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}

export const isDelta = (data: LiveData): data is TextDelta => data.type === 'message.delta';
export const isEvent = (data: LiveData): data is ChatEvent => 'seq' in data;
