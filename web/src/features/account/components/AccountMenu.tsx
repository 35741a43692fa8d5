import { useCallback, useState } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { useLeave } from "../../../shared/session/useLeave";
import { useServer } from "../../../shared/session/useServer";
import { Avatar } from "../../../shared/ui/Avatar";
import { useConfirm } from "../../../shared/ui/Confirm";
import { Icon } from "../../../shared/ui/Icon";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./AccountMenu.module.css";

interface Props {
  onSettings(): void;
  onShortcuts(): void;
  onAdmin(): void;
}

/** Who is signed in, and what concerns them alone. */
export function AccountMenu({ onSettings, onShortcuts, onAdmin }: Props) {
  const { t } = useI18n();
  const me = useChat((state) => state.me);
  const online = useChat((state) => state.connection === "online");
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const logout = useLogout();
  const { server, ask } = useServer();
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
        onClick={(event) => {
          setAnchor(anchor ? null : event.currentTarget);
          // Somebody may have become an administrator meanwhile.
          ask();
        }}
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
          {server?.admin && (
            <MenuItem icon="shield" onSelect={onAdmin}>
              {t("admin.title")}
            </MenuItem>
          )}
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
  const leave = useLeave();
  const attempt = useAttempt();
  const confirm = useConfirm();

  return async () => {
    const question = { title: t("account.logoutConfirm"), detail: t("account.logoutUnsent"), action: t("account.logout") };
    if (client.getState().outbox.length > 0 && !(await confirm(question))) return;
    await attempt(async () => {
      await api.logout();
      leave();
    });
  };
}
