import { useState, type FormEvent, type ReactNode } from "react";
import { Link, matchPath, useLocation } from "react-router";
import { api } from "../../../shared/api";
import { useI18n } from "../../../shared/i18n/I18n";
import { takeFocus } from "../../../shared/lib/focus";
import { isTouch } from "../../../shared/lib/touch";
import { useSession } from "../../../shared/session/Session";
import { useServer } from "../../../shared/session/useServer";
import { Button } from "../../../shared/ui/Button";
import { Field } from "../../../shared/ui/Field";
import { PasswordField } from "../../../shared/ui/PasswordField";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { checkNewAccount, useAuthForm } from "../hooks/useAuthForm";
import { AuthPage } from "./AuthPage";
import styles from "./AuthForm.module.css";

/** The form, or why there is none. */
export function RegisterPage() {
  const { t } = useI18n();
  // Where the person wanted to be, which the other form leads to as well.
  const wanted = useLocation().state as { from?: string } | null;
  const inviteId = matchPath("/i/:inviteId", wanted?.from ?? "")?.params.inviteId ?? null;
  const { server, failed } = useServer();
  const footer = (
    <>
      {t("auth.toLogin")} <Link to="/login" state={wanted}>{t("auth.login")}</Link>
    </>
  );

  if (!server && !failed) {
    return (
      <AuthPage title={t("auth.registerTitle")} footer={footer}>
        <ListSkeleton rows={3} label={t("app.loading")} />
      </AuthPage>
    );
  }
  if (server?.registration === "closed") return <NoForm title={t("auth.closedTitle")} text={t("auth.closed")} footer={footer} />;
  if (server?.registration === "invite" && inviteId === null) {
    return <NoForm title={t("auth.inviteTitle")} text={t("auth.inviteNeeded")} footer={footer} />;
  }
  return <RegisterForm inviteId={inviteId} footer={footer} />;
}

function NoForm({ title, text, footer }: { title: string; text: string; footer: ReactNode }) {
  return (
    <AuthPage title={title} footer={footer}>
      <p>{text}</p>
    </AuthPage>
  );
}

function RegisterForm({ inviteId, footer }: { inviteId: string | null; footer: ReactNode }) {
  const { t } = useI18n();
  const session = useSession();
  const form = useAuthForm();
  const [typedUsername, setUsername] = useState("");
  const [typedName, setName] = useState("");
  const [password, setPassword] = useState("");
  const username = typedUsername.trim().toLowerCase();
  const displayName = typedName.trim();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const user = await form.submit(
      () => checkNewAccount(username, displayName, password),
      () => api.register({ username, password, ...(displayName && { displayName }), ...(inviteId !== null && { inviteId }) }),
    );
    if (user) session.signedIn(user);
  };

  return (
    <AuthPage
      title={t("auth.registerTitle")}
      notice={form.problem && t(form.problem)}
      footer={footer}
    >
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t("auth.username")}
          hint={t("auth.usernameHint")}
          name="username"
          ref={isTouch() ? null : takeFocus}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={typedUsername}
          error={form.errors.username && t(form.errors.username)}
          onChange={(event) => {
            setUsername(event.target.value);
            form.touched("username");
          }}
        />
        <Field
          label={t("auth.displayName")}
          hint={t("auth.displayNameHint")}
          name="displayName"
          autoComplete="name"
          value={typedName}
          error={form.errors.displayName && t(form.errors.displayName)}
          onChange={(event) => {
            setName(event.target.value);
            form.touched("displayName");
          }}
        />
        <PasswordField
          hint={t("auth.passwordHint")}
          autoComplete="new-password"
          value={password}
          error={form.errors.password && t(form.errors.password)}
          onChange={(event) => {
            setPassword(event.target.value);
            form.touched("password");
          }}
        />
        <Button kind="primary" type="submit" disabled={form.busy} className={styles.submit}>
          {t("auth.register")}
        </Button>
      </form>
    </AuthPage>
  );
}
