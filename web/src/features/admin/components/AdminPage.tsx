import type { ComponentType } from "react";
import { Link } from "react-router";
import { useI18n } from "../../../shared/i18n/I18n";
import { takeFocus } from "../../../shared/lib/focus";
import { useServer } from "../../../shared/session/useServer";
import { Button } from "../../../shared/ui/Button";
import { Icon } from "../../../shared/ui/Icon";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { Tabs } from "../../../shared/ui/Tabs";
import type { AdminKey } from "../texts/en";
import { useTexts } from "../texts/useTexts";
import styles from "./AdminPage.module.css";
import { ChannelsTab } from "./ChannelsTab";
import { FiguresTab } from "./FiguresTab";
import { PeopleTab } from "./PeopleTab";
import { RegistrationTab } from "./RegistrationTab";
import { ReportsTab } from "./ReportsTab";
import type { TabProps } from "./tab";

const TABS: readonly { name: string; label: AdminKey; View: ComponentType<TabProps> }[] = [
  { name: "people", label: "people", View: PeopleTab },
  { name: "reports", label: "reports", View: ReportsTab },
  { name: "channels", label: "channels", View: ChannelsTab },
  { name: "registration", label: "registration", View: RegistrationTab },
  { name: "figures", label: "figures", View: FiguresTab },
];

const LOOK = { tabs: styles.tabs ?? "", tab: styles.tab ?? "", panel: styles.panel ?? "" };

interface Props {
  /** The name of the open tab; the first one when there is none of this name. */
  tab: string | null;
  onTab(name: string): void;
}

/** Where administrators look after the people, the channels and the server itself. */
export function AdminPage({ tab, onTab }: Props) {
  const { t } = useI18n();
  return (
    <div ref={takeFocus} tabIndex={-1} className={styles.page}>
      <header className={styles.header}>
        <Link to="/" className={styles.back} aria-label={t("app.home")} title={t("app.home")}>
          <Icon name="back" size={24} />
        </Link>
        <h1 className={styles.title}>{t("admin.title")}</h1>
      </header>
      <main className={styles.main}>
        <Content tab={tab} onTab={onTab} />
      </main>
    </div>
  );
}

function Content({ tab, onTab }: Props) {
  const { t } = useI18n();
  const say = useTexts();
  const { server, failed, ask } = useServer();
  if (!server) {
    if (!failed) return <ListSkeleton rows={6} label={t("app.loading")} />;
    return (
      <div className={styles.notice} role="alert">
        <p>{say("failed", { reason: t("error.offline") })}</p>
        <Button onClick={ask}>{t("app.retry")}</Button>
      </div>
    );
  }
  if (!server.admin) {
    return (
      <div className={styles.notice}>
        <Icon name="shield" size={40} />
        <h2 className={styles.noticeTitle}>{say("forbidden")}</h2>
        <p>{say("forbiddenHint")}</p>
        <Link to="/">{t("app.home")}</Link>
      </div>
    );
  }
  const tabs = TABS.map((one) => ({ ...one, label: say(one.label) }));
  const open = tabs.find(({ name }) => name === tab) ?? tabs[0];
  if (!open) return null;
  return (
    <Tabs label={t("admin.title")} tabs={tabs} open={open} onOpen={({ name }) => onTab(name)} styles={LOOK}>
      <open.View server={server} onServer={ask} />
    </Tabs>
  );
}
