import { Directory } from "./directory";
import { CommandError, OFFLINE, retryDelay, TIMEOUT } from "./errors";
import { command, fact, type CommandName, type FactName, type Facts, type Payload, type Result } from "./events";
import type { Attachment } from "./generated/Attachment";
import type { Conversation } from "./generated/Conversation";
import type { CreateConversation } from "./generated/CreateConversation";
import type { Marks } from "./generated/Marks";
import type { Message } from "./generated/Message";
import type { User } from "./generated/User";
import { MarksKeeper } from "./marks";
import type { OutboxStore } from "./outbox";
import { randomUuid, startTimer, stopTimer, type Timer } from "./platform";
import { cursorsOf, needsSync, reduce, TYPING_EXPIRES_MS, type ChatEvent } from "./reduce";
import { ReadMarks } from "./read-marks";
import type { SavedState } from "./saved";
import { Sender } from "./sender";
import type { ChatSocket } from "./socket";
import { initialState, type ChatState, type OutboxItem } from "./state";

/** Where the server keeps what somebody marked for themselves. */
export interface MarksApi {
  fetch(): Promise<Marks>;
  /** Changes the marks of a conversation. */
  setMarks(conversationId: string, change: ConversationMarks): Promise<unknown>;
  setBlocked(userId: string, blocked: boolean): Promise<unknown>;
}

/** What is to change; what is not named stays. */
export type ConversationMarks = { readonly [K in "pinned" | "unread" | "muted"]?: boolean };

export interface ChatClientOptions {
  me: User;
  socket: ChatSocket;
  outbox: OutboxStore;
  /** Resolves user ids to users; at most 200 at a time. */
  fetchUsers(ids: readonly string[]): Promise<readonly User[]>;
  marks: MarksApi;
  now?: () => number;
  random?: () => number;
}

const COMMAND_TIMEOUT_MS = 10_000;
/** A fact that overtook another is no hole yet: wait this long for the other one. */
const HOLE_PATIENCE_MS = 60;
const NOTIFY_EVERY_MS = 16;
const TYPING_REPEAT_MS = 3_000;
const PAGE_SIZE = 50;
const MAX_WATCHED = 200;

/**
 * A person's live view of the server: keeps the connection, sends what is written, and holds an immutable state that
 * ends equal to the server's whatever was lost on the way. Made for one signed-in user; `close` it when they leave.
 */
export class ChatClient {
  readonly #socket: ChatSocket;
  readonly #store: OutboxStore;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #sender: Sender;
  readonly #reads: ReadMarks;
  readonly #directory: Directory;
  readonly #marksApi: MarksApi;
  readonly #marks: MarksKeeper;
  readonly #listeners = new Set<() => void>();

  #state: ChatState;
  #closed = false;
  /** Nothing is sent before what was written the last time is known: it goes first. */
  #outboxLoaded = false;
  #lastAt = 0;

  #reconnectTimer: Timer = null;
  #reconnects = 0;

  #syncing: Promise<void> | null = null;
  #syncAgain = false;
  #holeTimer: Timer = null;
  #fruitlessSyncs = 0;

  #notifyTimer: Timer = null;
  #notifiedAt = 0;
  #typingTimer: Timer = null;
  #marksTimer: Timer = null;

  readonly #typingSentAt = new Map<string, number>();
  readonly #paging = new Map<string, Promise<void>>();
  #watched: readonly string[] = [];

  constructor(options: ChatClientOptions) {
    this.#socket = options.socket;
    this.#store = options.outbox;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#state = initialState(options.me);
    this.#sender = new Sender({
      connected: () => this.#outboxLoaded && this.#socket.connected,
      outbox: () => this.#state.outbox,
      send: (item) => this.#sendItem(item),
      put: (item) => {
        if (this.#outboxItem(item.clientId)) this.#dispatch({ type: "outbox-put", item });
      },
      delivered: (item, message) => {
        this.#dispatch({ type: "message", message });
        this.#dispatch({ type: "outbox-dropped", clientId: item.clientId });
      },
      random: this.#random,
    });
    this.#reads = new ReadMarks({
      connected: () => this.#socket.connected,
      tell: (conversationId, seq) => this.#request(command.conversationRead, { conversationId, seq }),
      random: this.#random,
    });
    this.#marksApi = options.marks;
    this.#marks = new MarksKeeper({
      fetch: () => options.marks.fetch(),
      changed: (marks) => this.#dispatch({ type: "marks", marks }),
    });
    this.#directory = new Directory({
      known: (id) => id in this.#state.users,
      fetch: (ids) => options.fetchUsers(ids),
      learned: (users) => this.learnUsers(users),
      gone: (ids) => this.#dispatch({ type: "users-gone", ids }),
      random: this.#random,
    });
    this.#socket.listen({
      connected: () => this.#onConnected(),
      refused: (reason, reached) => this.#onRefused(reason, reached),
      disconnected: () => this.#onDisconnected(),
      fact: (name, payload) => this.#onFact(name, payload),
    });
  }

  // -------------------------------------------------------------- observing

  getState = (): ChatState => this.#state;

  /** Calls `listener` after changes; changes that come in a burst are told together. Returns how to stop. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  // -------------------------------------------------------------- connection

  /** Begins with what was held the last time; to be called before `start`. */
  restore({ threads, users, marks }: SavedState): void {
    this.#dispatch({ type: "restored", threads, users });
    if (marks) this.#marks.told(marks);
    // What has changed while one was away is told to nobody.
    this.#directory.refresh(users.map(({ id }) => id));
  }

  /** Takes up the outbox of the last time and connects. */
  async start(): Promise<void> {
    this.#socket.connect();
    const items = await this.#loadOutbox();
    this.#outboxLoaded = true;
    const sooner = this.#state.outbox;
    this.#lastAt = items.reduce((last, item) => Math.max(last, item.at), this.#lastAt);
    this.#dispatch({ type: "outbox-loaded", items });
    // What was written while the outbox was read comes after what was in it, whatever the clock says.
    for (const item of sooner) this.#dispatch({ type: "outbox-put", item: { ...item, at: (this.#lastAt += 1) } });
    this.#sender.flush();
  }

  /** Tries to reconnect now: the device is back online or the page is looked at again. */
  wake(): void {
    if (this.#closed || this.#socket.connected || this.#state.connection === "signed-out") return;
    this.#reconnects = 0;
    this.#connectIn(0);
  }

  close(): void {
    this.#closed = true;
    for (const timer of [this.#reconnectTimer, this.#holeTimer, this.#notifyTimer, this.#typingTimer, this.#marksTimer]) {
      stopTimer(timer);
    }
    this.#directory.close();
    this.#socket.disconnect();
    this.#sender.wake();
    this.#listeners.clear();
  }

  #onConnected(): void {
    this.#reconnects = 0;
    this.#dispatch({ type: "connection", connection: "online" });
    this.#sender.wake();
    this.#sender.flush();
    void this.#sync();
    this.#reads.flush();
    void this.#refreshMarks();
    if (this.#watched.length > 0) void this.#sendWatch();
  }

  #onRefused(reason: string, reached: boolean): void {
    if (reached && reason === "unauthenticated") this.#signedOut();
    else this.#onDisconnected();
  }

  #onDisconnected(): void {
    if (this.#closed || this.#state.connection === "signed-out") return;
    this.#dispatch({ type: "connection", connection: "offline" });
    this.#typingSentAt.clear();
    const delay = Math.min(8_000, 300 * 2 ** Math.min(this.#reconnects, 5));
    this.#reconnects += 1;
    this.#connectIn(delay * (0.5 + this.#random()));
  }

  #connectIn(ms: number): void {
    stopTimer(this.#reconnectTimer);
    this.#reconnectTimer = startTimer(() => {
      if (!this.#closed && !this.#socket.connected) this.#socket.connect();
    }, ms);
  }

  #signedOut(): void {
    this.#dispatch({ type: "connection", connection: "signed-out" });
    stopTimer(this.#reconnectTimer);
    this.#socket.disconnect();
  }

  async #request<C extends CommandName>(name: C, payload: Payload<C>): Promise<Result<C>> {
    if (!this.#socket.connected) throw new CommandError({ code: OFFLINE, title: "not connected" });
    let ack;
    try {
      ack = await this.#socket.request(name, payload, COMMAND_TIMEOUT_MS);
    } catch {
      const lost = !this.#socket.connected;
      throw new CommandError(lost ? { code: OFFLINE, title: "connection lost" } : { code: TIMEOUT, title: "no answer" });
    }
    if (ack.ok) return ack.data;
    if (ack.error.code === "unauthenticated") this.#signedOut();
    throw new CommandError(ack.error);
  }

  // -------------------------------------------------------------- facts and state

  #onFact<F extends FactName>(name: F, payload: Facts[F]): void {
    const handle = this.#handlers[name] as ((payload: Facts[F]) => void) | undefined;
    handle?.(payload);
  }

  readonly #handlers: { [F in FactName]: (payload: Facts[F]) => void } = {
    [fact.sessionReady]: ({ user }) => {
      // What is held is somebody else's.
      if (user.id !== this.#state.me.id) this.#signedOut();
      else this.#dispatch({ type: "session", user });
    },
    [fact.messageCreated]: ({ message }) => this.#dispatch({ type: "message", message }),
    [fact.messageUpdated]: ({ message }) => this.#dispatch({ type: "message", message }),
    [fact.conversationCreated]: ({ conversation }) => this.#dispatch({ type: "conversation-told", conversation }),
    [fact.conversationUpdated]: ({ conversation }) => this.#dispatch({ type: "conversation-told", conversation }),
    [fact.conversationRemoved]: ({ conversationId }) => {
      this.#dispatch({ type: "conversation-removed", conversationId });
      // The sync that is under way may have been answered before the removal, and bring the conversation back.
      if (this.#syncing) this.#syncAgain = true;
      // Its marks went with it, and nobody tells that.
      if (this.#marks.concern(conversationId)) void this.#refreshMarks();
    },
    [fact.conversationRead]: (read) => {
      this.#dispatch({ type: "read", ...read });
      // The sync that is under way may have been answered before that, and bring the conversation as unread.
      if (this.#syncing && read.userId === this.#state.me.id && !this.#state.threads[read.conversationId]) this.#syncAgain = true;
    },
    [fact.marksChanged]: ({ marks }) => this.#marks.told(marks),
    [fact.userUpdated]: ({ user }) => this.learnUsers([user]),
    [fact.userDeleted]: ({ userId }) => this.#dispatch({ type: "users-gone", ids: [userId] }),
    [fact.typingChanged]: (typing) => this.#dispatch({ type: "typing", ...typing, now: this.#now() }),
    [fact.presenceChanged]: (presence) => this.#dispatch({ type: "presence", presence: [presence] }),
    [fact.syncNeeded]: () => void this.#sync(),
  };

  #dispatch(event: ChatEvent): void {
    const before = this.#state;
    const after = reduce(before, event);
    if (after === before) return;
    this.#state = after;
    if (after.outbox !== before.outbox) this.#persist(before.outbox, after.outbox);
    if (after.typing !== before.typing) this.#expireTypingLater();
    if (needsSync(after)) this.#mendLater();
    this.#notify();
  }

  async #loadOutbox(): Promise<readonly OutboxItem[]> {
    try {
      return await this.#store.load();
    } catch {
      return [];
    }
  }

  #persist(before: readonly OutboxItem[], after: readonly OutboxItem[]): void {
    const kept = new Set(after.map((item) => item.clientId));
    const known = new Set(before);
    for (const item of after) if (!known.has(item)) void this.#bestEffort(() => this.#store.put(item));
    for (const item of before) if (!kept.has(item.clientId)) void this.#bestEffort(() => this.#store.remove(item.clientId));
  }

  /** A full or forbidden storage must not stop the sending: the item is still in memory. */
  async #bestEffort(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // Nothing to be done about it here.
    }
  }

  #notify(): void {
    if (this.#notifyTimer !== null) return;
    const tell = () => {
      this.#notifyTimer = null;
      this.#notifiedAt = this.#now();
      for (const listener of [...this.#listeners]) listener();
    };
    const since = this.#now() - this.#notifiedAt;
    if (since >= NOTIFY_EVERY_MS || since < 0) tell();
    else this.#notifyTimer = startTimer(tell, NOTIFY_EVERY_MS - since);
  }

  #expireTypingLater(): void {
    stopTimer(this.#typingTimer);
    const ends = Object.values(this.#state.typing).flatMap((people) => Object.values(people));
    if (ends.length === 0) return;
    const wait = Math.min(TYPING_EXPIRES_MS, Math.max(50, Math.min(...ends) - this.#now()));
    this.#typingTimer = startTimer(() => {
      this.#dispatch({ type: "typing-expired", now: this.#now() });
      this.#expireTypingLater();
    }, wait);
  }

  // -------------------------------------------------------------- sync

  /** Brings the state up to date; resolves when a sync that began after this call has completed. */
  #sync(): Promise<void> {
    if (this.#syncing) {
      this.#syncAgain = true;
      return this.#syncing;
    }
    this.#syncing = this.#runSync().finally(() => {
      this.#syncing = null;
      if (needsSync(this.#state)) this.#mendLater();
    });
    return this.#syncing;
  }

  async #runSync(): Promise<void> {
    stopTimer(this.#holeTimer);
    this.#holeTimer = null;
    try {
      do {
        this.#syncAgain = false;
        const { wanted, ready } = this.#state;
        for (let complete = false; !complete; ) {
          const asked = cursorsOf(this.#state);
          const result = await this.#request(command.sync, { cursors: asked });
          this.#dispatch({ type: "synced", asked, wanted, result });
          if (!ready) this.#tellReads(result.reads);
          complete = result.complete;
        }
      } while (this.#syncAgain);
      this.#fruitlessSyncs = needsSync(this.#state) ? this.#fruitlessSyncs + 1 : 0;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (!this.#socket.connected) return;
      this.#fruitlessSyncs += 1;
      this.#mendIn(retryDelay(this.#fruitlessSyncs, error.retryAfterMs, this.#random()));
    }
  }

  /** What was read the last time, but could not be told before the app was closed. */
  #tellReads(told: Readonly<Record<string, number>>): void {
    for (const [id, seq] of Object.entries(told)) {
      const readSeq = this.#state.threads[id]?.conversation.readSeq ?? 0;
      if (readSeq > seq) this.#reads.set(id, readSeq);
    }
  }

  #mendLater(): void {
    if (this.#syncing || !this.#socket.connected || this.#holeTimer !== null) return;
    const patience = this.#fruitlessSyncs === 0 ? HOLE_PATIENCE_MS : retryDelay(this.#fruitlessSyncs, null, this.#random());
    this.#mendIn(patience, () => needsSync(this.#state));
  }

  #mendIn(ms: number, stillNeeded: () => boolean = () => true): void {
    stopTimer(this.#holeTimer);
    this.#holeTimer = startTimer(() => {
      this.#holeTimer = null;
      if (this.#socket.connected && stillNeeded()) void this.#sync();
    }, ms);
  }

  // -------------------------------------------------------------- messages

  /** Puts a message into the outbox; it is shown at once and sent as soon as that is possible. Returns its `clientId`. */
  send(conversationId: string, body: string, replyTo: string | null = null, attachments: readonly Attachment[] = []): string {
    const clientId = randomUuid();
    this.#lastAt = Math.max(this.#now(), this.#lastAt + 1);
    const item: OutboxItem = { clientId, conversationId, body, replyTo, attachments, at: this.#lastAt, status: "queued", error: null };
    this.#dispatch({ type: "outbox-put", item });
    this.setTyping(conversationId, false);
    this.#sender.flush();
    return clientId;
  }

  /** Tries a failed message again. */
  retry(clientId: string): void {
    const item = this.#outboxItem(clientId);
    if (!item) return;
    this.#dispatch({ type: "outbox-put", item: { ...item, status: "queued", error: null } });
    this.#sender.flush();
  }

  /** Gives up on an unsent message. */
  discard(clientId: string): void {
    this.#dispatch({ type: "outbox-dropped", clientId });
  }

  async edit(messageId: string, body: string): Promise<void> {
    this.#dispatch({ type: "message", ...(await this.#request(command.messageEdit, { messageId, body })) });
  }

  async remove(messageId: string): Promise<void> {
    this.#dispatch({ type: "message", ...(await this.#request(command.messageDelete, { messageId })) });
  }

  async react(messageId: string, emoji: string, on: boolean): Promise<void> {
    this.#dispatch({ type: "message", ...(await this.#request(command.messageReact, { messageId, emoji, on })) });
  }

  /** Loads the page before the oldest message that is shown: of the excerpt, if there is one. */
  loadOlder(conversationId: string): Promise<void> {
    return this.#pageOnce(conversationId, async () => {
      const thread = this.#state.threads[conversationId];
      const before = thread?.excerpt?.from ?? thread?.from ?? 1;
      if (before <= 1) return;
      const page = await this.#request(command.messageList, { conversationId, before, limit: PAGE_SIZE });
      this.#dispatch({ type: "page-before", conversationId, before, ...page });
    });
  }

  /** Loads the page after the excerpt; once it touches the newest messages, there is no excerpt any more. */
  loadNewer(conversationId: string): Promise<void> {
    return this.#pageOnce(conversationId, async () => {
      const after = this.#state.threads[conversationId]?.excerpt?.messages.at(-1)?.seq;
      if (after === undefined) return;
      const { messages } = await this.#request(command.messageList, { conversationId, after, limit: PAGE_SIZE });
      this.#dispatch({ type: "page-after", conversationId, after, messages });
    });
  }

  /** Makes sure that the message `seq` is held, and some around it. Returns whether it exists. */
  async loadAround(conversationId: string, seq: number): Promise<boolean> {
    const thread = this.#state.threads[conversationId];
    if (!thread || seq < 1 || seq > thread.conversation.lastSeq) return false;
    if (seq >= thread.from) {
      this.leaveExcerpt(conversationId);
      return true;
    }
    const { excerpt } = thread;
    if (excerpt && seq >= excerpt.from && seq <= (excerpt.messages.at(-1)?.seq ?? 0)) return true;
    const before = seq + PAGE_SIZE;
    const page = await this.#request(command.messageList, { conversationId, before, limit: 2 * PAGE_SIZE });
    this.#dispatch({ type: "page-elsewhere", conversationId, ...page });
    return true;
  }

  /** The `seq` of the first message that was written at `time` (RFC 3339) or later; null when there is none. */
  async seqSince(conversationId: string, time: string): Promise<number | null> {
    const { messages } = await this.#request(command.messageList, { conversationId, since: time, limit: 1 });
    return messages[0]?.seq ?? null;
  }

  /** Back to the newest messages. */
  leaveExcerpt(conversationId: string): void {
    this.#dispatch({ type: "excerpt-left", conversationId });
  }

  /** Forgets all but the newest messages of a conversation that is no longer looked at. */
  trim(conversationId: string, keep: number): void {
    this.#dispatch({ type: "trimmed", conversationId, keep });
  }

  /** One page at a time in a conversation; whoever asks meanwhile waits for the same. */
  #pageOnce(conversationId: string, load: () => Promise<void>): Promise<void> {
    const running = this.#paging.get(conversationId);
    if (running) return running;
    const page = load().finally(() => this.#paging.delete(conversationId));
    this.#paging.set(conversationId, page);
    return page;
  }

  #outboxItem(clientId: string): OutboxItem | undefined {
    return this.#state.outbox.find((item) => item.clientId === clientId);
  }

  async #sendItem({ conversationId, clientId, body, replyTo, attachments }: OutboxItem): Promise<Message> {
    const payload: Payload<typeof command.messageSend> = { conversationId, clientId, body };
    if (replyTo !== null) payload.replyTo = replyTo;
    if (attachments.length > 0) payload.attachmentIds = attachments.map(({ id }) => id);
    return (await this.#request(command.messageSend, payload)).message;
  }

  // -------------------------------------------------------------- conversations

  /** Returns the id of the new conversation, or of the direct one that exists already; the state holds it by then. */
  async create(input: CreateConversation): Promise<string> {
    const { conversation } = await this.#request(command.conversationCreate, input);
    this.#dispatch({ type: "conversation-read-whole", conversation });
    if (!this.#state.threads[conversation.id]) await this.#sync();
    return conversation.id;
  }

  async join(conversationId: string): Promise<void> {
    const { conversation } = await this.#request(command.conversationJoin, { conversationId });
    this.#dispatch({ type: "conversation-read-whole", conversation });
    if (!this.#state.threads[conversationId]) await this.#sync();
  }

  async leave(conversationId: string): Promise<void> {
    await this.#request(command.conversationLeave, { conversationId });
    this.#dispatch({ type: "conversation-removed", conversationId });
  }

  /** Everything up to `seq` was seen, also if it was marked as unread. Told to the server now, or when it can be reached again. */
  markRead(conversationId: string, seq: number): void {
    const thread = this.#state.threads[conversationId];
    const marked = this.#state.marks.unread.includes(conversationId);
    if (!thread || (seq <= thread.conversation.readSeq && !marked)) return;
    this.#dispatch({ type: "read", conversationId, userId: this.#state.me.id, seq });
    if (marked) this.#marks.read(conversationId);
    this.#reads.set(conversationId, seq);
  }

  /** Pins, mutes or marks a conversation as unread, for this person alone. Seen at once; taken back when it is refused. */
  async setMark(conversationId: string, mark: keyof ConversationMarks, on: boolean): Promise<void> {
    await this.#marks.set(mark, conversationId, on, () => this.#marksApi.setMarks(conversationId, { [mark]: on }));
  }

  /** Whether the person wants to hear from somebody. Seen at once; taken back when it is refused. */
  async setBlocked(userId: string, blocked: boolean): Promise<void> {
    await this.#marks.set("blocked", userId, blocked, () => this.#marksApi.setBlocked(userId, blocked));
  }

  /** What was marked elsewhere while one was away. */
  async #refreshMarks(attempt = 1): Promise<void> {
    try {
      await this.#marks.refresh();
    } catch {
      if (this.#closed || !this.#socket.connected) return;
      stopTimer(this.#marksTimer);
      this.#marksTimer = startTimer(() => {
        if (this.#socket.connected) void this.#refreshMarks(attempt + 1);
      }, retryDelay(attempt, null, this.#random()));
    }
  }

  /** A conversation that the server answered elsewhere, after joining for example. */
  learnConversation(conversation: Conversation): void {
    this.#dispatch({ type: "conversation-read-whole", conversation });
  }

  /** How far others have read, learned elsewhere: only what happens while one is connected is told. */
  learnReads(conversationId: string, reads: Readonly<Record<string, number>>): void {
    this.#dispatch({ type: "reads", conversationId, reads });
  }

  // -------------------------------------------------------------- people

  /** The person is writing (call it at every key stroke), or has stopped. */
  setTyping(conversationId: string, typing: boolean): void {
    const sentAt = this.#typingSentAt.get(conversationId);
    if (typing ? sentAt !== undefined && this.#now() - sentAt < TYPING_REPEAT_MS : sentAt === undefined) return;
    if (typing) this.#typingSentAt.set(conversationId, this.#now());
    else this.#typingSentAt.delete(conversationId);
    this.#request(command.typingSet, { conversationId, typing }).catch(() => undefined);
  }

  /** Whose presence is on the screen; replaces the last call's. */
  watchPresence(userIds: readonly string[]): void {
    const ids = [...new Set(userIds)].sort().slice(0, MAX_WATCHED);
    if (ids.join() === this.#watched.join()) return;
    this.#watched = ids;
    void this.#sendWatch();
  }

  async #sendWatch(): Promise<void> {
    try {
      const { presence } = await this.#request(command.presenceWatch, { userIds: [...this.#watched] });
      this.#dispatch({ type: "presence", presence });
    } catch {
      // Presence is a hint: the next connection or the next screen asks again.
    }
  }

  /** Makes sure that these users will be in `state.users`, if they exist. */
  needUsers(ids: readonly string[]): void {
    this.#directory.need(ids);
  }

  /** Users learned elsewhere, from a search for example. */
  learnUsers(users: readonly User[]): void {
    this.#dispatch({ type: "users", users });
  }
}
