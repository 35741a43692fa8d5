import { AccountMenu } from "../features/account/components/AccountMenu";
import { ConversationList } from "../features/conversations/components/ConversationList";
import { useI18n } from "../shared/i18n/I18n";
import { IconButton } from "../shared/ui/Button";
import { Icon } from "../shared/ui/Icon";
import { Logo } from "../shared/ui/Logo";
import { SEARCH_KEYS } from "./keys";
import styles from "./Sidebar.module.css";

interface SidebarProps {
  activeId: string | null;
  onNew(): void;
  onChannels(): void;
  onSearch(): void;
  onSettings(): void;
  onShortcuts(): void;
  onAdmin(): void;
}

export function Sidebar({ activeId, onNew, onChannels, onSearch, onSettings, onShortcuts, onAdmin }: SidebarProps) {
  const { t } = useI18n();
  return (
    <aside className={styles.sidebar} aria-label={t("list.title")}>
      <header className={styles.header}>
        <Logo size={32} />
        <h1 className={styles.name}>ChatConnect</h1>
        <IconButton icon="hash" label={t("list.channels")} onClick={onChannels} />
        <IconButton icon="newChat" label={t("list.new")} onClick={onNew} />
      </header>
      <button type="button" className={styles.search} onClick={onSearch}>
        <Icon name="search" size={18} />
        <span>{t("list.search")}</span>
        <kbd>{SEARCH_KEYS}</kbd>
      </button>
      <nav className={styles.list} aria-label={t("list.title")}>
        <ConversationList activeId={activeId} />
      </nav>
      <div className={styles.account}>
        <AccountMenu onSettings={onSettings} onShortcuts={onShortcuts} onAdmin={onAdmin} />
      </div>
    </aside>
  );
}
