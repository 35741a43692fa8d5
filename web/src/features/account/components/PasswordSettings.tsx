import { ApiError } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import { useChat } from "../../../shared/chat/Chat";
import type { Key } from "../../../shared/i18n/en";
import { useI18n } from "../../../shared/i18n/I18n";
import { errorKey } from "../../../shared/lib/errors";
import { checkPassword, passwordReason } from "../../../shared/lib/password";
import { Button } from "../../../shared/ui/Button";
import { PasswordField } from "../../../shared/ui/PasswordField";
import { useToast } from "../../../shared/ui/Toasts";
import styles from "./settings.module.css";

interface Errors {
  current?: Key;
  next?: Key;
}

export function PasswordSettings() {
  const { t } = useI18n();
  const toast = useToast();
  const username = useChat((state) => state.me.username);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [busy, setBusy] = useState(false);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const refused = checkPassword(next, username);
    const found: Errors = { ...(current === "" && { current: "auth.required" }), ...(refused && { next: refused }) };
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await api.changePassword({ currentPassword: current, newPassword: next });
      setCurrent("");
      setNext("");
      toast(t("settings.passwordChanged"));
    } catch (error) {
      setErrors(explain(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={styles.section} onSubmit={save} noValidate>
      <PasswordField
        label={t("settings.currentPassword")}
        name="current-password"
        autoComplete="current-password"
        value={current}
        error={errors.current && t(errors.current)}
        onChange={(event) => setCurrent(event.target.value)}
      />
      <PasswordField
        label={t("settings.newPassword")}
        name="new-password"
        hint={t("auth.passwordHint")}
        autoComplete="new-password"
        value={next}
        error={errors.next && t(errors.next)}
        onChange={(event) => setNext(event.target.value)}
      />
      <p className={styles.detail}>{t("settings.passwordHint")}</p>
      <Button kind="primary" type="submit" disabled={busy}>
        {t("settings.changePassword")}
      </Button>
    </form>
  );
}

function explain(error: unknown): Errors {
  if (!(error instanceof ApiError)) return { next: "error.other" };
  if (error.code === "auth.bad_credentials") return { current: "settings.passwordWrong" };
  const reason = error.fields["newPassword"];
  return { next: reason ? passwordReason(reason) : errorKey(error) };
}
