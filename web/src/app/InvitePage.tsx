import { Link } from "react-router";
import { AuthPage } from "../features/auth/components/AuthPage";
import { InviteCard } from "../features/conversations/components/InviteCard";
import { useInvite } from "../features/conversations/hooks/useInvite";
import { useI18n } from "../shared/i18n/I18n";
import button from "../shared/ui/Button.module.css";
import styles from "./InvitePage.module.css";

/** What somebody who is not signed in is invited to. They join as soon as they are. */
export function InvitePage({ inviteId }: { inviteId: string }) {
  const { t } = useI18n();
  const state = useInvite(inviteId);
  const wanted = state.status === "open" ? { from: `/i/${inviteId}`, accepted: true } : undefined;
  return (
    <AuthPage
      title={t("invite.title")}
      footer={
        <>
          {t("auth.toLogin")}{" "}
          <Link to="/login" state={wanted}>
            {t("auth.login")}
          </Link>
        </>
      }
    >
      <InviteCard inviteId={inviteId} state={state} Heading="h2">
        <p className={styles.hint}>{t("invite.signedOut")}</p>
        <Link to="/register" state={wanted} className={`${button.button} ${button.primary} ${styles.register}`}>
          {t("auth.register")}
        </Link>
      </InviteCard>
    </AuthPage>
  );
}
