import type { ChatState, Conversation, Marks } from "@chatconnect/protocol";
import { useChat } from "./Chat";
import { otherPerson } from "./people";

/** Whether the person has pinned, muted, blocked it or them, or marked it as unread. */
export function useMarked(mark: keyof Marks, id: string | null): boolean {
  return useChat(({ marks }) => id !== null && marks[mark].includes(id));
}

/** Whether there is something to read, or the person has marked it so. */
export function isUnread({ marks }: Pick<ChatState, "marks">, { id, unreadCount }: Conversation): boolean {
  return unreadCount > 0 || marks.unread.includes(id);
}

/** How many conversations, but for the muted ones, have something new. */
export function useUnreadConversations(): number {
  return useChat(
    (state) =>
      Object.values(state.threads).filter(({ conversation }) => isUnread(state, conversation) && !state.marks.muted.includes(conversation.id)).length,
  );
}

/** Whether what somebody writes is folded away: in a direct conversation there is nobody else, and nothing new. */
export function useFolded(conversation: Conversation | undefined, senderId: string | null): boolean {
  return useMarked("blocked", senderId) && conversation?.kind !== "direct";
}

/** Whom one talks to directly, if one has blocked them. */
export function useBlockedOther(conversation: Conversation): string | null {
  return useChat(({ me, marks }) => {
    const other = otherPerson(conversation, me.id);
    return other !== null && marks.blocked.includes(other) ? other : null;
  });
}
