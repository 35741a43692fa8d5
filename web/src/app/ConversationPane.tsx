import type { Conversation as ConversationData, Thread } from "@chatconnect/protocol";
import { useCallback, useState } from "react";
import { Link } from "react-router";
import { ConversationMenu } from "../features/conversations/components/ConversationMenu";
import { Conversation } from "../features/messages/components/Conversation";
import { TypingLine } from "../features/messages/components/TypingLine";
import { onlyIn } from "../features/search/hooks/filters";
import { useChat } from "../shared/chat/Chat";
import { ConversationAvatar } from "../shared/chat/ConversationAvatar";
import { useMarked, useUnreadConversations } from "../shared/chat/marks";
import { otherPerson, useConversationTitle, useIsGone } from "../shared/chat/people";
import { useI18n } from "../shared/i18n/I18n";
import { shortTime } from "../shared/lib/dates";
import { IconButton } from "../shared/ui/Button";
import { Icon } from "../shared/ui/Icon";
import { MenuItem } from "../shared/ui/Menu";
import styles from "./ConversationPane.module.css";
import { Loading } from "./Loading";
import { DateDialog, MembersDialog, PersonDialog } from "./parts";

interface Props {
  id: string;
  target: { seq: number; token: string } | null;
  /** The page is on its way to the target. */
  onTarget(): void;
  onOpen(conversationId: string, seq?: number): void;
  onLeft(): void;
  /** Opens the search with this typed already. */
  onSearch(typed: string): void;
}

/** The open conversation, from its header to the place to write. */
export function ConversationPane({ id, ...others }: Props) {
  const thread = useChat((state) => state.threads[id]);
  const ready = useChat((state) => state.ready);
  if (!thread) return ready ? <Gone /> : <Loading />;
  return <Open thread={thread} {...others} />;
}

function Open({ thread, target, onTarget, onOpen, onLeft, onSearch }: { thread: Thread } & Omit<Props, "id">) {
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
        <Back />
        <Heading conversation={conversation} title={title} onPerson={onPerson} onMembers={() => setDialog("members")} />
        {conversation.lastSeq > 0 && (
          <IconButton icon="search" label={t("search.inside")} onClick={() => onSearch(`${onlyIn(t("search.in"), title)} `)} />
        )}
        {conversation.kind !== "direct" && (
          <IconButton icon="people" className={styles.wide} label={t("members.title")} onClick={() => setDialog("members")} />
        )}
        <Options conversation={conversation} title={title} onDate={() => setDialog("date")} />
      </header>
      <Conversation thread={thread} title={title} target={target} onTarget={onTarget} onPerson={onPerson} />
      {dialog === "members" && <MembersDialog conversation={conversation} onClose={close} onLeft={onLeft} onPerson={onPerson} />}
      {dialog === "date" && <DateDialog conversation={conversation} onClose={close} onOpen={openAndClose} />}
      {typeof dialog === "object" && dialog && <PersonDialog userId={dialog.person} onClose={close} onOpen={openAndClose} />}
    </>
  );
}

/** On a phone: to the list, and whether there is something new in it. */
function Back() {
  const { t } = useI18n();
  const unread = useUnreadConversations();
  const label = unread > 0 ? `${t("app.back")}: ${t("list.unreadConversations", { count: unread })}` : t("app.back");
  return (
    <Link to="/" className={styles.back} aria-label={label}>
      <Icon name="back" size={24} />
      {unread > 0 && <span className={styles.others}>{unread}</span>}
    </Link>
  );
}

function Options({ conversation, title, onDate }: { conversation: ConversationData; title: string; onDate(): void }) {
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
      {anchor && (
        <ConversationMenu conversation={conversation} title={title} anchor={anchor} onClose={close}>
          {conversation.lastSeq > 0 && (
            <MenuItem
              icon="calendar"
              onSelect={() => {
                close();
                anchor.focus();
                onDate();
              }}
            >
              {t("messages.date")}
            </MenuItem>
          )}
        </ConversationMenu>
      )}
    </>
  );
}

interface HeadingProps {
  conversation: ConversationData;
  title: string;
  onPerson(userId: string): void;
  onMembers(): void;
}

function Heading({ conversation, title, onPerson, onMembers }: HeadingProps) {
  const { t } = useI18n();
  const me = useChat((state) => state.me.id);
  const other = otherPerson(conversation, me);
  const typing = useChat((state) => conversation.id in state.typing);
  const muted = useMarked("muted", conversation.id);
  return (
    <>
      <ConversationAvatar conversation={conversation} size={40} />
      <div className={styles.names}>
        <h2 className={styles.title}>
          <button
            type="button"
            title={other === null ? t("members.title") : t("person.open", { name: title })}
            onClick={() => (other === null ? onMembers() : onPerson(other))}
          >
            {title}
          </button>
        </h2>
        <div className={styles.detail} aria-live="polite">
          {typing ? <TypingLine conversationId={conversation.id} /> : <Detail conversation={conversation} other={other} />}
          {muted && !typing && ` · ${t("list.muted")}`}
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
