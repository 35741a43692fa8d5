import { ChatClient, LocalStorageOutbox, openSocket, type ChatState, type User } from "@chatconnect/protocol";
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { api } from "../api";

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
    });
    const wake = () => {
      if (document.visibilityState === "visible") created.wake();
    };
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    void created.start();
    // The client lives outside of React; this is where React hears of it.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setClient(created);
    return () => {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      created.close();
    };
  }, [user]);
  return client;
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
