import { useEffect } from "react";
import { useChat } from "../shared/chat/Chat";

/** Shows in the tab how many conversations have something new. */
export function useUnreadTitle(): void {
  const unread = useChat(
    (state) => Object.values(state.threads).filter(({ conversation }) => conversation.unreadCount > 0 && !conversation.muted).length,
  );
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ChatConnect` : "ChatConnect";
    return () => {
      document.title = "ChatConnect";
    };
  }, [unread]);
}
