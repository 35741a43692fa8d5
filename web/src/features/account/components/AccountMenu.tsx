import { useCallback, useState } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { localeNames, type Locale } from "../../../shared/i18n/translate";
import { forgetDrafts } from "../../../shared/lib/drafts";
import { useSession } from "../../../shared/session/Session";
import { Avatar } from "../../../shared/ui/Avatar";
import { Icon } from "../../../shared/ui/Icon";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./AccountMenu.module.css";

/** Who is signed in, and what concerns them alone: the language, logging out. */
export function AccountMenu() {
  const { t, locale, setLocale } = useI18n();
  const me = useChat((state) => state.me);
  const online = useChat((state) => state.connection === "online");
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const logout = useLogout();

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
        <Avatar name={me.displayName} id={me.id} size={36} online={online} />
        <span className={styles.names}>
          <span className={styles.name}>{me.displayName}</span>
          <span className={styles.username}>@{me.username}</span>
        </span>
        <Icon name="more" size={18} />
      </button>
      {anchor && (
        <Menu anchor={anchor} label={t("account.menu", { name: me.displayName })} onClose={close}>
          <div role="group" aria-label={t("account.language")}>
            <p className={styles.heading} aria-hidden="true">
              {t("account.language")}
            </p>
            {Object.entries(localeNames).map(([value, name]) => (
              <button
                key={value}
                type="button"
                role="menuitemradio"
                tabIndex={-1}
                aria-checked={value === locale}
                lang={value}
                className={styles.choice}
                onClick={() => {
                  setLocale(value as Locale);
                  close();
                }}
              >
                {name}
                {value === locale && <Icon name="check" size={18} />}
              </button>
            ))}
          </div>
          <hr className={styles.rule} />
          <MenuItem icon="leave" onSelect={logout}>
            {t("account.logout")}
          </MenuItem>
        </Menu>
      )}
    </>
  );
}

function useLogout(): () => void {
  const { t } = useI18n();
  const client = useChatClient();
  const session = useSession();
  const attempt = useAttempt();

  return () => {
    const { me, outbox } = client.getState();
    if (outbox.length > 0 && !window.confirm(t("account.logoutUnsent"))) return;
    void attempt(async () => {
      await api.logout();
      for (const item of outbox) client.discard(item.clientId);
      forgetDrafts(me.id);
      session.signedOut(false);
    });
  };
}
