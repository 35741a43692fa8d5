import { useEffect } from "react";
import { useUnreadConversations } from "../shared/chat/marks";

/** Shows in the tab, and with a dot on its icon, that conversations have something new. */
export function useUnreadTitle(): void {
  const unread = useUnreadConversations();
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ChatConnect` : "ChatConnect";
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon) icon.href = unread > 0 ? "/favicon-unread.svg" : "/favicon.svg";
    return () => {
      document.title = "ChatConnect";
      if (icon) icon.href = "/favicon.svg";
    };
  }, [unread]);
}
