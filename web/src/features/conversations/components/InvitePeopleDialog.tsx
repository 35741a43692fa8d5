import { useChat } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { copy } from "../../../shared/lib/copy";
import { useServer } from "../../../shared/session/useServer";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { Icon } from "../../../shared/ui/Icon";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import { InvitesDialog } from "./InvitesDialog";
import styles from "./pick.module.css";

/** How others come to this server: by a link where one may make it, or just by its address. */
export function InvitePeopleDialog({ onClose }: { onClose(): void }) {
  const { t } = useI18n();
  const { server, failed } = useServer();
  const generalId = server?.generalId ?? null;
  const general = useChat((state) => (generalId === null ? undefined : state.threads[generalId]?.conversation));
  if (server?.admin && general) return <InvitesDialog conversation={general} onClose={onClose} />;
  return (
    <Dialog title={t("invite.people.title")} onClose={onClose}>
      <div className={styles.text}>
        {server === null && (failed ? <p role="alert">{t("invite.failed")}</p> : <ListSkeleton rows={1} label={t("app.loading")} />)}
        {server?.registration === "open" && <Address />}
        {server && server.registration !== "open" && (
          <p>{t(server.registration === "invite" ? "invite.people.byLink" : "invite.people.closed")}</p>
        )}
      </div>
    </Dialog>
  );
}

function Address() {
  const { t } = useI18n();
  const attempt = useAttempt();
  const toast = useToast();
  const share = async () => {
    await copy(location.origin);
    toast(t("invite.copied"));
  };
  return (
    <>
      <p>{t("invite.people.open")}</p>
      <div className={styles.inline}>
        <Field label={t("invite.people.address")} value={location.origin} readOnly onFocus={(event) => event.currentTarget.select()} />
        <Button kind="primary" data-autofocus onClick={() => void attempt(share)}>
          <Icon name="copy" size={18} />
          {t("invite.copy")}
        </Button>
      </div>
    </>
  );
}
