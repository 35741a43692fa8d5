import type { Conversation, User } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { useAttempt } from "../../../shared/ui/Toasts";
import { PeoplePicker } from "./PeoplePicker";
import styles from "./pick.module.css";

interface Props {
  conversation: Conversation;
  onClose(): void;
}

/** Brings people into a group or a channel. */
export function AddPeopleDialog({ conversation, onClose }: Props) {
  const { t } = useI18n();
  const attempt = useAttempt();
  const [chosen, setChosen] = useState<readonly User[]>([]);
  const [busy, setBusy] = useState(false);
  const members = new Set(conversation.members.map((member) => member.userId));

  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0 || busy) return;
    setBusy(true);
    const ids = chosen.map((user) => user.id);
    const added = await attempt(() => api.addMembers(conversation.id, ids));
    setBusy(false);
    if (added) onClose();
  };

  return (
    <Dialog title={t("members.add")} onClose={onClose}>
      <form className={styles.form} onSubmit={add}>
        <PeoplePicker chosen={chosen} onChange={setChosen} without={members} />
        <div className={styles.actions}>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={chosen.length === 0 || busy}>
            {t("members.addNow", { count: chosen.length })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
