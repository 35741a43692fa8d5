import type { User } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt } from "../../../shared/ui/Toasts";
import { usePeopleSearch } from "../hooks/usePeopleSearch";
import styles from "./pick.module.css";

interface Props {
  onClose(): void;
  onOpen(conversationId: string): void;
}

/** One person makes a direct conversation, several make a group. */
export function NewConversationDialog({ onClose, onOpen }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<readonly User[]>([]);
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const people = usePeopleSearch(typed);
  const isGroup = chosen.length > 1;

  const toggle = (user: User) => {
    const without = chosen.filter((one) => one.id !== user.id);
    setChosen(without.length < chosen.length ? without : [...chosen, user]);
    setTyped("");
  };
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
        <div className={styles.fields}>
          <Field
            label={t("new.people")}
            placeholder={t("new.peopleHint")}
            value={typed}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setTyped(event.target.value)}
          />
          {chosen.length > 0 && (
            <ul className={styles.chips} aria-label={t("new.selected")}>
              {chosen.map((user) => (
                <li key={user.id}>
                  <button type="button" className={styles.chip} aria-label={t("new.remove", { name: user.displayName })} onClick={() => toggle(user)}>
                    {user.displayName}
                    <Icon name="close" size={14} />
                  </button>
                </li>
              ))}
            </ul>
          )}
          {isGroup && (
            <Field label={t("new.groupName")} hint={t("new.groupNameHint")} value={title} maxLength={100} onChange={(event) => setTitle(event.target.value)} />
          )}
        </div>
        <ul className={styles.results} aria-label={t("new.people")}>
          {people?.map((user) => (
            <li key={user.id}>
              <button
                type="button"
                className={styles.result}
                aria-pressed={chosen.some((one) => one.id === user.id)}
                onClick={() => toggle(user)}
              >
                <Avatar name={user.displayName} id={user.id} size={40} />
                <span className={styles.names}>
                  <span className={styles.name}>{user.displayName}</span>
                  <span className={styles.detail}>@{user.username}</span>
                </span>
                {chosen.some((one) => one.id === user.id) && <Icon name="check" />}
              </button>
            </li>
          ))}
          {people?.length === 0 && <li className={styles.none}>{t("new.noOne")}</li>}
        </ul>
        <div className={styles.actions}>
          <Button kind="primary" type="submit" disabled={chosen.length === 0 || busy}>
            {t(isGroup ? "new.group" : "new.message")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
