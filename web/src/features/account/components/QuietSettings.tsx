import { useRef } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { dayName, timeOfDay } from "../../../shared/lib/dates";
import { setPreferences } from "../../../shared/lib/preferences";
import { Button } from "../../../shared/ui/Button";
import { endOf, hasEnd, useQuietUntil, type Span } from "../hooks/quiet";
import styles from "./settings.module.css";

const SPANS = [
  { span: "hour", label: "settings.quietHour" },
  { span: "morning", label: "settings.quietMorning" },
  { span: "forever", label: "settings.quietForever" },
] as const satisfies readonly { span: Span; label: string }[];

/** For how long nothing is announced. */
export function QuietSettings() {
  const { t } = useI18n();
  const until = useQuietUntil();
  const group = useRef<HTMLFieldSetElement>(null);
  const set = (quietUntil: number | null) => {
    setPreferences({ quietUntil });
    // The button that was pressed is gone.
    group.current?.focus();
  };
  return (
    <fieldset ref={group} className={styles.choice} tabIndex={-1}>
      <legend className={styles.label}>{t("settings.quiet")}</legend>
      <p className={styles.detail} aria-live="polite">
        {until === null ? t("settings.quietHint") : <Until until={until} />}
      </p>
      <div className={styles.picture}>
        {until === null ? (
          SPANS.map(({ span, label }) => (
            <Button key={span} onClick={() => set(endOf(span, Date.now()))}>
              {t(label)}
            </Button>
          ))
        ) : (
          <Button onClick={() => set(null)}>{t("settings.quietOff")}</Button>
        )}
      </div>
    </fieldset>
  );
}

function Until({ until }: { until: number }) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  if (!hasEnd(until)) return <>{t("settings.quietOn")}</>;
  const today = new Date(until).toDateString() === new Date().toDateString();
  const time = timeOfDay(locale, until);
  return <>{t("settings.quietUntil", { when: today ? time : `${dayName(i18n, until)}, ${time}` })}</>;
}
