import type { Conversation as ConversationData } from "@chatconnect/protocol";
import { useCallback, useState } from "react";
import { Link } from "react-router";
import { ConversationMenu } from "../features/conversations/components/ConversationMenu";
import { Conversation } from "../features/messages/components/Conversation";
import { TypingLine } from "../features/messages/components/TypingLine";
import { useChat } from "../shared/chat/Chat";
import { ConversationAvatar } from "../shared/chat/ConversationAvatar";
import { otherPerson, useConversationTitle, useIsGone } from "../shared/chat/people";
import { useI18n } from "../shared/i18n/I18n";
import { shortTime } from "../shared/lib/dates";
import { IconButton } from "../shared/ui/Button";
import { Icon } from "../shared/ui/Icon";
import styles from "./ConversationPane.module.css";
import { Loading } from "./Loading";
import { DateDialog, MembersDialog, PersonDialog } from "./parts";

interface Props {
  id: string;
  target: { seq: number; token: string } | null;
  onOpen(conversationId: string, seq?: number): void;
  onLeft(): void;
}

/** The open conversation, from its header to the place to write. */
export function ConversationPane({ id, target, onOpen, onLeft }: Props) {
  const thread = useChat((state) => state.threads[id]);
  const ready = useChat((state) => state.ready);
  if (!thread) return ready ? <Gone /> : <Loading />;
  return <Open thread={thread} target={target} onOpen={onOpen} onLeft={onLeft} />;
}

function Open({ thread, target, onOpen, onLeft }: { thread: Parameters<typeof Conversation>[0]["thread"] } & Omit<Props, "id">) {
  const { t } = useI18n();
  const { conversation } = thread;
  const title = useConversationTitle(conversation);
  const [dialog, setDialog] = useState<"members" | "date" | { person: string } | null>(null);
  const close = useCallback(() => setDialog(null), []);
  const onPerson = useCallback((person: string) => setDialog({ person }), []);
  const openAndClose = useCallback(
    (id: string, seq?: number) => {
      setDialog(null);
      onOpen(id, seq);
    },
    [onOpen],
  );
  return (
    <>
      <header className={styles.header}>
        <Link to="/" className={styles.back} aria-label={t("app.back")}>
          <Icon name="back" size={24} />
        </Link>
        <Heading conversation={conversation} title={title} onPerson={onPerson} />
        {conversation.lastSeq > 0 && <IconButton icon="calendar" label={t("messages.date")} onClick={() => setDialog("date")} />}
        {conversation.kind !== "direct" && <IconButton icon="people" label={t("members.title")} onClick={() => setDialog("members")} />}
        <Options conversation={conversation} title={title} />
      </header>
      <Conversation thread={thread} title={title} target={target} onPerson={onPerson} />
      {dialog === "members" && <MembersDialog conversation={conversation} onClose={close} onLeft={onLeft} onPerson={onPerson} />}
      {dialog === "date" && <DateDialog conversation={conversation} onClose={close} onOpen={openAndClose} />}
      {typeof dialog === "object" && dialog && <PersonDialog userId={dialog.person} onClose={close} onOpen={openAndClose} />}
    </>
  );
}

function Options({ conversation, title }: { conversation: ConversationData; title: string }) {
  const { t } = useI18n();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  return (
    <>
      <IconButton
        icon="more"
        label={t("list.actions", { title })}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(anchor ? null : event.currentTarget)}
      />
      {anchor && <ConversationMenu conversation={conversation} title={title} anchor={anchor} onClose={close} />}
    </>
  );
}

interface HeadingProps {
  conversation: ConversationData;
  title: string;
  onPerson(userId: string): void;
}

function Heading({ conversation, title, onPerson }: HeadingProps) {
  const { t } = useI18n();
  const me = useChat((state) => state.me.id);
  const other = otherPerson(conversation, me);
  const typing = useChat((state) => conversation.id in state.typing);
  return (
    <>
      <ConversationAvatar conversation={conversation} size={40} />
      <div className={styles.names}>
        <h2 className={styles.title}>
          {other === null ? (
            title
          ) : (
            <button type="button" title={t("person.open", { name: title })} onClick={() => onPerson(other)}>
              {title}
            </button>
          )}
        </h2>
        <div className={styles.detail} aria-live="polite">
          {typing ? <TypingLine conversationId={conversation.id} /> : <Detail conversation={conversation} other={other} />}
        </div>
      </div>
    </>
  );
}

function Detail({ conversation, other }: { conversation: ConversationData; other: string | null }) {
  const { t, locale } = useI18n();
  const presence = useChat((state) => (other === null ? undefined : state.presence[other]));
  const gone = useIsGone(other);
  if (other === null) return <>{t("members", { count: conversation.memberCount })}</>;
  if (gone) return <>{t("person.goneHint")}</>;
  if (presence?.status === "online") return <>{t("presence.online")}</>;
  if (presence?.lastSeenAt) return <>{t("presence.lastSeen", { when: shortTime(locale, presence.lastSeenAt) })}</>;
  return <>{t("presence.offline")}</>;
}

function Gone() {
  const { t } = useI18n();
  return (
    <div className={styles.gone}>
      <h2 className={styles.title}>{t("app.notFound")}</h2>
      <p>{t("app.notFoundHint")}</p>
      <Link to="/">{t("app.home")}</Link>
    </div>
  );
}
