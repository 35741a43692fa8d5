import type { Thread } from "@chatconnect/protocol";
import { useMemo } from "react";
import { useChat } from "../../../shared/chat/Chat";

/** All conversations: the pinned ones, then the others; of each, the one with the newest message first. */
export function useConversations(): readonly Thread[] {
  const { pinned, others } = usePinnedAndOthers();
  return useMemo(() => [...pinned, ...others], [pinned, others]);
}

export function usePinnedAndOthers(): { pinned: readonly Thread[]; others: readonly Thread[] } {
  const threads = useChat((state) => state.threads);
  const marked = useChat((state) => state.marks.pinned);
  return useMemo(() => {
    const pins = new Set(marked);
    const all = Object.values(threads).sort((a, b) => activity(b).localeCompare(activity(a)));
    return {
      pinned: all.filter(({ conversation }) => pins.has(conversation.id)),
      others: all.filter(({ conversation }) => !pins.has(conversation.id)),
    };
  }, [threads, marked]);
}

function activity({ conversation }: Thread): string {
  return conversation.lastMessage?.createdAt ?? conversation.createdAt;
}
