import { ApiError, type InvitePreview } from "@chatconnect/protocol";
import { useEffect, useState } from "react";
import { api } from "../../../shared/api";
import { useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./PersonDialog.module.css";
import pick from "./pick.module.css";

interface Props {
  inviteId: string;
  onClose(): void;
  onOpen(conversationId: string): void;
}

type State = { status: "loading" } | { status: "open"; preview: InvitePreview } | { status: "over" } | { status: "failed" };

/** What one is invited to, and the way in. */
export function InviteDialog({ inviteId, onClose, onOpen }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const [state, setState] = useState<State>({ status: "loading" });
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let stopped = false;
    api.invite(inviteId).then(
      (preview) => !stopped && setState({ status: "open", preview }),
      (error: unknown) => !stopped && setState({ status: error instanceof ApiError && error.status === 404 ? "over" : "failed" }),
    );
    return () => {
      stopped = true;
    };
  }, [inviteId]);

  const join = async () => {
    setBusy(true);
    await attempt(async () => {
      const { conversation } = await api.acceptInvite(inviteId);
      client.learnConversation(conversation);
      onOpen(conversation.id);
    });
    setBusy(false);
  };

  return (
    <Dialog title={t("invite.title")} onClose={onClose} hideTitle>
      <div className={pick.form}>
        {state.status === "loading" && <ListSkeleton rows={1} label={t("app.loading")} />}
        {state.status === "over" && <p className={pick.none}>{t("invite.over")}</p>}
        {state.status === "failed" && <p className={pick.none}>{t("invite.failed")}</p>}
        {state.status === "open" && <Preview preview={state.preview} busy={busy} onJoin={() => void join()} inviteId={inviteId} />}
      </div>
    </Dialog>
  );
}

function Preview({ preview, inviteId, busy, onJoin }: { preview: InvitePreview; inviteId: string; busy: boolean; onJoin(): void }) {
  const { t } = useI18n();
  const { kind, memberCount, creator } = preview;
  const title = preview.title === null ? t("invite.untitled", { name: creator.displayName }) : kind === "channel" ? `#${preview.title}` : preview.title;
  return (
    <div className={styles.person}>
      <Avatar name={title} id={inviteId} kind={kind === "channel" ? "channel" : "group"} size={88} />
      <h3 className={styles.name}>{title}</h3>
      <p className={styles.detail}>{t("members", { count: memberCount })}</p>
      <p className={styles.detail}>{t("invite.by", { name: creator.displayName })}</p>
      <Button kind="primary" data-autofocus disabled={busy} onClick={onJoin}>
        {t("invite.join")}
      </Button>
    </div>
  );
}
