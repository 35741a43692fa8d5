import type { User } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt } from "../../../shared/ui/Toasts";
import { LONGEST_TITLE } from "../title";
import { PeoplePicker } from "./PeoplePicker";
import styles from "./pick.module.css";

interface Props {
  onClose(): void;
  onOpen(conversationId: string): void;
  onInvite(): void;
}

/** One person makes a direct conversation, several make a group. */
export function NewConversationDialog({ onClose, onOpen, onInvite }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const [chosen, setChosen] = useState<readonly User[]>([]);
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const isGroup = chosen.length > 1;

  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0 || busy) return;
    setBusy(true);
    await attempt(async () => {
      const memberIds = chosen.map((user) => user.id);
      const name = title.trim();
      onOpen(await client.create(isGroup ? { kind: "group", title: name || null, memberIds } : { kind: "direct", memberIds }));
    });
    setBusy(false);
  };

  return (
    <Dialog title={t("new.title")} onClose={onClose}>
      <form className={styles.form} onSubmit={create}>
        <PeoplePicker chosen={chosen} onChange={setChosen}>
          {isGroup && (
            <Field
              label={t("new.groupName")}
              hint={t("new.groupNameHint")}
              value={title}
              maxLength={LONGEST_TITLE}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </PeoplePicker>
        <div className={styles.actions}>
          <Button className={styles.aside} onClick={onInvite}>
            <Icon name="link" size={18} />
            {t("invite.people.title")}
          </Button>
          <Button kind="primary" type="submit" disabled={chosen.length === 0 || busy}>
            {t(isGroup ? "new.group" : "new.message")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
