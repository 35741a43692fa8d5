import { useCallback, useState } from "react";
import { useLocation, useMatch, useNavigate, useSearchParams } from "react-router";
import { useI18n } from "../shared/i18n/I18n";
import styles from "./ChatPage.module.css";
import { ConnectionBanner } from "./ConnectionBanner";
import { ChannelsDialog, ConversationPane, InviteDialog, InvitePeopleDialog, NewConversationDialog, SearchDialog, SettingsDialog, ShortcutsDialog } from "./parts";
import { Sidebar } from "./Sidebar";
import { useNotifications } from "./useNotifications";
import { useKeys } from "./useKeys";
import { usePresenceWatch } from "./usePresenceWatch";
import { Welcome } from "./Welcome";

/** A search begins with what is typed already. */
type Dialog = "new" | "channels" | "invite" | { search: string } | "settings" | "shortcuts" | null;

/** The two panes: the list of conversations and the open one. A phone shows one of them at a time. */
export function ChatPage() {
  const { t } = useI18n();
  const conversationId = useMatch("/c/:conversationId")?.params.conversationId ?? null;
  const inviteId = useMatch("/i/:inviteId")?.params.inviteId ?? null;
  // In the state of the page and not in its address: nobody else's link says it.
  const accepted = (useLocation().state as { accepted?: boolean } | null)?.accepted === true;
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<Dialog>(null);
  const closeDialog = useCallback(() => setDialog(null), []);

  usePresenceWatch(conversationId);
  const open = useCallback(
    (id: string, seq?: number) => {
      setDialog(null);
      void navigate(seq === undefined ? `/c/${id}` : `/c/${id}?m=${seq}&at=${Date.now()}`);
    },
    [navigate],
  );
  useKeys(conversationId, { onSearch: () => setDialog({ search: "" }), onHelp: () => setDialog("shortcuts"), onOpen: open });
  useNotifications(open);
  const seq = Number(query.get("m"));
  const target = Number.isInteger(seq) && seq > 0 ? { seq, token: query.get("at") ?? "" } : null;
  /** Who loads the page again is where they were going on, and not where they had once jumped to. */
  const forgetTarget = useCallback(() => void navigate({ search: "" }, { replace: true }), [navigate]);

  return (
    <div className={styles.page} data-pane={conversationId ? "conversation" : "list"}>
      <a className={styles.skip} href="#conversation">
        {t("app.skip")}
      </a>
      <ConnectionBanner />
      <Sidebar
        activeId={conversationId}
        onNew={() => setDialog("new")}
        onChannels={() => setDialog("channels")}
        onSearch={() => setDialog({ search: "" })}
        onSettings={() => setDialog("settings")}
        onShortcuts={() => setDialog("shortcuts")}
        onAdmin={() => void navigate("/admin")}
      />
      <main id="conversation" className={styles.main} tabIndex={-1}>
        {conversationId ? (
          <ConversationPane
            key={conversationId}
            id={conversationId}
            target={target}
            onTarget={forgetTarget}
            onOpen={open}
            onLeft={() => void navigate("/")}
            onSearch={(typed) => setDialog({ search: typed })}
          />
        ) : (
          <Welcome onNew={() => setDialog("new")} onChannels={() => setDialog("channels")} onInvite={() => setDialog("invite")} />
        )}
      </main>
      {inviteId && (
        <InviteDialog key={inviteId} inviteId={inviteId} accepted={accepted} onClose={() => void navigate("/")} onOpen={open} />
      )}
      {dialog === "new" && <NewConversationDialog onClose={closeDialog} onOpen={open} onInvite={() => setDialog("invite")} />}
      {dialog === "invite" && <InvitePeopleDialog onClose={closeDialog} />}
      {dialog === "channels" && <ChannelsDialog onClose={closeDialog} onOpen={open} />}
      {dialog === "settings" && <SettingsDialog onClose={closeDialog} />}
      {dialog === "shortcuts" && <ShortcutsDialog onClose={closeDialog} />}
      {typeof dialog === "object" && dialog && (
        <SearchDialog initial={dialog.search} activeId={conversationId} onClose={closeDialog} onOpen={open} />
      )}
    </div>
  );
}
