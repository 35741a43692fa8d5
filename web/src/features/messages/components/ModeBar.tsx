import { useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { preview } from "../../../shared/text/preview";
import { IconButton } from "../../../shared/ui/Button";
import { Icon } from "../../../shared/ui/Icon";
import type { Mode } from "./Composer";
import styles from "./Composer.module.css";

/** What is answered or edited, above the place to write. */
export function ModeBar({ mode, onCancel }: { mode: Exclude<Mode, { kind: "new" }>; onCancel(): void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const name = useUserName(mode.message.senderId);
  return (
    <div className={styles.mode}>
      <Icon name={mode.kind === "edit" ? "edit" : "reply"} size={18} />
      <span className={styles.modeText}>
        <strong>{mode.kind === "edit" ? t("messages.editing") : t("messages.replyTo", { name })}</strong>
        <span>{preview(i18n, mode.message)}</span>
      </span>
      <IconButton icon="close" label={t("app.cancel")} onClick={onCancel} />
    </div>
  );
}
