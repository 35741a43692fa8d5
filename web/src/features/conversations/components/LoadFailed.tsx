import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import styles from "./pick.module.css";

/** In the place of a list that could not be loaded. */
export function LoadFailed({ onRetry }: { onRetry(): void }) {
  const { t } = useI18n();
  return (
    <div className={styles.none} role="alert">
      <p>{t("app.loadFailed")}</p>
      <Button onClick={onRetry}>{t("app.retry")}</Button>
    </div>
  );
}
