import { useUserName } from "../../../shared/chat/people";
import { useBlock } from "../../../shared/chat/useBlock";
import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import styles from "./Composer.module.css";

/** In place of the composer: whom one has blocked, one does not write to. */
export function BlockedBar({ userId }: { userId: string }) {
  const { t } = useI18n();
  const name = useUserName(userId);
  const block = useBlock();
  return (
    <div className={styles.composer}>
      <div className={styles.blocked} role="status">
        <p>{t("block.bar", { name })}</p>
        <Button onClick={() => void block(userId, name, false)}>{t("block.undo")}</Button>
      </div>
    </div>
  );
}
