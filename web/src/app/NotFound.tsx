import { Link } from "react-router";
import { useI18n } from "../shared/i18n/I18n";
import { Logo } from "../shared/ui/Logo";
import styles from "./Splash.module.css";

export function NotFound() {
  const { t } = useI18n();
  return (
    <main className={styles.splash}>
      <Logo size={64} />
      <div>
        <h1 className={styles.title}>{t("app.notFound")}</h1>
        <p className={styles.hint}>{t("app.notFoundHint")}</p>
      </div>
      <Link to="/" className={styles.home}>
        {t("app.home")}
      </Link>
    </main>
  );
}
