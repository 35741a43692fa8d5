import { useCallback, useState } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { forgetDrafts } from "../../../shared/lib/drafts";
import { useSession } from "../../../shared/session/Session";
import { Avatar } from "../../../shared/ui/Avatar";
import { useConfirm } from "../../../shared/ui/Confirm";
import { Icon } from "../../../shared/ui/Icon";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./AccountMenu.module.css";

interface Props {
  onSettings(): void;
  onShortcuts(): void;
}

/** Who is signed in, and what concerns them alone. */
export function AccountMenu({ onSettings, onShortcuts }: Props) {
  const { t } = useI18n();
  const me = useChat((state) => state.me);
  const online = useChat((state) => state.connection === "online");
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const logout = useLogout();
  /** The dialog gives the focus back to where it was before. */
  const then = (work: () => void) => () => {
    close();
    anchor?.focus();
    work();
  };

  return (
    <>
      <button
        type="button"
        className={styles.account}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        aria-label={t("account.menu", { name: me.displayName })}
        onClick={(event) => setAnchor(anchor ? null : event.currentTarget)}
      >
        <Avatar name={me.displayName} id={me.id} src={me.avatarUrl} size={36} online={online} />
        <span className={styles.names}>
          <span className={styles.name}>{me.displayName}</span>
          <span className={styles.username}>@{me.username}</span>
        </span>
        <Icon name="more" size={18} />
      </button>
      {anchor && (
        <Menu anchor={anchor} label={t("account.menu", { name: me.displayName })} onClose={close}>
          <MenuItem icon="settings" onSelect={then(onSettings)}>
            {t("settings.title")}
          </MenuItem>
          <MenuItem icon="keyboard" onSelect={then(onShortcuts)}>
            {t("shortcuts.title")}
          </MenuItem>
          <hr className={styles.rule} />
          <MenuItem icon="leave" onSelect={logout}>
            {t("account.logout")}
          </MenuItem>
        </Menu>
      )}
    </>
  );
}

function useLogout(): () => Promise<void> {
  const { t } = useI18n();
  const client = useChatClient();
  const session = useSession();
  const attempt = useAttempt();
  const confirm = useConfirm();

  return async () => {
    const { me, outbox } = client.getState();
    const question = { title: t("account.logoutConfirm"), detail: t("account.logoutUnsent"), action: t("account.logout") };
    if (outbox.length > 0 && !(await confirm(question))) return;
    await attempt(async () => {
      await api.logout();
      for (const item of outbox) client.discard(item.clientId);
      forgetDrafts(me.id);
      session.signedOut(false);
    });
  };
}
