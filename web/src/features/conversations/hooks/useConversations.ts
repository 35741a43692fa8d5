import type { Thread } from "@chatconnect/protocol";
import { useMemo } from "react";
import { useChat } from "../../../shared/chat/Chat";

/** All conversations, the one with the newest message first. */
export function useConversations(): readonly Thread[] {
  const threads = useChat((state) => state.threads);
  return useMemo(() => Object.values(threads).sort((a, b) => activity(b).localeCompare(activity(a))), [threads]);
}

function activity({ conversation }: Thread): string {
  return conversation.lastMessage?.createdAt ?? conversation.createdAt;
}
