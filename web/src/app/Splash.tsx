import { useI18n } from "../shared/i18n/I18n";
import { Logo } from "../shared/ui/Logo";
import { Spinner } from "../shared/ui/Skeleton";
import styles from "./Splash.module.css";

/** Until we know whether somebody is signed in. */
export function Splash({ unreachable }: { unreachable: boolean }) {
  const { t } = useI18n();
  return (
    <main className={styles.splash}>
      <Logo size={64} />
      {unreachable ? (
        <div role="alert">
          <h1 className={styles.title}>{t("app.unreachable")}</h1>
          <p className={styles.hint}>{t("app.unreachableHint")}</p>
        </div>
      ) : (
        <>
          <h1 className="visually-hidden">ChatConnect</h1>
          <Spinner label={t("app.loading")} />
        </>
      )}
    </main>
  );
}
