import { useState, type FormEvent } from "react";
import { Link, Navigate, useLocation } from "react-router";
import { api } from "../../../shared/api";
import { useI18n } from "../../../shared/i18n/I18n";
import { takeFocus } from "../../../shared/lib/focus";
import { isTouch } from "../../../shared/lib/touch";
import { useServer } from "../../../shared/session/useServer";
import { useSession } from "../../../shared/session/Session";
import { Button } from "../../../shared/ui/Button";
import { Field } from "../../../shared/ui/Field";
import { PasswordField } from "../../../shared/ui/PasswordField";
import { useAuthForm, type FieldErrors } from "../hooks/useAuthForm";
import { AuthPage } from "./AuthPage";
import styles from "./AuthForm.module.css";

export function LoginPage() {
  const { t } = useI18n();
  // Where the person wanted to be, which the other form leads to as well.
  const wanted = useLocation().state as { from?: string; sent?: boolean } | null;
  const sent = wanted?.sent === true;
  const { server } = useServer();
  const session = useSession();
  const form = useAuthForm();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");

  const check = (): FieldErrors => ({
    ...(username.trim() ? {} : { username: "auth.required" as const }),
    ...(password ? {} : { password: "auth.required" as const }),
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const user = await form.submit(check, () => api.login({ username: username.trim(), password }));
    if (user) session.signedIn(user);
  };

  // Who is sent here before anybody has an account cannot have one.
  if (sent && server?.generalId === null) return <Navigate to="/register" replace state={{ from: wanted.from }} />;

  const ended = session.state.status === "anonymous" && session.state.ended ? t("auth.ended") : null;
  return (
    <AuthPage
      title={t("auth.loginTitle")}
      notice={form.problem ? t(form.problem) : ended}
      footer={
        <>
          {t("auth.toRegister")}{" "}
          <Link to="/register" state={wanted}>
            {t("auth.register")}
          </Link>
          <span className={styles.forgot}>{t("auth.forgot")}</span>
        </>
      }
    >
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t("auth.username")}
          name="username"
          ref={isTouch() ? null : takeFocus}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={username}
          error={form.errors.username && t(form.errors.username)}
          onChange={(event) => {
            setUsername(event.target.value);
            form.touched("username");
          }}
        />
        <PasswordField
          autoComplete="current-password"
          value={password}
          error={form.errors.password && t(form.errors.password)}
          onChange={(event) => {
            setPassword(event.target.value);
            form.touched("password");
          }}
        />
        <Button kind="primary" type="submit" disabled={form.busy} className={styles.submit}>
          {t("auth.login")}
        </Button>
      </form>
    </AuthPage>
  );
}
