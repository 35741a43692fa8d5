import type { Conversation } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { dayInput, startOfDay } from "../../../shared/lib/dates";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./DateDialog.module.css";

interface Props {
  conversation: Conversation;
  onClose(): void;
  onOpen(conversationId: string, seq: number): void;
}

/** Jumps to what was written first on a day, or on the next one on which something was. */
export function DateDialog({ conversation, onClose, onOpen }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const [day, setDay] = useState("");
  const [nothing, setNothing] = useState(false);
  const [today] = useState(() => dayInput(Date.now()));
  const [busy, setBusy] = useState(false);

  const go = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await attempt(async () => {
      const seq = await client.seqSince(conversation.id, startOfDay(day).toISOString());
      if (seq === null) setNothing(true);
      else onOpen(conversation.id, seq);
    });
    setBusy(false);
  };

  return (
    <Dialog title={t("messages.date")} onClose={onClose}>
      <form className={styles.form} onSubmit={go}>
        <Field
          type="date"
          label={t("messages.dateField")}
          required
          min={dayInput(conversation.createdAt)}
          max={today}
          data-autofocus
          error={nothing ? t("messages.dateNone") : undefined}
          value={day}
          onChange={(event) => {
            setDay(event.target.value);
            setNothing(false);
          }}
        />
        <Button kind="primary" type="submit" disabled={busy || day === ""}>
          {t("messages.dateGo")}
        </Button>
      </form>
    </Dialog>
  );
}
