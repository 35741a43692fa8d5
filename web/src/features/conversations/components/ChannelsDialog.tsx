import { CommandError, type Conversation } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { useAttempt } from "../../../shared/ui/Toasts";
import { useFound } from "../hooks/useFound";
import { LoadFailed } from "./LoadFailed";
import styles from "./pick.module.css";

interface Props {
  onClose(): void;
  onOpen(conversationId: string): void;
}

export function ChannelsDialog({ onClose, onOpen }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const threads = useChat((state) => state.threads);
  const [typed, setTyped] = useState("");
  const { items: channels, failed, retry } = useFound(typed, findChannels);

  const open = (channel: Conversation) =>
    attempt(async () => {
      if (!threads[channel.id]) await client.join(channel.id);
      onOpen(channel.id);
    });

  return (
    <Dialog title={t("channel.title")} onClose={onClose}>
      <div className={styles.form}>
        <div className={styles.fields}>
          <Field label={t("channel.find")} value={typed} autoComplete="off" data-autofocus onChange={(event) => setTyped(event.target.value)} />
        </div>
        {failed && <LoadFailed onRetry={retry} />}
        <ul className={styles.results} aria-label={t("channel.title")} hidden={failed}>
          {channels?.map((channel) => (
            <li key={channel.id} className={styles.result}>
              <Avatar name={channel.title ?? ""} id={channel.id} kind="channel" size={40} />
              <span className={styles.names}>
                <span className={styles.name}>{channel.title}</span>
                <span className={styles.detail}>{t("members", { count: channel.memberCount })}</span>
              </span>
              <Button
                kind={threads[channel.id] ? "quiet" : "primary"}
                aria-label={`${t(threads[channel.id] ? "channel.open" : "channel.join")} ${channel.title ?? ""}`}
                onClick={() => open(channel)}
              >
                {t(threads[channel.id] ? "channel.open" : "channel.join")}
              </Button>
            </li>
          ))}
          {channels?.length === 0 && <li className={styles.none}>{t("channel.none")}</li>}
        </ul>
        <CreateChannel onOpen={onOpen} />
      </div>
    </Dialog>
  );
}

function CreateChannel({ onOpen }: { onOpen(conversationId: string): void }) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const [title, setTitle] = useState("");
  const [taken, setTaken] = useState(false);

  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (!title.trim()) return;
    await attempt(async () => {
      try {
        onOpen(await client.create({ kind: "channel", title: title.trim(), memberIds: [] }));
      } catch (error) {
        if (!(error instanceof CommandError) || error.code !== "conversation.title_taken") throw error;
        setTaken(true);
      }
    });
  };

  return (
    <form className={styles.actions} onSubmit={create}>
      <div className={styles.inline}>
        <Field
          label={t("channel.create")}
          placeholder={t("channel.name")}
          value={title}
          maxLength={80}
          error={taken ? t("channel.taken") : undefined}
          onChange={(event) => {
            setTitle(event.target.value);
            setTaken(false);
          }}
        />
        <Button type="submit" disabled={!title.trim()}>
          {t("channel.createNow")}
        </Button>
      </div>
    </form>
  );
}

async function findChannels(query: string): Promise<readonly Conversation[]> {
  return (await api.channels(query, { limit: 50 })).channels;
}
