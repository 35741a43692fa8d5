import { useEffect, useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { clock } from "../../../shared/lib/bytes";
import { takeFocus } from "../../../shared/lib/focus";
import { IconButton } from "../../../shared/ui/Button";
import styles from "./VoiceBar.module.css";

interface Props {
  /** Milliseconds since 1970. */
  since: number;
  onFinish(): void;
  onCancel(): void;
}

/** Stands where one writes, as long as the microphone is on. */
export function VoiceBar({ since, onFinish, onCancel }: Props) {
  const { t } = useI18n();
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={styles.bar} role="group" aria-label={t("voice.recording")}>
      <span className={styles.dot} aria-hidden="true" />
      <span className={styles.label}>{t("voice.recording")}</span>
      <span className={styles.time} role="timer">
        {clock(now - since)}
      </span>
      <IconButton icon="trash" label={t("voice.cancel")} onClick={onCancel} />
      <IconButton icon="check" label={t("voice.finish")} ref={takeFocus} onClick={onFinish} />
    </div>
  );
}
