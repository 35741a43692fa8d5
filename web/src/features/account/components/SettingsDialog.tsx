import { useId, useRef, useState, type KeyboardEvent } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import type { Key } from "../../../shared/i18n/en";
import { Dialog } from "../../../shared/ui/Dialog";
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
] as const satisfies readonly { name: string; label: Key; View: () => React.ReactNode }[];

/** What a person can set: about themselves, this browser, and where they are signed in. */
export function SettingsDialog({ onClose }: { onClose(): void }) {
  const { t } = useI18n();
  const id = useId();
  const tabs = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<(typeof SECTIONS)[number]>(SECTIONS[0]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = (SECTIONS.indexOf(open) + step + SECTIONS.length) % SECTIONS.length;
    const next = SECTIONS[at];
    if (!next) return;
    setOpen(next);
    tabs.current?.querySelectorAll<HTMLElement>('[role="tab"]')[at]?.focus();
  };

  return (
    <Dialog title={t("settings.title")} size="large" onClose={onClose}>
      <div className={styles.settings}>
        {/* Arrow keys move among the tabs, of which one is in the order of Tab. */}
        <div ref={tabs} role="tablist" aria-label={t("settings.title")} tabIndex={-1} className={styles.tabs} onKeyDown={onKeyDown}>
          {SECTIONS.map((section) => (
            <button
              key={section.name}
              type="button"
              role="tab"
              id={`${id}-${section.name}`}
              aria-selected={section === open}
              aria-controls={`${id}-panel`}
              tabIndex={section === open ? 0 : -1}
              className={styles.tab}
              onClick={() => setOpen(section)}
            >
              {t(section.label)}
            </button>
          ))}
        </div>
        <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${open.name}`} className={styles.panel}>
          <open.View />
        </div>
      </div>
    </Dialog>
  );
}
