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
  /** The heading that comes after those around it. */
  Heading: "h2" | "h3";
  /** What one can do with an open invitation. */
  children: ReactNode;
}

/** What one is invited to, or why that cannot be told. */
export function InviteCard({ inviteId, state, Heading, children }: Props) {
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
    <Preview preview={state.preview} inviteId={inviteId} Heading={Heading}>
      {children}
    </Preview>
  );
}

function Preview({ preview, inviteId, Heading, children }: Omit<Props, "state"> & { preview: InvitePreview }) {
  const { t } = useI18n();
  const { kind, memberCount, creator } = preview;
  const title = preview.title === null ? t("invite.untitled", { name: creator.displayName }) : kind === "channel" ? `#${preview.title}` : preview.title;
  return (
    <div className={styles.person}>
      <Avatar name={title} id={inviteId} kind={kind === "channel" ? "channel" : "group"} size={88} />
      <Heading className={styles.name}>{title}</Heading>
      <p className={styles.detail}>{t("members", { count: memberCount })}</p>
      <p className={styles.detail}>{t("invite.by", { name: creator.displayName })}</p>
      {children}
    </div>
  );
}
