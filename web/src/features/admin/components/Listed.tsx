import { useState, type ReactNode } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { errorKey } from "../../../shared/lib/errors";
import { Button } from "../../../shared/ui/Button";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useAttempt } from "../../../shared/ui/Toasts";
import type { Pages } from "../hooks/usePages";
import { useTexts } from "../texts/useTexts";
import styles from "./AdminPage.module.css";

interface Props<T> {
  label: string;
  pages: Pages<T>;
  /** What stands there when nothing is found. */
  empty: string;
  row(item: T): ReactNode;
}

/** What the server lists page by page, in all its states. */
export function Listed<T>({ label, pages: { loaded, more, retry }, empty, row }: Props<T>) {
  const { t } = useI18n();
  const say = useTexts();
  const attempt = useAttempt();
  const [busy, setBusy] = useState(false);
  const onMore = async () => {
    setBusy(true);
    await attempt(more);
    setBusy(false);
  };

  if (loaded.status === "loading") return <ListSkeleton rows={6} label={t("app.loading")} />;
  if (loaded.status === "failed") return <Failed error={loaded.error} onRetry={retry} />;
  if (loaded.items.length === 0) {
    return (
      <p className={styles.notice} role="status">
        {empty}
      </p>
    );
  }
  return (
    <>
      <ul className={styles.list} aria-label={label}>
        {loaded.items.map(row)}
      </ul>
      {loaded.nextCursor !== null && (
        <Button className={styles.more} disabled={busy} onClick={() => void onMore()}>
          {say("more")}
        </Button>
      )}
    </>
  );
}

/** Something that could not be loaded, and the way to try again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry(): void }) {
  const { t } = useI18n();
  const say = useTexts();
  return (
    <div className={styles.notice} role="alert">
      <p>{say("failed", { reason: t(errorKey(error)) })}</p>
      <Button onClick={onRetry}>{t("app.retry")}</Button>
    </div>
  );
}
