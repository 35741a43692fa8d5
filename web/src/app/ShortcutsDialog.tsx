import type { Key } from "../shared/i18n/en";
import { useI18n } from "../shared/i18n/I18n";
import { Dialog } from "../shared/ui/Dialog";
import { SEARCH_KEYS } from "./keys";
import styles from "./ShortcutsDialog.module.css";

const SHORTCUTS: readonly (readonly [string, Key])[] = [
  [SEARCH_KEYS, "shortcuts.jump"],
  ["Alt ↓", "shortcuts.next"],
  ["Alt ↑", "shortcuts.previous"],
  ["Enter", "shortcuts.send"],
  ["Shift Enter", "shortcuts.line"],
  ["@", "shortcuts.mention"],
  ["↑", "shortcuts.edit"],
  ["Esc", "shortcuts.cancel"],
  ["?", "shortcuts.help"],
];

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  const { t } = useI18n();
  return (
    <Dialog title={t("shortcuts.title")} onClose={onClose}>
      <dl className={styles.list}>
        {SHORTCUTS.map(([keys, key]) => (
          <div key={key} className={styles.shortcut}>
            <dt>{t(key)}</dt>
            <dd>
              <kbd>{keys}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
