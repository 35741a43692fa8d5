import type { Session } from "@chatconnect/protocol";
import { useCallback, useEffect, useState } from "react";
import { api } from "../../../shared/api";
import { useI18n } from "../../../shared/i18n/I18n";
import { shortTime } from "../../../shared/lib/dates";
import { Button } from "../../../shared/ui/Button";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useAttempt } from "../../../shared/ui/Toasts";
import { deviceName } from "../hooks/deviceName";
import styles from "./settings.module.css";

/** Where the person is signed in, and the way to end that. */
export function DeviceSettings() {
  const { t } = useI18n();
  const attempt = useAttempt();
  const [sessions, setSessions] = useState<readonly Session[] | "failed" | null>(null);

  const load = useCallback(async () => {
    try {
      setSessions((await api.sessions()).sessions);
    } catch {
      setSessions("failed");
    }
  }, []);
  useEffect(() => {
    // What the server says is not known before it was asked.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    void load();
  }, [load]);

  const end = async (session: Session) => {
    if (await attempt(() => api.endSession(session.id))) await load();
  };

  if (sessions === null) return <ListSkeleton rows={3} label={t("app.loading")} />;
  if (sessions === "failed") {
    return (
      <div className={styles.section}>
        <p role="alert">{t("settings.devicesFailed")}</p>
        <Button onClick={() => void load()}>{t("app.retry")}</Button>
      </div>
    );
  }
  return (
    <div className={styles.section}>
      <p className={styles.detail}>{t("settings.devicesHint")}</p>
      <ul className={styles.devices} aria-label={t("settings.devices")}>
        {sessions.map((session) => (
          <Device key={session.id} session={session} onEnd={() => void end(session)} />
        ))}
      </ul>
    </div>
  );
}

function Device({ session, onEnd }: { session: Session; onEnd(): void }) {
  const { t, locale } = useI18n();
  const name = deviceName(session.device) ?? t("settings.unknownDevice");
  return (
    <li className={styles.device}>
      <div>
        <p className={styles.label} title={session.device}>
          {name}
        </p>
        <p className={styles.detail}>
          {session.current ? t("settings.thisDevice") : t("settings.lastUsed", { when: shortTime(locale, session.lastSeenAt) })}
        </p>
      </div>
      {!session.current && (
        <Button kind="danger" aria-label={t("settings.endDevice", { name })} onClick={onEnd}>
          {t("settings.end")}
        </Button>
      )}
    </li>
  );
}
