import type { Conversation, Message, Thread } from "@chatconnect/protocol";
import { Link } from "react-router";
import { useChat } from "../../../shared/chat/Chat";
import { ConversationAvatar } from "../../../shared/chat/ConversationAvatar";
import { useFolded, useMarked } from "../../../shared/chat/marks";
import { otherPerson, useConversationTitle, useIsOnline, useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { shortTime } from "../../../shared/lib/dates";
import { useDraft } from "../../../shared/lib/drafts";
import { preview } from "../../../shared/text/preview";
import { Icon } from "../../../shared/ui/Icon";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useContextMenu } from "../../../shared/ui/useContextMenu";
import { usePinnedAndOthers } from "../hooks/useConversations";
import styles from "./ConversationList.module.css";
import { ConversationMenu } from "./ConversationMenu";

export function ConversationList({ activeId }: { activeId: string | null }) {
  const { t } = useI18n();
  const { pinned, others } = usePinnedAndOthers();
  const ready = useChat((state) => state.ready);

  if (pinned.length + others.length === 0) {
    if (!ready) return <ListSkeleton rows={7} label={t("app.loading")} />;
    return (
      <div className={styles.empty}>
        <p className={styles.emptyTitle}>{t("list.empty")}</p>
        <p>{t("list.emptyHint")}</p>
      </div>
    );
  }
  return (
    <>
      {pinned.length > 0 && (
        <>
          <p className={styles.heading} aria-hidden="true">
            <Icon name="pin" size={14} /> {t("list.pinned")}
          </p>
          <Rows label={t("list.pinnedTitle")} threads={pinned} activeId={activeId} />
        </>
      )}
      {others.length > 0 && <Rows label={t("list.title")} threads={others} activeId={activeId} />}
    </>
  );
}

function Rows({ label, threads, activeId }: { label: string; threads: readonly Thread[]; activeId: string | null }) {
  return (
    <ul className={styles.list} aria-label={label}>
      {threads.map(({ conversation }) => (
        <li key={conversation.id}>
          <Row conversation={conversation} active={conversation.id === activeId} />
        </li>
      ))}
    </ul>
  );
}

function Row({ conversation, active }: { conversation: Conversation; active: boolean }) {
  const { t, locale } = useI18n();
  const me = useChat((state) => state.me.id);
  const title = useConversationTitle(conversation);
  const other = otherPerson(conversation, me);
  const online = useIsOnline(other);
  const { lastMessage, unreadCount } = conversation;
  const muted = useMarked("muted", conversation.id);
  const marked = useMarked("unread", conversation.id);
  const menu = useContextMenu();

  return (
    <>
      <Link
        to={`/c/${conversation.id}`}
        className={styles.row}
        aria-current={active ? "page" : undefined}
        aria-haspopup="menu"
        draggable={false}
        {...menu.handlers}
      >
        <ConversationAvatar conversation={conversation} size={48} />
        <span className={styles.text}>
          <span className={styles.top}>
            <span className={styles.title}>{title}</span>
            {muted && (
              <span className={styles.muted}>
                <Icon name="bellOff" size={14} />
                <span className="visually-hidden">{t("list.muted")}</span>
              </span>
            )}
            {online && <span className="visually-hidden">{t("presence.online")}</span>}
            {lastMessage && (
              <time className={styles.time} dateTime={lastMessage.createdAt}>
                {shortTime(locale, lastMessage.createdAt)}
              </time>
            )}
          </span>
          <span className={styles.bottom}>
            <Preview conversation={conversation} active={active} />
            {unreadCount > 0 && (
              <span className={styles.unread} data-muted={muted}>
                <span aria-hidden="true">{unreadCount > 999 ? "999+" : unreadCount}</span>
                <span className="visually-hidden">{t("list.unread", { count: unreadCount })}</span>
              </span>
            )}
            {unreadCount === 0 && marked && (
              <span className={styles.dot} data-muted={muted}>
                <span className="visually-hidden">{t("list.markedUnread")}</span>
              </span>
            )}
          </span>
        </span>
      </Link>
      {menu.anchor && <ConversationMenu conversation={conversation} title={title} anchor={menu.anchor} onClose={menu.close} />}
    </>
  );
}

function Preview({ conversation, active }: { conversation: Conversation; active: boolean }) {
  const { t } = useI18n();
  const me = useChat((state) => state.me.id);
  const draft = useDraft(me, conversation.id);
  const typing = useChat((state) => conversation.id in state.typing);
  const failed = useChat((state) => state.outbox.some((item) => item.conversationId === conversation.id && item.status === "failed"));

  if (failed) {
    return (
      <span className={styles.preview} data-tone="danger">
        <Icon name="alert" size={14} /> {t("list.failed")}
      </span>
    );
  }
  if (typing) {
    return (
      <span className={styles.preview} data-tone="accent">
        {t("list.typing")}
      </span>
    );
  }
  if (draft && !active) {
    return (
      <span className={styles.preview} data-tone="warm">
        {t("list.draft", { text: draft })}
      </span>
    );
  }
  if (!conversation.lastMessage) return <span className={styles.preview}>{t("list.none")}</span>;
  return <LastMessage message={conversation.lastMessage} conversation={conversation} mine={conversation.lastMessage.senderId === me} />;
}

function LastMessage({ message, conversation, mine }: { message: Message; conversation: Conversation; mine: boolean }) {
  const i18n = useI18n();
  const { t } = i18n;
  const sender = useUserName(message.senderId);
  const text = message.deletedAt ? t("list.deleted") : preview(i18n, message);
  const folded = useFolded(conversation, message.senderId);
  if (folded) return <span className={styles.preview}>{t("block.message")}</span>;
  const said = mine ? t("list.you", { text }) : conversation.kind === "direct" ? text : t("messages.from", { name: sender, text });
  return (
    <span className={styles.preview} data-deleted={message.deletedAt !== null}>
      {said}
    </span>
  );
}
