import { ApiError, type AdminChannel } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { useAttempt } from "../../../shared/ui/Toasts";
import { adminApi } from "../api";
import { useTexts } from "../texts/useTexts";
import styles from "./AdminPage.module.css";

/** Characters, as the server takes them. */
const LONGEST = 100;

interface Props {
  channel: AdminChannel;
  onClose(): void;
  onRenamed(channel: AdminChannel): void;
}

export function RenameDialog({ channel, onClose, onRenamed }: Props) {
  const { t } = useI18n();
  const say = useTexts();
  const attempt = useAttempt();
  const [typed, setTyped] = useState(channel.title);
  const [taken, setTaken] = useState(false);
  const [busy, setBusy] = useState(false);
  const title = typed.trim();

  const rename = async (event: FormEvent) => {
    event.preventDefault();
    if (title === "" || title === channel.title || busy) return;
    setBusy(true);
    await attempt(async () => {
      try {
        onRenamed((await adminApi.renameChannel(channel.id, title)).channel);
        onClose();
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "conversation.title_taken") throw error;
        setTaken(true);
      }
    });
    setBusy(false);
  };

  return (
    <Dialog title={`${say("rename")}: #${channel.title}`} onClose={onClose}>
      <form className={styles.fresh} onSubmit={rename} noValidate>
        <Field
          label={t("channel.name")}
          value={typed}
          maxLength={LONGEST}
          autoComplete="off"
          data-autofocus
          error={taken ? t("channel.taken") : undefined}
          onChange={(event) => {
            setTyped(event.target.value);
            setTaken(false);
          }}
        />
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={busy || title === "" || title === channel.title}>
            {t("settings.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
