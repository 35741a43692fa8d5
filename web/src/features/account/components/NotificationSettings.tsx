import { useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { setPreferences, usePreferences } from "../../../shared/lib/preferences";
import { Switch } from "../../../shared/ui/Choice";
import { QuietSettings } from "./QuietSettings";
import styles from "./settings.module.css";

/** Browsers have notifications on https pages and on localhost only. */
const POSSIBLE = "Notification" in window;

export function NotificationSettings() {
  const { t } = useI18n();
  const { notify, sound } = usePreferences();
  const [denied, setDenied] = useState(() => POSSIBLE && Notification.permission === "denied");

  const turn = async (on: boolean) => {
    const permission = on ? await Notification.requestPermission() : Notification.permission;
    setDenied(permission === "denied");
    setPreferences({ notify: on && permission === "granted" });
  };

  return (
    <div className={styles.section}>
      <Switch
        label={t("settings.notify")}
        hint={t(!POSSIBLE ? "settings.notifyImpossible" : denied ? "settings.notifyDenied" : "settings.notifyHint")}
        checked={notify && !denied}
        disabled={!POSSIBLE}
        onChange={(on) => void turn(on)}
      />
      <Switch label={t("settings.sound")} checked={sound} onChange={(on) => setPreferences({ sound: on })} />
      <QuietSettings />
    </div>
  );
}
