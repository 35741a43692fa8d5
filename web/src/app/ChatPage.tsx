import { useCallback, useEffect, useState } from "react";
import { useMatch, useNavigate, useSearchParams } from "react-router";
import { ChannelsDialog } from "../features/conversations/components/ChannelsDialog";
import { NewConversationDialog } from "../features/conversations/components/NewConversationDialog";
import { SearchDialog } from "../features/search/components/SearchDialog";
import { useChat } from "../shared/chat/Chat";
import { useI18n } from "../shared/i18n/I18n";
import { useSession } from "../shared/session/Session";
import styles from "./ChatPage.module.css";
import { ConnectionBanner } from "./ConnectionBanner";
import { ConversationPane } from "./ConversationPane";
import { Sidebar } from "./Sidebar";
import { usePresenceWatch } from "./usePresenceWatch";
import { useUnreadTitle } from "./useUnreadTitle";
import { Welcome } from "./Welcome";

type Dialog = "new" | "channels" | "search" | null;

/** The two panes: the list of conversations and the open one. A phone shows one of them at a time. */
export function ChatPage() {
  const { t } = useI18n();
  const conversationId = useMatch("/c/:conversationId")?.params.conversationId ?? null;
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<Dialog>(null);
  const closeDialog = useCallback(() => setDialog(null), []);

  useEndedSession();
  useUnreadTitle();
  usePresenceWatch(conversationId);
  useSearchKey(useCallback(() => setDialog("search"), []));

  const open = (id: string, seq?: number) => {
    setDialog(null);
    void navigate(seq === undefined ? `/c/${id}` : `/c/${id}?m=${seq}&at=${Date.now()}`);
  };
  const seq = Number(query.get("m"));
  const target = Number.isInteger(seq) && seq > 0 ? { seq, token: query.get("at") ?? "" } : null;

  return (
    <div className={styles.page} data-pane={conversationId ? "conversation" : "list"}>
      <a className={styles.skip} href="#conversation">
        {t("app.skip")}
      </a>
      <Sidebar
        activeId={conversationId}
        onNew={() => setDialog("new")}
        onChannels={() => setDialog("channels")}
        onSearch={() => setDialog("search")}
      />
      <main id="conversation" className={styles.main} tabIndex={-1}>
        <ConnectionBanner />
        {conversationId ? (
          <ConversationPane key={conversationId} id={conversationId} target={target} onLeft={() => void navigate("/")} />
        ) : (
          <Welcome onNew={() => setDialog("new")} onChannels={() => setDialog("channels")} />
        )}
      </main>
      {dialog === "new" && <NewConversationDialog onClose={closeDialog} onOpen={open} />}
      {dialog === "channels" && <ChannelsDialog onClose={closeDialog} onOpen={open} />}
      {dialog === "search" && <SearchDialog onClose={closeDialog} onOpen={open} />}
    </div>
  );
}

/** Ctrl+K, or ⌘K on a Mac. */
function useSearchKey(onPress: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      onPress();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [onPress]);
}

/** The server has closed the session: on another device, or because it was too old. */
function useEndedSession(): void {
  const { signedOut } = useSession();
  const ended = useChat((state) => state.connection === "signed-out");
  useEffect(() => {
    if (ended) signedOut(true);
  }, [ended, signedOut]);
}
