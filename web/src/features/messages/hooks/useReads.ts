import type { Conversation, Message } from "@chatconnect/protocol";
import { useEffect } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";

/** Where there are more, the server tells nobody who has read what. */
const MOST_MEMBERS = 100;

/** Asks how far the others have read; from then on it is told, as long as the connection holds. */
export function useReads({ id, memberCount }: Conversation): void {
  const client = useChatClient();
  const online = useChat((state) => state.connection === "online");
  const isTold = memberCount <= MOST_MEMBERS;
  useEffect(() => {
    if (!online || !isTold) return;
    api.reads(id).then(
      ({ reads }) => client.learnReads(id, reads),
      () => undefined,
    );
  }, [client, id, online, isTold]);
}

export interface Readers {
  count: number;
  /** How many others there are. */
  others: number;
  /** Whether nobody is missing. */
  all: boolean;
}

/** Who else has read a message. */
export function useReaders(message: Message | null): Readers {
  const count = useChat(({ reads }) => {
    if (!message) return 0;
    return Object.values(reads[message.conversationId] ?? {}).filter((seq) => seq >= message.seq).length;
  });
  const others = useChat(({ threads }) => (message ? (threads[message.conversationId]?.conversation.memberCount ?? 0) - 1 : 0));
  return { count, others, all: count > 0 && count >= others };
}
