import { ChatClient, MemoryOutbox, type ChatSocket, type Conversation, type Marks, type MarksApi, type Message, type SocketListener, type User } from "@chatconnect/protocol";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { ChatClientProvider } from "../shared/chat/Chat";
import { I18nProvider } from "../shared/i18n/I18n";
import { ConfirmProvider } from "../shared/ui/Confirm";
import { ToastProvider } from "../shared/ui/Toasts";

export const me: User = person("me", "Marina", "marina");
export const ana: User = person("ana", "Ana");

export function person(id: string, displayName: string, username = id): User {
  return { id, username, displayName, avatarUrl: null, createdAt: "2026-01-01T00:00:00.000Z" };
}

export function message(seq: number, change: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    conversationId: "c",
    seq,
    rev: seq,
    senderId: ana.id,
    clientId: `client ${seq}`,
    body: `text ${seq}`,
    attachments: [],
    replyTo: null,
    reactions: [],
    createdAt: new Date(Date.parse("2026-03-01T10:00:00.000Z") + seq * 1_000).toISOString(),
    editedAt: null,
    deletedAt: null,
    ...change,
  };
}

export function conversation(messages: readonly Message[], change: Partial<Conversation> = {}): Conversation {
  return {
    id: "c",
    kind: "group",
    title: "Picnic",
    members: [
      { userId: me.id, role: "member" },
      { userId: ana.id, role: "owner" },
    ],
    memberCount: 2,
    lastMessage: messages.at(-1) ?? null,
    lastSeq: messages.length,
    rev: messages.length,
    readSeq: messages.length,
    unreadCount: 0,
    muted: false,
    createdAt: "2026-01-01T00:00:00.000Z",
    ...change,
  };
}

/** A connection that a test speaks through: it answers with what `answers` holds and notes what was asked. */
export class TestSocket implements ChatSocket {
  connected = false;
  readonly asked: { name: string; payload: unknown }[] = [];
  readonly answers = new Map<string, (payload: never) => unknown>();
  /** Commands that are refused, and the code of the error. */
  readonly refusals = new Map<string, string>();
  listener: SocketListener | null = null;

  listen(listener: SocketListener): void {
    this.listener = listener;
  }
  connect(): void {
    this.connected = true;
    this.listener?.connected();
  }
  disconnect(): void {
    this.connected = false;
  }
  request<A>(name: string, payload: unknown): Promise<A> {
    this.asked.push({ name, payload });
    const code = this.refusals.get(name);
    if (code) return Promise.resolve({ ok: false, error: { code, title: code, requestId: "r" } } as A);
    const answer = this.answers.get(name);
    return answer ? Promise.resolve({ ok: true, data: answer(payload as never) } as A) : new Promise(() => undefined);
  }
  askedFor(name: string): unknown[] {
    return this.asked.filter((one) => one.name === name).map((one) => one.payload);
  }
}

/** A client that holds one conversation with these messages. */
export async function clientWith(messages: readonly Message[], change: Partial<Conversation> = {}, marked: Partial<Marks> = {}) {
  const socket = new TestSocket();
  const marks: MarksApi = {
    fetch: () => Promise.resolve({ pinned: [], unread: [], muted: [], blocked: [], ...marked }),
    setMarks: () => Promise.resolve(),
    setBlocked: () => Promise.resolve(),
  };
  const client = new ChatClient({ me, socket, outbox: new MemoryOutbox(), fetchUsers: () => Promise.resolve([]), marks });
  socket.answers.set("sync", () => ({
    conversations: [conversation(messages, change)],
    messages,
    reads: {},
    removed: [],
    reset: [],
    complete: true,
  }));
  await client.start();
  await Promise.resolve();
  client.learnUsers([ana]);
  return { client, socket };
}

export function show(client: ChatClient, node: ReactNode) {
  return render(
    <I18nProvider>
      <ToastProvider>
        <ConfirmProvider>
          <MemoryRouter>
            <ChatClientProvider client={client}>{node}</ChatClientProvider>
          </MemoryRouter>
        </ConfirmProvider>
      </ToastProvider>
    </I18nProvider>,
  );
}
