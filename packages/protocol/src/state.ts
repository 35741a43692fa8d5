import type { Attachment } from "./generated/Attachment";
import type { Conversation } from "./generated/Conversation";
import type { Marks } from "./generated/Marks";
import type { Message } from "./generated/Message";
import type { Presence } from "./generated/Presence";
import type { User } from "./generated/User";
import { NO_MARKS } from "./marks";

export type Connection = "connecting" | "online" | "offline" | "signed-out";

/** A part of a conversation that somebody jumped to: one run of `seq`s without a hole, before the messages of the thread. */
export interface Excerpt {
  /** Ascending by `seq`, starting at `from`; never empty. */
  readonly messages: readonly Message[];
  /** The lowest `seq` of it. */
  readonly from: number;
}

/** One conversation as this client holds it. `messages` is one run of `seq`s without a hole that ends at the newest. */
export interface Thread {
  readonly conversation: Conversation;
  /** Ascending by `seq`, starting at `from`. */
  readonly messages: readonly Message[];
  /** The lowest `seq` that `messages` covers; what lies before it is still on the server. */
  readonly from: number;
  /** Changes heard of messages before `from`: a page that is under way may have been read before them. */
  readonly older: readonly Message[];
  /** What was jumped to, as long as messages are missing between it and `messages`; null when there is none. */
  readonly excerpt: Excerpt | null;
  /** The highest `rev` up to which we hold every change. */
  readonly cursor: number;
  /** `rev`s above the cursor that arrived before one that we miss, ascending. */
  readonly ahead: readonly number[];
  /** The `rev` at which title, members and roles were last told. */
  readonly infoRev: number;
}

export type OutboxStatus = "queued" | "sending" | "failed";

/** A message that the server has not acknowledged yet. */
export interface OutboxItem {
  readonly clientId: string;
  readonly conversationId: string;
  readonly body: string;
  readonly replyTo: string | null;
  /** Files that were uploaded already. */
  readonly attachments: readonly Attachment[];
  /** Milliseconds since 1970, strictly increasing on one device: the order in which the items are sent. */
  readonly at: number;
  readonly status: OutboxStatus;
  /** Why it failed for good; null unless `status` is "failed". */
  readonly error: { readonly code: string; readonly title: string } | null;
}

export interface ChatState {
  readonly me: User;
  readonly connection: Connection;
  /** Whether a sync has completed since this client started; before that an empty list says nothing. */
  readonly ready: boolean;
  readonly threads: Readonly<Record<string, Thread>>;
  /** Highest `rev` heard of a conversation that we do not hold completely: what a sync has to bring. */
  readonly wanted: Readonly<Record<string, number>>;
  readonly users: Readonly<Record<string, User>>;
  /** Ids of people whose account was deleted, as far as that was noticed; they are not among `users`. */
  readonly gone: ReadonlySet<string>;
  /** conversationId → userId → the newest `seq` that somebody else is known to have read. */
  readonly reads: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What the person marked for themselves; `muted` of a conversation is not kept up to date, this is. */
  readonly marks: Marks;
  readonly presence: Readonly<Record<string, Presence>>;
  /** conversationId → userId → when it expires, in milliseconds since 1970. */
  readonly typing: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Ascending by `at`. */
  readonly outbox: readonly OutboxItem[];
}

export function initialState(me: User): ChatState {
  return {
    me,
    connection: "connecting",
    ready: false,
    threads: {},
    wanted: {},
    users: { [me.id]: me },
    gone: new Set(),
    reads: {},
    marks: NO_MARKS,
    presence: {},
    typing: {},
    outbox: [],
  };
}
