import { fact, type FactName, type Facts } from "../src/events";
import type { Conversation } from "../src/generated/Conversation";
import type { ConversationUpdate } from "../src/generated/ConversationUpdate";
import type { Marks } from "../src/generated/Marks";
import type { Message } from "../src/generated/Message";
import type { SyncRequest } from "../src/generated/SyncRequest";
import type { SyncResult } from "../src/generated/SyncResult";
import type { User } from "../src/generated/User";
import { NO_MARKS } from "../src/marks";

export interface Told<F extends FactName = FactName> {
  name: F;
  payload: Facts[F];
}

interface Room {
  id: string;
  title: string;
  members: Set<string>;
  messages: Message[];
  rev: number;
  /** The `rev` of the last change of the conversation itself. */
  infoRev: number;
  reads: Map<string, number>;
}

export interface Limits {
  /** How many revs behind a client is told to start over. */
  reset: number;
  /** How many messages one answer of `sync` carries. */
  page: number;
  /** How many messages come with a new conversation. */
  tail: number;
}

/** Copies as the wire does. */
function wire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const START = Date.parse("2026-01-01T00:00:00.000Z");

export function user(id: string): User {
  return { id, username: id, displayName: id.toUpperCase(), avatarUrl: null, createdAt: new Date(START).toISOString() };
}

/** The contract's server in a few lines: one process, no time, no network. What it tells goes to whoever listens. */
export class ModelServer {
  readonly rooms = new Map<string, Room>();
  readonly limits: Limits;
  readonly #marks = new Map<string, Marks>();
  readonly #listeners = new Map<string, (told: Told) => void>();
  #ids = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.limits = { reset: 2_000, page: 500, tail: 50, ...limits };
  }

  listen(userId: string, listener: (told: Told) => void): () => void {
    this.#listeners.set(userId, listener);
    return () => this.#listeners.delete(userId);
  }

  create(memberIds: readonly string[], title = "room"): string {
    const id = `c${++this.#ids}`;
    const room: Room = {
      id,
      title,
      members: new Set(memberIds),
      messages: [],
      rev: 0,
      infoRev: 0,
      reads: new Map(),
    };
    this.rooms.set(id, room);
    this.#tell(room, fact.conversationCreated, { conversation: this.#update(room) });
    return id;
  }

  send(conversationId: string, senderId: string, body: string, clientId: string, replyTo: string | null = null): Message {
    const room = this.room(conversationId);
    const known = room.messages.find((message) => message.senderId === senderId && message.clientId === clientId);
    if (known) return known;
    const seq = room.messages.length + 1;
    const message: Message = {
      id: `m${++this.#ids}`,
      conversationId,
      seq,
      rev: ++room.rev,
      senderId,
      clientId,
      body,
      attachments: [],
      replyTo,
      reactions: [],
      createdAt: new Date(START + this.#ids * 1000).toISOString(),
      editedAt: null,
      deletedAt: null,
    };
    room.messages.push(message);
    room.reads.set(senderId, seq);
    this.#tell(room, fact.messageCreated, { message });
    return message;
  }

  change(conversationId: string, seq: number, change: Partial<Message>): Message {
    const room = this.room(conversationId);
    const held = room.messages[seq - 1];
    if (!held) throw new Error(`no message ${seq}`);
    const message = { ...held, ...change, rev: ++room.rev };
    room.messages[seq - 1] = message;
    this.#tell(room, fact.messageUpdated, { message });
    return message;
  }

  rename(conversationId: string, title: string): void {
    const room = this.room(conversationId);
    room.title = title;
    room.infoRev = ++room.rev;
    this.#tell(room, fact.conversationUpdated, { conversation: this.#update(room) });
  }

  add(conversationId: string, userId: string): void {
    const room = this.room(conversationId);
    if (room.members.has(userId)) return;
    room.infoRev = ++room.rev;
    this.#tell(room, fact.conversationUpdated, { conversation: this.#update(room) });
    room.members.add(userId);
    this.#tellOne(userId, fact.conversationCreated, { conversation: this.#update(room) });
  }

  remove(conversationId: string, userId: string): void {
    const room = this.room(conversationId);
    if (!room.members.delete(userId)) return;
    room.infoRev = ++room.rev;
    this.#forgetMarks(userId, conversationId);
    this.#tellOne(userId, fact.conversationRemoved, { conversationId });
    this.#tell(room, fact.conversationUpdated, { conversation: this.#update(room) });
  }

  read(conversationId: string, userId: string, seq: number): number {
    const room = this.room(conversationId);
    const readSeq = Math.max(room.reads.get(userId) ?? 0, Math.min(seq, room.messages.length));
    room.reads.set(userId, readSeq);
    if (this.marks(userId).unread.includes(conversationId)) this.mark(userId, "unread", conversationId, false);
    this.#tell(room, fact.conversationRead, { conversationId, userId, seq: readSeq });
    return readSeq;
  }

  marks(userId: string): Marks {
    return wire(this.#marks.get(userId) ?? NO_MARKS);
  }

  mark(userId: string, list: keyof Marks, id: string, on: boolean): void {
    const before = this.marks(userId);
    const others = before[list].filter((held) => held !== id);
    const marks = { ...before, [list]: on ? [...others, id] : others };
    this.#marks.set(userId, marks);
    this.#tellOne(userId, fact.marksChanged, { marks });
  }

  /** Nobody is told of it. */
  #forgetMarks(userId: string, conversationId: string): void {
    const { blocked, ...lists } = this.marks(userId);
    const without = (ids: readonly string[]) => ids.filter((id) => id !== conversationId);
    this.#marks.set(userId, { blocked, pinned: without(lists.pinned), unread: without(lists.unread), muted: without(lists.muted) });
  }

  list(conversationId: string, before: number, limit: number): { messages: Message[]; hasMore: boolean } {
    const older = this.room(conversationId).messages.slice(0, before - 1);
    return { messages: older.slice(-limit), hasMore: older.length > limit };
  }

  listAfter(conversationId: string, after: number, limit: number): { messages: Message[]; hasMore: boolean } {
    const newer = this.room(conversationId).messages.slice(after);
    return { messages: newer.slice(0, limit), hasMore: newer.length > limit };
  }

  sync(userId: string, { cursors }: SyncRequest): SyncResult {
    const mine = [...this.rooms.values()].filter((room) => room.members.has(userId));
    const result: SyncResult = { conversations: [], messages: [], reads: {}, removed: [], reset: [], complete: true };
    for (const id of Object.keys(cursors)) {
      if (!mine.some((room) => room.id === id)) result.removed.push(id);
    }
    for (const room of mine) {
      result.reads[room.id] = room.reads.get(userId) ?? 0;
      const cursor = cursors[room.id];
      if (cursor === undefined || room.rev - cursor > this.limits.reset) {
        if (cursor !== undefined) result.reset.push(room.id);
        result.conversations.push(this.conversation(room.id, userId));
        result.messages.push(...room.messages.slice(-this.limits.tail));
        continue;
      }
      if (cursor >= room.rev) continue;
      const missed = room.messages.filter((message) => message.rev > cursor).sort((a, b) => a.rev - b.rev);
      result.conversations.push(this.conversation(room.id, userId));
      result.messages.push(...missed.slice(0, this.limits.page));
      if (missed.length > this.limits.page) result.complete = false;
    }
    result.messages.sort((a, b) => a.rev - b.rev);
    return wire(result);
  }

  room(id: string): Room {
    const room = this.rooms.get(id);
    if (!room) throw new Error(`no conversation ${id}`);
    return room;
  }

  conversation(id: string, userId: string): Conversation {
    const room = this.room(id);
    const readSeq = room.reads.get(userId) ?? 0;
    return { ...this.#update(room), readSeq, unreadCount: room.messages.length - readSeq, muted: false };
  }

  #update(room: Room): ConversationUpdate {
    return {
      id: room.id,
      kind: "group",
      title: room.title,
      members: [...room.members].sort().map((userId) => ({ userId, role: "member" })),
      memberCount: room.members.size,
      lastMessage: room.messages.at(-1) ?? null,
      lastSeq: room.messages.length,
      rev: room.rev,
      createdAt: new Date(START).toISOString(),
    };
  }

  #tell<F extends FactName>(room: Room, name: F, payload: Facts[F]): void {
    for (const userId of room.members) this.#tellOne(userId, name, payload);
  }

  #tellOne<F extends FactName>(userId: string, name: F, payload: Facts[F]): void {
    this.#listeners.get(userId)?.({ name, payload: wire(payload) });
  }
}
