import { ApiError } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import type { Key } from "../../../shared/i18n/en";
import { useI18n } from "../../../shared/i18n/I18n";
import { errorKey } from "../../../shared/lib/errors";
import { useLeave } from "../../../shared/session/useLeave";
import { Button } from "../../../shared/ui/Button";
import { Icon } from "../../../shared/ui/Icon";
import { PasswordField } from "../../../shared/ui/PasswordField";
import { useToast } from "../../../shared/ui/Toasts";
import styles from "./settings.module.css";

/** Taking one's data along, and going. */
export function AccountSettings() {
  const { t } = useI18n();
  return (
    <div className={styles.section}>
      <section className={styles.matter}>
        <h3 className={styles.label}>{t("settings.export")}</h3>
        <p className={styles.detail}>{t("settings.exportHint")}</p>
        <a className={styles.download} href={api.exportUrl()} download>
          <Icon name="download" size={18} />
          {t("settings.exportNow")}
        </a>
      </section>
      <section className={styles.matter}>
        <h3 className={styles.label}>{t("settings.delete")}</h3>
        <ul className={styles.consequences}>
          <li>{t("settings.deleteGroups")}</li>
          <li>{t("settings.deleteMessages")}</li>
          <li>{t("settings.deleteName")}</li>
          <li>{t("settings.deleteForever")}</li>
        </ul>
        <DeleteForm />
      </section>
    </div>
  );
}

function DeleteForm() {
  const { t } = useI18n();
  const toast = useToast();
  const leave = useLeave();
  const [password, setPassword] = useState("");
  const [error, setError] = useState<Key | null>(null);
  const [busy, setBusy] = useState(false);

  const remove = async (event: FormEvent) => {
    event.preventDefault();
    if (password === "") {
      setError("auth.required");
      return;
    }
    setBusy(true);
    try {
      await api.deleteMe(password);
    } catch (refusal) {
      setError(explain(refusal));
      setBusy(false);
      return;
    }
    leave();
    toast(t("settings.deleted"));
  };

  return (
    <form className={styles.form} onSubmit={remove} noValidate>
      <PasswordField
        name="current-password"
        autoComplete="current-password"
        hint={t("settings.deletePassword")}
        value={password}
        error={error ? t(error) : undefined}
        onChange={(event) => {
          setPassword(event.target.value);
          setError(null);
        }}
      />
      <Button kind="danger" type="submit" disabled={busy}>
        <Icon name="trash" size={18} />
        {t("settings.deleteNow")}
      </Button>
    </form>
  );
}

function explain(error: unknown): Key {
  if (error instanceof ApiError) {
    if (error.code === "auth.bad_credentials") return "settings.passwordWrong";
    if (error.fields["admin"] !== undefined) return "settings.deleteLastAdmin";
  }
  return errorKey(error);
}
