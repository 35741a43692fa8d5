import { Component, type ReactNode } from "react";
import { useI18n } from "../shared/i18n/I18n";
import { Button } from "../shared/ui/Button";
import { Logo } from "../shared/ui/Logo";
import styles from "./Splash.module.css";

/** Shows a way out instead of an empty page when a part of it throws. */
export class CrashGuard extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    return this.state.crashed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useI18n();
  return (
    <main className={styles.splash}>
      <Logo size={64} />
      <div role="alert">
        <h1 className={styles.title}>{t("app.crashed")}</h1>
        <p className={styles.hint}>{t("app.crashedHint")}</p>
      </div>
      <Button kind="primary" onClick={() => window.location.reload()}>
        {t("app.reload")}
      </Button>
    </main>
  );
}
