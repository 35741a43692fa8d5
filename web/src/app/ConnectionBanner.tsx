import { useEffect, useState } from "react";
import { useChat } from "../shared/chat/Chat";
import { useI18n } from "../shared/i18n/I18n";
import { Icon } from "../shared/ui/Icon";
import styles from "./ConnectionBanner.module.css";

/** A connection that comes back at once is not worth a word. */
const PATIENCE_MS = 700;

/** Says that we are offline, also to a screen reader, and when we are back by going away. */
export function ConnectionBanner() {
  const { t } = useI18n();
  const offline = useChat((state) => state.connection === "offline");
  const shown = useLasting(offline, PATIENCE_MS);
  return (
    <div role="status" className={styles.place}>
      {shown && (
        <p className={styles.banner}>
          <Icon name="offline" size={18} />
          {t("app.offline")}
        </p>
      )}
    </div>
  );
}

/** True once `value` has been true for `ms`. */
function useLasting(value: boolean, ms: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasting(value), value ? ms : 0);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return value && lasting;
}
