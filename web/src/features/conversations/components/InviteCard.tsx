import type { InvitePreview } from "@chatconnect/protocol";
import type { ReactNode } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { Avatar } from "../../../shared/ui/Avatar";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import type { InviteState } from "../hooks/useInvite";
import styles from "./PersonDialog.module.css";
import pick from "./pick.module.css";

interface Props {
  inviteId: string;
  state: InviteState;
  /** What one can do with an open invitation. */
  children: ReactNode;
}

/** What one is invited to, or why that cannot be told. */
export function InviteCard({ inviteId, state, children }: Props) {
  const { t } = useI18n();
  if (state.status === "loading") return <ListSkeleton rows={1} label={t("app.loading")} />;
  if (state.status !== "open") {
    return (
      <p className={pick.none} role="alert">
        {t(state.status === "over" ? "invite.over" : "invite.failed")}
      </p>
    );
  }
  return (
    <Preview preview={state.preview} inviteId={inviteId}>
      {children}
    </Preview>
  );
}

function Preview({ preview, inviteId, children }: { preview: InvitePreview; inviteId: string; children: ReactNode }) {
  const { t } = useI18n();
  const { kind, memberCount, creator } = preview;
  const title = preview.title === null ? t("invite.untitled", { name: creator.displayName }) : kind === "channel" ? `#${preview.title}` : preview.title;
  return (
    <div className={styles.person}>
      <Avatar name={title} id={inviteId} kind={kind === "channel" ? "channel" : "group"} size={88} />
      <h3 className={styles.name}>{title}</h3>
      <p className={styles.detail}>{t("members", { count: memberCount })}</p>
      <p className={styles.detail}>{t("invite.by", { name: creator.displayName })}</p>
      {children}
    </div>
  );
}
