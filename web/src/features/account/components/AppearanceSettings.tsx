import { useI18n } from "../../../shared/i18n/I18n";
import { setPreferences, usePreferences } from "../../../shared/lib/preferences";
import { Choice } from "../../../shared/ui/Choice";
import styles from "./settings.module.css";

export function AppearanceSettings() {
  const { t } = useI18n();
  const { theme } = usePreferences();
  return (
    <div className={styles.section}>
      <Choice
        label={t("settings.theme")}
        value={theme}
        options={[
          { value: "system", name: t("settings.themeSystem") },
          { value: "light", name: t("settings.themeLight") },
          { value: "dark", name: t("settings.themeDark") },
        ]}
        onChange={(chosen) => setPreferences({ theme: chosen })}
      />
    </div>
  );
}
