import { useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import type { Key } from "../../../shared/i18n/en";
import { Dialog } from "../../../shared/ui/Dialog";
import { Tabs } from "../../../shared/ui/Tabs";
import { AccountSettings } from "./AccountSettings";
import { AppearanceSettings } from "./AppearanceSettings";
import { BlockedSettings } from "./BlockedSettings";
import { DeviceSettings } from "./DeviceSettings";
import { NotificationSettings } from "./NotificationSettings";
import { PasswordSettings } from "./PasswordSettings";
import { ProfileSettings } from "./ProfileSettings";
import styles from "./settings.module.css";

const SECTIONS = [
  { name: "profile", label: "settings.profile", View: ProfileSettings },
  { name: "appearance", label: "settings.appearance", View: AppearanceSettings },
  { name: "notifications", label: "settings.notifications", View: NotificationSettings },
  { name: "blocked", label: "settings.blocked", View: BlockedSettings },
  { name: "password", label: "auth.password", View: PasswordSettings },
  { name: "devices", label: "settings.devices", View: DeviceSettings },
  { name: "account", label: "settings.account", View: AccountSettings },
] as const satisfies readonly { name: string; label: Key; View: () => React.ReactNode }[];

const LOOK = { tabs: styles.tabs ?? "", tab: styles.tab ?? "", panel: styles.panel ?? "" };

/** What a person can set: about themselves, this browser, and where they are signed in. */
export function SettingsDialog({ onClose }: { onClose(): void }) {
  const { t } = useI18n();
  const [open, setOpen] = useState<string>(SECTIONS[0].name);
  const tabs = SECTIONS.map((section) => ({ ...section, label: t(section.label) }));
  const shown = tabs.find(({ name }) => name === open) ?? tabs[0];
  if (!shown) return null;
  return (
    <Dialog title={t("settings.title")} size="large" onClose={onClose}>
      <div className={styles.settings}>
        <Tabs label={t("settings.title")} tabs={tabs} open={shown} onOpen={({ name }) => setOpen(name)} styles={LOOK}>
          <shown.View />
        </Tabs>
      </div>
    </Dialog>
  );
}
