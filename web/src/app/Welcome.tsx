import { useI18n } from "../shared/i18n/I18n";
import { Button } from "../shared/ui/Button";
import { Icon } from "../shared/ui/Icon";
import { Logo } from "../shared/ui/Logo";
import { SEARCH_KEYS } from "./keys";
import styles from "./Welcome.module.css";

/** What stands beside the list while no conversation is open. */
export function Welcome({ onNew, onChannels }: { onNew(): void; onChannels(): void }) {
  const { t } = useI18n();
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
      </div>
    </div>
  );
}
