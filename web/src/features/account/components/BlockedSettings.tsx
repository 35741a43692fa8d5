import { useChat } from "../../../shared/chat/Chat";
import { PersonAvatar } from "../../../shared/chat/ConversationAvatar";
import { useUser, useUserName } from "../../../shared/chat/people";
import { useBlock } from "../../../shared/chat/useBlock";
import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import styles from "./settings.module.css";

/** Whom the person has blocked, and the way back. */
export function BlockedSettings() {
  const { t } = useI18n();
  const blocked = useChat((state) => state.marks.blocked);
  return (
    <div className={styles.section}>
      <p className={styles.detail}>{t("block.hint")}</p>
      {blocked.length === 0 ? (
        <p>{t("block.none")}</p>
      ) : (
        <ul className={styles.devices} aria-label={t("block.title")}>
          {blocked.map((userId) => (
            <Blocked key={userId} userId={userId} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Blocked({ userId }: { userId: string }) {
  const { t } = useI18n();
  const name = useUserName(userId);
  const username = useUser(userId)?.username;
  const block = useBlock();
  return (
    <li className={styles.device}>
      <div className={styles.person}>
        <PersonAvatar userId={userId} size={36} />
        <div>
          <p className={styles.label}>{name}</p>
          {username !== undefined && <p className={styles.detail}>@{username}</p>}
        </div>
      </div>
      <Button aria-label={t("block.undoPerson", { name })} onClick={() => void block(userId, name, false)}>
        {t("block.undo")}
      </Button>
    </li>
  );
}
