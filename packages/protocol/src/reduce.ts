/**
 * The one place where what happened becomes what we know. Pure: no clock, no network, no randomness.
 *
 * Facts may arrive late, twice, in the wrong order or never. Two guards keep the state right:
 * a change never overwrites a newer `rev` of the same thing, and `cursor` only moves over `rev`s that we hold without a
 * hole, so that the next sync asks for exactly what is missing.
 */
import type { Conversation } from "./generated/Conversation";
import type { ConversationUpdate } from "./generated/ConversationUpdate";
import type { Marks } from "./generated/Marks";
import type { Message } from "./generated/Message";
import type { Presence } from "./generated/Presence";
import type { SyncResult } from "./generated/SyncResult";
import type { User } from "./generated/User";
import { changeBefore, insert, leaveExcerpt, pageAfter, pageBefore, pageElsewhere, trim } from "./history";
import type { ChatState, Connection, OutboxItem, Thread } from "./state";

export const TYPING_EXPIRES_MS = 6_000;
export type ChatEvent =
  | { type: "restored"; threads: readonly Thread[]; users: readonly User[] }
  | { type: "connection"; connection: Connection }
  | { type: "session"; user: User }
  | { type: "message"; message: Message }
  | { type: "conversation-told"; conversation: ConversationUpdate }
  | { type: "conversation-read-whole"; conversation: Conversation }
  | { type: "conversation-removed"; conversationId: string }
  | { type: "read"; conversationId: string; userId: string; seq: number }
  | { type: "marks"; marks: Marks }
  | { type: "reads"; conversationId: string; reads: Readonly<Record<string, number>> }
  | { type: "typing"; conversationId: string; userId: string; typing: boolean; now: number }
  | { type: "typing-expired"; now: number }
  | { type: "presence"; presence: readonly Presence[] }
  | { type: "users"; users: readonly User[] }
  | { type: "users-gone"; ids: readonly string[] }
  | { type: "page-before"; conversationId: string; before: number; messages: readonly Message[]; hasMore: boolean }
  | { type: "page-after"; conversationId: string; after: number; messages: readonly Message[] }
  | { type: "page-elsewhere"; conversationId: string; messages: readonly Message[]; hasMore: boolean }
  | { type: "excerpt-left"; conversationId: string }
  | { type: "trimmed"; conversationId: string; keep: number }
  | { type: "synced"; asked: Readonly<Record<string, number>>; wanted: Readonly<Record<string, number>>; result: SyncResult }
  | { type: "outbox-loaded"; items: readonly OutboxItem[] }
  | { type: "outbox-put"; item: OutboxItem }
  | { type: "outbox-dropped"; clientId: string };

export function reduce(state: ChatState, event: ChatEvent): ChatState {
  switch (event.type) {
    case "restored":
      return restored(state, event.threads, event.users);
    case "connection":
      return state.connection === event.connection ? state : { ...state, connection: event.connection };
    case "session":
      return { ...state, me: event.user, users: { ...state.users, [event.user.id]: event.user } };
    case "message":
      return messageArrived(state, event.message);
    case "conversation-told":
      return conversationTold(state, event.conversation);
    case "conversation-read-whole":
      return conversationReadWhole(state, event.conversation);
    case "conversation-removed":
      return dropThread(state, event.conversationId);
    case "read":
      return event.userId === state.me.id
        ? readUpTo(state, event.conversationId, event.seq)
        : othersRead(state, event.conversationId, { [event.userId]: event.seq });
    case "marks":
      return state.marks === event.marks ? state : { ...state, marks: event.marks };
    case "reads":
      return othersRead(state, event.conversationId, event.reads);
    case "typing":
      return typingChanged(state, event.conversationId, event.userId, event.typing, event.now);
    case "typing-expired":
      return typingExpired(state, event.now);
    case "presence":
      return presenceChanged(state, event.presence);
    case "users":
      return usersLearned(state, event.users);
    case "users-gone":
      return usersGone(state, event.ids);
    case "page-before":
      return paged(state, event.conversationId, (thread) => pageBefore(thread, event.before, event.messages, event.hasMore));
    case "page-after":
      return paged(state, event.conversationId, (thread) => pageAfter(thread, event.after, event.messages));
    case "page-elsewhere":
      return paged(state, event.conversationId, (thread) => pageElsewhere(thread, event.messages, event.hasMore));
    case "excerpt-left":
      return paged(state, event.conversationId, leaveExcerpt);
    case "trimmed":
      return paged(state, event.conversationId, (thread) => trim(thread, event.keep));
    case "synced":
      return synced(state, event.asked, event.wanted, event.result);
    case "outbox-loaded":
      return { ...state, outbox: mergeOutbox(state.outbox, event.items) };
    case "outbox-put":
      return { ...state, outbox: mergeOutbox(state.outbox, [event.item]) };
    case "outbox-dropped":
      return dropFromOutbox(state, event.clientId);
  }
}

/** The conversations that a sync has to complete. */
export function needsSync(state: ChatState): boolean {
  return !isEmpty(state.wanted);
}

/** What a sync request carries: what we hold, for every conversation. */
export function cursorsOf(state: ChatState): Record<string, number> {
  const cursors: Record<string, number> = {};
  for (const [id, thread] of Object.entries(state.threads)) cursors[id] = thread.cursor;
  return cursors;
}

// ---------------------------------------------------------------- messages

function messageArrived(state: ChatState, message: Message): ChatState {
  const thread = state.threads[message.conversationId];
  const settled = dropFromOutbox(state, message.senderId === state.me.id ? message.clientId : null);
  if (!thread) return want(settled, message.conversationId, message.rev);
  const next = advance(withMessage(thread, message, state.me.id), message.rev);
  const read = othersRead(settled, message.conversationId, { [message.senderId]: message.seq });
  const quiet = typingChanged(read, message.conversationId, message.senderId, false, 0);
  return withThread(quiet, next);
}

/** Puts a message in its place, unless what we hold of it is as new. Does not touch the cursor. */
function withMessage(thread: Thread, message: Message, me: string): Thread {
  const { conversation } = thread;
  const lastSeq = Math.max(conversation.lastSeq, message.seq);
  const readSeq = message.senderId === me ? Math.max(conversation.readSeq, message.seq) : conversation.readSeq;
  const changed: Conversation = {
    ...conversation,
    lastSeq,
    readSeq,
    unreadCount: Math.max(0, lastSeq - readSeq),
    rev: Math.max(conversation.rev, message.rev),
    lastMessage: newerLast(conversation.lastMessage, message),
  };
  if (message.seq < thread.from) {
    return changeBefore({ ...thread, conversation: changed }, message);
  }
  return { ...thread, conversation: changed, messages: insert(thread.messages, message) };
}

function newerLast(held: Message | null, message: Message | null): Message | null {
  if (!held || !message) return held ?? message;
  if (message.seq !== held.seq) return message.seq > held.seq ? message : held;
  return message.rev > held.rev ? message : held;
}

/** Applies what brings no change, only more or less of what there is: the cursor stays. */
function paged(state: ChatState, conversationId: string, page: (thread: Thread) => Thread): ChatState {
  const thread = state.threads[conversationId];
  const next = thread && page(thread);
  return next && next !== thread ? { ...state, threads: { ...state.threads, [conversationId]: next } } : state;
}

// ---------------------------------------------------------------- revisions

/** Notes that we hold the change `rev`, and moves the cursor as far as there is no hole. */
function advance(thread: Thread, rev: number): Thread {
  if (rev <= thread.cursor) return thread;
  let { cursor } = thread;
  const ahead = thread.ahead.includes(rev) ? [...thread.ahead] : [...thread.ahead, rev].sort((a, b) => a - b);
  while (ahead.length > 0 && (ahead[0] ?? 0) <= cursor + 1) {
    cursor = Math.max(cursor, ahead.shift() ?? 0);
  }
  return { ...thread, cursor, ahead };
}

function want(state: ChatState, conversationId: string, rev: number): ChatState {
  if ((state.wanted[conversationId] ?? -1) >= rev) return state;
  return { ...state, wanted: { ...state.wanted, [conversationId]: rev } };
}

/** Stores the thread and notes whether it still misses something. */
function withThread(state: ChatState, thread: Thread): ChatState {
  const { id } = thread.conversation;
  const threads = { ...state.threads, [id]: thread };
  const heard = Math.max(state.wanted[id] ?? 0, thread.ahead.at(-1) ?? 0, thread.conversation.rev);
  if (heard > thread.cursor) return want({ ...state, threads }, id, heard);
  if (!(id in state.wanted)) return { ...state, threads };
  return { ...state, threads, wanted: without(state.wanted, id) };
}

// ---------------------------------------------------------------- the last time

/** What was held when this client was here before, unless newer is held already. The next sync goes on from there. */
function restored(state: ChatState, threads: readonly Thread[], users: readonly User[]): ChatState {
  const saved = Object.fromEntries(threads.map((thread) => [thread.conversation.id, thread]));
  return { ...usersLearned(state, users), me: state.me, threads: { ...saved, ...state.threads } };
}

// ---------------------------------------------------------------- conversations

function conversationTold(state: ChatState, told: ConversationUpdate): ChatState {
  const thread = state.threads[told.id];
  if (!thread) return want(state, told.id, told.rev);
  const next = withInfo(thread, told);
  return withThread(state, advance(next, told.rev));
}

/** A conversation as the answer to a command of ours: whole, but without its messages. */
function conversationReadWhole(state: ChatState, whole: Conversation): ChatState {
  const thread = state.threads[whole.id];
  if (thread) return withThread(state, withInfo(thread, whole));
  if (whole.lastSeq > 0) return want(state, whole.id, whole.rev);
  return withThread(state, newThread(whole));
}

function newThread(conversation: Conversation): Thread {
  return {
    conversation,
    messages: [],
    from: conversation.lastSeq + 1,
    older: [],
    excerpt: null,
    cursor: conversation.rev,
    ahead: [],
    infoRev: conversation.rev,
  };
}

/** Merges title, members and the like, if they are not older than what we hold; personal fields stay as they are. */
function withInfo(thread: Thread, told: ConversationUpdate | Conversation): Thread {
  const held = thread.conversation;
  const fresh = told.rev >= thread.infoRev;
  const lastSeq = Math.max(held.lastSeq, told.lastSeq);
  const personal = told as Partial<Conversation>;
  const readSeq = Math.max(held.readSeq, personal.readSeq ?? 0);
  const conversation: Conversation = {
    ...(fresh ? { ...held, ...told } : held),
    rev: Math.max(held.rev, told.rev),
    lastSeq,
    readSeq,
    unreadCount: Math.max(0, lastSeq - readSeq),
    lastMessage: newerLast(held.lastMessage, told.lastMessage),
  };
  return { ...thread, conversation, infoRev: Math.max(thread.infoRev, told.rev) };
}

function readUpTo(state: ChatState, conversationId: string, seq: number): ChatState {
  const thread = state.threads[conversationId];
  if (!thread || seq <= thread.conversation.readSeq) return state;
  const { conversation } = thread;
  const unreadCount = Math.max(0, conversation.lastSeq - seq);
  return {
    ...state,
    threads: { ...state.threads, [conversationId]: { ...thread, conversation: { ...conversation, readSeq: seq, unreadCount } } },
  };
}

/** How far others have read, of whom it moves forward only. */
function othersRead(state: ChatState, conversationId: string, reads: Readonly<Record<string, number>>): ChatState {
  const held = state.reads[conversationId] ?? {};
  const further = Object.entries(reads).filter(([userId, seq]) => userId !== state.me.id && seq > (held[userId] ?? 0));
  if (further.length === 0) return state;
  return { ...state, reads: { ...state.reads, [conversationId]: { ...held, ...Object.fromEntries(further) } } };
}

function dropThread(state: ChatState, conversationId: string): ChatState {
  if (!(conversationId in state.threads) && !(conversationId in state.wanted)) return state;
  return {
    ...state,
    threads: without(state.threads, conversationId),
    wanted: without(state.wanted, conversationId),
    typing: without(state.typing, conversationId),
    reads: without(state.reads, conversationId),
  };
}

// ---------------------------------------------------------------- sync

function synced(
  before: ChatState,
  asked: Readonly<Record<string, number>>,
  wantedThen: Readonly<Record<string, number>>,
  result: SyncResult,
): ChatState {
  let state = before;
  const byConversation = grouped(result.messages);
  const reset = new Set(result.reset);

  for (const conversation of result.conversations) {
    const messages = byConversation.get(conversation.id) ?? [];
    byConversation.delete(conversation.id);
    const thread = state.threads[conversation.id];
    const whole = !(conversation.id in asked) || reset.has(conversation.id);
    if (!thread && !whole) {
      // The continuation of what we have dropped since we asked; should it be ours again, the next sync brings it whole.
      state = want(state, conversation.id, conversation.rev);
      continue;
    }
    const next =
      !thread || (whole && conversation.rev >= thread.cursor)
        ? startThread(conversation, messages, thread, state.me.id)
        : continueThread(withInfo(thread, conversation), messages, result.complete ? conversation.rev : 0, state.me.id);
    state = withThread(state, next);
  }
  for (const [id, messages] of byConversation) {
    const thread = state.threads[id];
    if (thread) state = withThread(state, continueThread(thread, messages, 0, state.me.id));
  }
  for (const [id, seq] of Object.entries(result.reads)) state = readUpTo(state, id, seq);
  for (const id of result.removed) state = dropThread(state, id);
  for (const message of result.messages) {
    if (message.senderId === state.me.id) state = dropFromOutbox(state, message.clientId);
  }
  return result.complete ? { ...forgetAnswered(state, wantedThen), ready: true } : state;
}

function grouped(messages: readonly Message[]): Map<string, Message[]> {
  const groups = new Map<string, Message[]>();
  for (const message of messages) {
    const group = groups.get(message.conversationId);
    if (group) group.push(message);
    else groups.set(message.conversationId, [message]);
  }
  return groups;
}

/** A conversation that is new to us, or whose older copy is too old to be mended: what came is all that we keep. */
function startThread(conversation: Conversation, messages: readonly Message[], old: Thread | undefined, me: string): Thread {
  const sorted = [...messages].sort((a, b) => a.seq - b.seq);
  const from = sorted[0]?.seq ?? conversation.lastSeq + 1;
  let thread: Thread = { ...newThread(conversation), from, messages: sorted };
  for (const message of old?.messages ?? []) {
    if (message.rev > conversation.rev) thread = advance(withMessage(thread, message, me), message.rev);
  }
  if (old && old.conversation.rev > thread.conversation.rev) {
    thread = { ...thread, conversation: { ...thread.conversation, rev: old.conversation.rev } };
  }
  if (old && old.conversation.readSeq > conversation.readSeq) {
    const { readSeq } = old.conversation;
    const unreadCount = Math.max(0, thread.conversation.lastSeq - readSeq);
    thread = { ...thread, conversation: { ...thread.conversation, readSeq, unreadCount } };
  }
  return thread;
}

/** What a sync brought for a conversation that we hold: everything up to the highest `rev` of it, so no hole is left. */
function continueThread(thread: Thread, messages: readonly Message[], rev: number, me: string): Thread {
  let next = thread;
  let reached = rev;
  for (const message of messages) {
    next = withMessage(next, message, me);
    reached = Math.max(reached, message.rev);
  }
  if (reached <= next.cursor) return next;
  const ahead = next.ahead.filter((held) => held > reached);
  const last = ahead.at(-1);
  next = { ...next, cursor: reached, ahead };
  return last === undefined ? next : advance(next, last);
}

/** Conversations that a complete sync did not bring are not ours (any more): stop wanting them. */
function forgetAnswered(state: ChatState, wantedThen: Readonly<Record<string, number>>): ChatState {
  let { wanted } = state;
  for (const [id, rev] of Object.entries(wantedThen)) {
    if (!(id in state.threads) && (wanted[id] ?? 0) <= rev) wanted = without(wanted, id);
  }
  return wanted === state.wanted ? state : { ...state, wanted };
}

// ---------------------------------------------------------------- people

function typingChanged(state: ChatState, conversationId: string, userId: string, typing: boolean, now: number): ChatState {
  const held = state.typing[conversationId];
  if (userId === state.me.id || (!typing && !(held && userId in held))) return state;
  const people = typing ? { ...held, [userId]: now + TYPING_EXPIRES_MS } : without(held ?? {}, userId);
  const typingNow = isEmpty(people) ? without(state.typing, conversationId) : { ...state.typing, [conversationId]: people };
  return { ...state, typing: typingNow };
}

function typingExpired(before: ChatState, now: number): ChatState {
  let state = before;
  for (const [conversationId, people] of Object.entries(before.typing)) {
    for (const [userId, until] of Object.entries(people)) {
      if (until <= now) state = typingChanged(state, conversationId, userId, false, now);
    }
  }
  return state;
}

function presenceChanged(state: ChatState, told: readonly Presence[]): ChatState {
  if (told.length === 0) return state;
  const presence = { ...state.presence };
  for (const one of told) presence[one.userId] = one;
  return { ...state, presence };
}

function usersLearned(state: ChatState, told: readonly User[]): ChatState {
  if (told.length === 0) return state;
  const users = { ...state.users };
  for (const user of told) users[user.id] = user;
  const back = told.some(({ id }) => state.gone.has(id));
  const gone = back ? new Set([...state.gone].filter((id) => !(id in users))) : state.gone;
  return { ...state, me: users[state.me.id] ?? state.me, users, gone };
}

function usersGone(state: ChatState, ids: readonly string[]): ChatState {
  const others = new Set(ids.filter((id) => id !== state.me.id));
  if (others.size === 0) return state;
  const without = <T>(known: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(known).filter(([id]) => !others.has(id)));
  return { ...state, users: without(state.users), presence: without(state.presence), gone: new Set([...state.gone, ...others]) };
}

// ---------------------------------------------------------------- outbox

function mergeOutbox(held: readonly OutboxItem[], items: readonly OutboxItem[]): readonly OutboxItem[] {
  const changed = new Map(items.map((item) => [item.clientId, item]));
  const kept = held.filter((item) => !changed.has(item.clientId));
  return [...kept, ...changed.values()].sort((a, b) => a.at - b.at);
}

function dropFromOutbox(state: ChatState, clientId: string | null): ChatState {
  if (clientId === null || !state.outbox.some((item) => item.clientId === clientId)) return state;
  return { ...state, outbox: state.outbox.filter((item) => item.clientId !== clientId) };
}

// ---------------------------------------------------------------- records

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([held]) => held !== key));
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}
