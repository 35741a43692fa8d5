import { ChatClient, LocalStorageOutbox, openSocket, StateKeeper, type ChatState, type User } from "@chatconnect/protocol";
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { api } from "../api";
import { rememberedUser } from "../session/rememberedUser";
import { IndexedDbState } from "./savedState";

const LOAD_MS = 1_000;
const ChatContext = createContext<ChatClient | null>(null);

/** Keeps one ChatClient as long as somebody is signed in. */
export function ChatProvider({ user, children }: { user: User; children: ReactNode }) {
  const client = useClient(user);
  return client && <ChatContext value={client}>{children}</ChatContext>;
}

function useClient(user: User): ChatClient | null {
  const [client, setClient] = useState<ChatClient | null>(null);
  useEffect(() => {
    const created = new ChatClient({
      me: user,
      socket: openSocket(),
      outbox: new LocalStorageOutbox(localStorage, user.id),
      fetchUsers: async (ids) => (await api.usersById(ids)).users,
      marks: {
        fetch: async () => (await api.marks()).marks,
        setMarks: (conversationId, change) => api.setMarks(conversationId, change),
        setBlocked: (userId, blocked) => api.setBlocked(userId, blocked),
      },
    });
    const store = new IndexedDbState(user.id);
    let keeper: StateKeeper | null = null;
    let closed = false;
    const wake = () => {
      if (document.visibilityState === "visible") created.wake();
      else void keeper?.flush();
    };
    const open = async () => {
      const saved = await inTime(store.load());
      if (closed) return;
      if (saved) created.restore(saved);
      keeper = new StateKeeper(created, store);
      setClient(created);
      void created.start();
    };
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    void open();
    return () => {
      closed = true;
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      keeper?.stop();
      created.close();
      // On a device that others use, who signed out leaves nothing to read behind.
      if (!rememberedUser()) void store.clear().catch(() => undefined);
    };
  }, [user]);
  return client;
}

/** What the browser has not given by then, or refuses to, is left alone: the server has it all. */
async function inTime<T>(work: Promise<T>): Promise<T | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), LOAD_MS));
  return Promise.race([work.catch(() => null), late]);
}

/** For tests and for parts of the page that bring their own client. */
export function ChatClientProvider({ client, children }: { client: ChatClient; children: ReactNode }) {
  return <ChatContext value={client}>{children}</ChatContext>;
}

export function useChatClient(): ChatClient {
  const client = use(ChatContext);
  if (!client) throw new Error("useChatClient is used outside of ChatProvider");
  return client;
}

/** A part of the chat's state. `select` must return something that is the same as long as nothing changed. */
export function useChat<T>(select: (state: ChatState) => T): T {
  const client = useChatClient();
  return useSyncExternalStore(client.subscribe, () => select(client.getState()));
}
