import { command, fact, type Ack, type CommandName, type FactName, type Facts, type Payload, type Result } from "../src/events";
import type { ErrorBody } from "../src/generated/ErrorBody";
import { startTimer } from "../src/platform";
import type { MarksApi } from "../src/client";
import type { ChatSocket, SocketListener } from "../src/socket";
import { type ModelServer, user } from "./model-server";

const LATENCY_MS = 5;

/** A connection to the model server that breaks in the ways that real ones do, when a test says so. */
export class ModelSocket implements ChatSocket {
  connected = false;
  /** Whether the server can be reached. */
  reachable = true;
  /** What the next handshakes are refused with. */
  refusal: string | null = null;
  /** Every command that arrived at the server. */
  readonly received: { name: CommandName; payload: unknown }[] = [];
  /** Answers of the server to the next sends, instead of carrying them out. */
  readonly sendErrors: ErrorBody[] = [];
  /** How many of the next acks are lost on the way, although the command was carried out. */
  lostAcks = 0;
  /** Whether a fact is lost on the way. */
  loses: () => boolean = () => false;

  readonly #server: ModelServer;
  readonly #me: string;
  #listener: SocketListener | null = null;
  #unlisten: () => void = () => undefined;
  #abandon = new Set<() => void>();

  constructor(server: ModelServer, me: string) {
    this.#server = server;
    this.#me = me;
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  connect(): void {
    startTimer(() => {
      if (this.connected) return;
      if (!this.reachable) {
        this.#listener?.refused("websocket error", false);
        return;
      }
      if (this.refusal !== null) {
        this.#listener?.refused(this.refusal, true);
        return;
      }
      this.connected = true;
      this.#unlisten = this.#server.listen(this.#me, ({ name, payload }) => {
        if (!this.loses()) startTimer(() => this.connected && this.#listener?.fact(name, payload), LATENCY_MS);
      });
      this.#listener?.connected();
      this.#listener?.fact(fact.sessionReady, { user: user(this.#me), serverTime: "2026-01-01T00:00:00.000Z" });
    }, LATENCY_MS);
  }

  disconnect(): void {
    this.#close();
  }

  /** The server tells something. */
  tell<F extends FactName>(name: F, payload: Facts[F]): void {
    this.#listener?.fact(name, payload);
  }

  /** The connection is lost; nothing in flight is answered. */
  cut(): void {
    this.#close();
    this.#listener?.disconnected();
  }

  request<C extends CommandName>(name: C, payload: Payload<C>, timeoutMs: number): Promise<Ack<Result<C>>> {
    return new Promise((resolve, reject) => {
      const abandon = () => reject(new Error("socket has been disconnected"));
      this.#abandon.add(abandon);
      const settle = (how: () => void) => {
        if (this.#abandon.delete(abandon)) how();
      };
      startTimer(() => settle(() => reject(new Error("operation has timed out"))), timeoutMs);
      startTimer(() => {
        if (!this.#abandon.has(abandon)) return;
        this.received.push({ name, payload });
        const ack = this.#carryOut(name, payload) as Ack<Result<C>>;
        if (this.lostAcks > 0) this.lostAcks -= 1;
        else startTimer(() => settle(() => resolve(ack)), LATENCY_MS);
      }, LATENCY_MS);
    });
  }

  sent(name: CommandName): unknown[] {
    return this.received.filter((one) => one.name === name).map((one) => one.payload);
  }

  #carryOut(name: CommandName, payload: unknown): Ack<unknown> {
    switch (name) {
      case command.messageSend: {
        const error = this.sendErrors.shift();
        if (error) return { ok: false, error };
        const send = payload as Payload<typeof command.messageSend>;
        return ok({ message: this.#server.send(send.conversationId, this.#me, send.body, send.clientId, send.replyTo ?? null) });
      }
      case command.sync:
        return ok(this.#server.sync(this.#me, payload as Payload<typeof command.sync>));
      case command.conversationRead: {
        const read = payload as Payload<typeof command.conversationRead>;
        const readSeq = this.#server.read(read.conversationId, this.#me, read.seq);
        return ok({ readSeq, unreadCount: this.#server.room(read.conversationId).messages.length - readSeq });
      }
      case command.messageList: {
        const { conversationId, before, after, since, limit } = payload as Payload<typeof command.messageList>;
        const { messages } = this.#server.room(conversationId);
        const start = since ? messages.filter(({ createdAt }) => createdAt < since).length : after;
        return ok(
          typeof start === "number"
            ? this.#server.listAfter(conversationId, start, limit ?? 50)
            : this.#server.list(conversationId, before ?? Infinity, limit ?? 50),
        );
      }
      case command.conversationCreate: {
        const id = this.#server.create([this.#me, ...(payload as Payload<typeof command.conversationCreate>).memberIds]);
        return ok({ conversation: this.#server.conversation(id, this.#me) });
      }
      case command.conversationJoin: {
        const { conversationId } = payload as Payload<typeof command.conversationJoin>;
        this.#server.add(conversationId, this.#me);
        return ok({ conversation: this.#server.conversation(conversationId, this.#me) });
      }
      case command.presenceWatch: {
        const { userIds } = payload as Payload<typeof command.presenceWatch>;
        return ok({ presence: userIds.map((userId) => ({ userId, status: "online", lastSeenAt: null })) });
      }
      default:
        return ok({});
    }
  }

  #close(): void {
    this.connected = false;
    this.#unlisten();
    const abandoned = [...this.#abandon];
    this.#abandon = new Set();
    for (const abandon of abandoned) abandon();
  }
}

/** The server's HTTP interface for marks, as somebody uses it. */
export function marksOf(server: ModelServer, me: string): MarksApi {
  const later = <T>(work: () => T) => new Promise<T>((resolve) => startTimer(() => resolve(work()), LATENCY_MS));
  return {
    fetch: () => later(() => server.marks(me)),
    setMarks: (conversationId, change) =>
      later(() => {
        for (const name of ["pinned", "unread", "muted"] as const) {
          const on = change[name];
          if (on !== undefined) server.mark(me, name, conversationId, on);
        }
      }),
    setBlocked: (userId, blocked) => later(() => server.mark(me, "blocked", userId, blocked)),
  };
}

function ok(data: unknown): Ack<unknown> {
  return { ok: true, data: JSON.parse(JSON.stringify(data)) };
}
