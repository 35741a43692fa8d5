import { useChat } from "../shared/chat/Chat";
import { useI18n } from "../shared/i18n/I18n";
import { useServer } from "../shared/session/useServer";
import { Button } from "../shared/ui/Button";
import { Icon } from "../shared/ui/Icon";
import { Logo } from "../shared/ui/Logo";
import { SEARCH_KEYS } from "./keys";
import styles from "./Welcome.module.css";

interface Props {
  onNew(): void;
  onChannels(): void;
  onInvite(): void;
}

/** What stands beside the list while no conversation is open. */
export function Welcome({ onNew, onChannels, onInvite }: Props) {
  const { t } = useI18n();
  const alone = useChat(({ ready, threads }) => ready && Object.values(threads).every(({ conversation }) => conversation.memberCount <= 1));
  if (alone) return <Alone onInvite={onInvite} onChannels={onChannels} />;
  return (
    <div className={styles.welcome}>
      <Logo size={72} />
      <div>
        <h2 className={styles.title}>{t("app.welcome")}</h2>
        <p className={styles.hint}>{t("app.welcomeHint", { keys: SEARCH_KEYS })}</p>
      </div>
      <div className={styles.actions}>
        <Button kind="primary" onClick={onNew}>
          <Icon name="newChat" size={18} />
          {t("list.new")}
        </Button>
        <Button onClick={onChannels}>
          <Icon name="hash" size={18} />
          {t("list.channels")}
        </Button>
        <Button onClick={onInvite}>
          <Icon name="link" size={18} />
          {t("invite.people.title")}
        </Button>
      </div>
    </div>
  );
}

/** For who is here first: with nobody to talk to, the others come before everything else. */
function Alone({ onInvite, onChannels }: Pick<Props, "onInvite" | "onChannels">) {
  const { t } = useI18n();
  const name = useChat((state) => state.me.displayName);
  const { server } = useServer();
  return (
    <div className={styles.welcome}>
      <Logo size={72} />
      <div>
        <h2 className={styles.title}>{t("app.first", { name })}</h2>
        <p className={styles.hint}>{t("app.firstHint")}</p>
        {server?.admin && <p className={styles.hint}>{t("app.firstAdmin")}</p>}
      </div>
      <div className={styles.actions}>
        <Button kind="primary" onClick={onInvite}>
          <Icon name="link" size={18} />
          {t("invite.people.title")}
        </Button>
        <Button onClick={onChannels}>
          <Icon name="hash" size={18} />
          {t("list.channels")}
        </Button>
      </div>
    </div>
  );
}
