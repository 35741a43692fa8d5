import { useState, type FormEvent } from "react";
import { Link, useLocation } from "react-router";
import { api } from "../../../shared/api";
import { useI18n } from "../../../shared/i18n/I18n";
import { useSession } from "../../../shared/session/Session";
import { Button } from "../../../shared/ui/Button";
import { Field } from "../../../shared/ui/Field";
import { PasswordField } from "../../../shared/ui/PasswordField";
import { checkNewAccount, useAuthForm } from "../hooks/useAuthForm";
import { AuthPage } from "./AuthPage";
import styles from "./AuthForm.module.css";

export function RegisterPage() {
  const { t } = useI18n();
  // Where the person wanted to be, which the other form leads to as well.
  const wanted: unknown = useLocation().state;
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
      () => api.register(displayName ? { username, password, displayName } : { username, password }),
    );
    if (user) session.signedIn(user);
  };

  return (
    <AuthPage
      title={t("auth.registerTitle")}
      notice={form.problem && t(form.problem)}
      footer={
        <>
          {t("auth.toLogin")} <Link to="/login" state={wanted}>{t("auth.login")}</Link>
        </>
      }
    >
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t("auth.username")}
          hint={t("auth.usernameHint")}
          name="username"
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
