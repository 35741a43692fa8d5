import { useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { localeNames, type Locale } from "../../../shared/i18n/translate";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { Field } from "../../../shared/ui/Field";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import { AvatarSettings } from "./AvatarSettings";
import { Choice } from "../../../shared/ui/Choice";
import styles from "./settings.module.css";

const LONGEST = 64;

/** The name that others see, and the language. */
export function ProfileSettings() {
  const { t, locale, setLocale } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const toast = useToast();
  const me = useChat((state) => state.me);
  const [typed, setTyped] = useState(me.displayName);
  const [busy, setBusy] = useState(false);
  const displayName = typed.trim();
  const error = displayName === "" ? "auth.required" : [...displayName].length > LONGEST ? "auth.displayNameInvalid" : null;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (error || displayName === me.displayName) return;
    setBusy(true);
    const saved = await attempt(async () => client.learnUsers([(await api.updateMe({ displayName })).user]));
    setBusy(false);
    if (saved) toast(t("settings.saved"));
  };
  /** The choice holds here at once; the server keeps it for other devices. */
  const choose = (chosen: Locale) => {
    setLocale(chosen);
    api.updateMe({ locale: chosen }).catch(() => undefined);
  };

  return (
    <div className={styles.section}>
      <div className={styles.person}>
        <Avatar name={displayName || me.displayName} id={me.id} src={me.avatarUrl} size={64} />
        <div>
          <p className={styles.personName}>{me.displayName}</p>
          <p className={styles.detail}>@{me.username}</p>
          <AvatarSettings />
        </div>
      </div>
      <form className={styles.form} onSubmit={save} noValidate>
        <Field
          label={t("auth.displayName")}
          autoComplete="name"
          value={typed}
          error={error ? t(error) : undefined}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button kind="primary" type="submit" disabled={busy || error !== null || displayName === me.displayName}>
          {t("settings.save")}
        </Button>
      </form>
      <Choice
        label={t("account.language")}
        value={locale}
        options={Object.entries(localeNames).map(([value, name]) => ({ value: value as Locale, name, lang: value }))}
        onChange={choose}
      />
    </div>
  );
}
