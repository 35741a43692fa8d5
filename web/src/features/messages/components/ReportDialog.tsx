import type { Message } from "@chatconnect/protocol";
import { useId, useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import { useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { preview } from "../../../shared/text/preview";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import styles from "./ReportDialog.module.css";

const REASONS = ["spam", "harassment", "other"] as const;
type Reason = (typeof REASONS)[number];
/** The server takes 1,000 characters; what stands before the text is part of them. */
const LONGEST = 900;

/** Tells the administrators what is wrong with a message. */
export function ReportDialog({ message, onClose }: { message: Message; onClose(): void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const attempt = useAttempt();
  const toast = useToast();
  const id = useId();
  const sender = useUserName(message.senderId);
  const [reason, setReason] = useState<Reason>("spam");
  const [text, setText] = useState("");
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const words = text.trim();
    if (reason === "other" && words === "") {
      setMissing(true);
      return;
    }
    const told = reason === "other" ? words : [t(`report.${reason}`), words].filter(Boolean).join(": ");
    setBusy(true);
    if (await attempt(() => api.reportMessage(message.id, told))) {
      toast(t("report.thanks"));
      onClose();
    }
    setBusy(false);
  };

  return (
    <Dialog title={t("report.title")} onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        <blockquote className={styles.message}>
          <strong>{sender}</strong>
          <span>{preview(i18n, message)}</span>
        </blockquote>
        <p className={styles.hint}>{t("report.hint")}</p>
        <fieldset className={styles.reasons}>
          <legend>{t("report.reason")}</legend>
          {REASONS.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name={id}
                checked={one === reason}
                data-autofocus={one === "spam" ? "" : undefined}
                onChange={() => {
                  setReason(one);
                  setMissing(false);
                }}
              />
              {t(`report.${one}`)}
            </label>
          ))}
        </fieldset>
        <label className={styles.label} htmlFor={`${id}-text`}>
          {t(reason === "other" ? "report.text" : "report.more")}
        </label>
        <textarea
          id={`${id}-text`}
          className={styles.area}
          rows={3}
          maxLength={LONGEST}
          value={text}
          aria-invalid={missing}
          aria-describedby={missing ? `${id}-missing` : undefined}
          onChange={(event) => {
            setText(event.target.value);
            setMissing(false);
          }}
        />
        {missing && (
          <p id={`${id}-missing`} className={styles.missing} role="alert">
            {t("auth.required")}
          </p>
        )}
        <div className={styles.actions}>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={busy}>
            {t("report.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
