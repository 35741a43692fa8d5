import type { Message, Reaction } from "@chatconnect/protocol";
import { memo, useState, type CSSProperties } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { PersonAvatar } from "../../../shared/chat/ConversationAvatar";
import { useFolded } from "../../../shared/chat/marks";
import { useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { dayName, fullDate, timeOfDay } from "../../../shared/lib/dates";
import { takeFocus } from "../../../shared/lib/focus";
import { preview } from "../../../shared/text/preview";
import { hueOf } from "../../../shared/ui/hue";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt } from "../../../shared/ui/Toasts";
import { useContextMenu } from "../../../shared/ui/useContextMenu";
import type { Row } from "../hooks/rows";
import { UNDO_MS } from "../hooks/useDeletions";
import { useQuoted } from "../hooks/useQuoted";
import { useReaders } from "../hooks/useReads";
import { Attachments } from "./Attachments";
import { MessageActions } from "./MessageActions";
import styles from "./MessageRow.module.css";
import { MessageText } from "./MessageText";

/** How long the deletion can be taken back, for the line that shows it. */
const UNDO_TIME = { "--undo": `${UNDO_MS}ms` } as CSSProperties;

export interface RowActions {
  reply(message: Message): void;
  edit(message: Message): void;
  /** Deletes it, unless that is taken back in time. */
  remove(message: Message): void;
  undoRemove(message: Message): void;
  /** Tells the administrators of it. */
  report(message: Message): void;
  /** Shows who somebody is. */
  person(userId: string): void;
  /** Shows the message that another one answers. */
  goTo(message: Message): void;
}

interface MessageRowProps {
  row: Row;
  /** The message that this one answers, when we hold it. */
  quoted: Message | null;
  /** Whether the sender is named: not in direct conversations. */
  named: boolean;
  highlighted: boolean;
  /** Whether it is about to be deleted. */
  deleting: boolean;
  /** Whether it takes the focus as it appears. */
  focused: boolean;
  actions: RowActions;
}

export const MessageRow = memo(function MessageRow({ row, quoted, named, highlighted, deleting, focused, actions }: MessageRowProps) {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const mine = useChat((state) => state.me.id === row.senderId);
  const sender = useUserName(row.senderId);
  const { message } = row;
  const conversation = useChat((state) => (message ? state.threads[message.conversationId]?.conversation : undefined));
  const blocked = useFolded(conversation, row.senderId);
  const [unfolded, setUnfolded] = useState(false);
  const folded = blocked && !unfolded;
  const deleted = deleting || (message !== null && message.deletedAt !== null);
  const menu = useContextMenu();

  return (
    <div className={styles.row} data-starts-group={row.startsGroup}>
      {row.startsDay && (
        <div className={styles.day}>
          <span>{dayName(i18n, row.time)}</span>
        </div>
      )}
      {row.firstUnread && (
        <div className={styles.unread}>
          <span>{t("messages.unread")}</span>
        </div>
      )}
      <article
        ref={focused ? takeFocus : null}
        tabIndex={focused ? -1 : undefined}
        className={styles.line}
        data-row={row.key}
        data-mine={mine}
        data-highlighted={highlighted}
        aria-label={t("messages.from", { name: folded ? t("block.message") : sender, text: timeOfDay(locale, row.time) })}
      >
        {named && !mine && <span className={styles.face}>{row.endsGroup && !folded && <PersonAvatar userId={row.senderId} size={34} />}</span>}
        <div className={styles.column}>
          <div className={styles.withActions}>
            {folded ? (
              <div className={styles.bubble} data-ends-group={row.endsGroup} data-deleted="true">
                <span>{t("block.message")}</span>
                <button type="button" className={styles.undo} onClick={() => setUnfolded(true)}>
                  {t("block.show")}
                </button>
              </div>
            ) : (
              <div className={styles.bubble} data-ends-group={row.endsGroup} data-deleted={deleted} {...(message && !deleted && menu.handlers)}>
                {named && !mine && row.startsGroup && (
                  <button
                    type="button"
                    className={styles.sender}
                    style={{ "--hue": hueOf(row.senderId) } as CSSProperties}
                    title={t("person.open", { name: sender })}
                    onClick={() => actions.person(row.senderId)}
                  >
                    {sender}
                  </button>
                )}
                {row.replyTo !== null && !deleted && <Quote id={row.replyTo} held={quoted} onOpen={actions.goTo} />}
                {!deleted && row.attachments.length > 0 && <Attachments attachments={row.attachments} />}
                {deleted ? <span>{t(deleting ? "messages.deleting" : "messages.deleted")}</span> : row.body !== "" && <MessageText text={row.body} />}
                {deleting && message && (
                  <button type="button" ref={takeFocus} className={styles.undo} style={UNDO_TIME} onClick={() => actions.undoRemove(message)}>
                    {t("messages.undo")}
                  </button>
                )}
                <span className={styles.meta}>
                  {message?.editedAt && !deleted && <span>{t("messages.edited")}</span>}
                  <time dateTime={new Date(row.time).toISOString()} title={fullDate(locale, row.time)}>
                    {timeOfDay(locale, row.time)}
                  </time>
                  {mine && !deleted && <DeliveryMark row={row} />}
                </span>
              </div>
            )}
            {message && !deleted && !folded && <MessageActions message={message} mine={mine} sender={sender} actions={actions} pressed={menu.anchor} onReleased={menu.close} />}
          </div>
          {message && !deleted && !folded && message.reactions.length > 0 && <Reactions message={message} />}
          {row.delivery === "failed" && <Failed clientId={row.clientId} failure={row.failure} />}
        </div>
      </article>
    </div>
  );
});

function DeliveryMark({ row }: { row: Row }) {
  const { t } = useI18n();
  const { count, all } = useReaders(row.message);
  const seen = count > 0 ? "seen" : row.delivery;
  const state = row.delivery !== "sent" ? row.delivery : all ? "read" : seen;
  const icon = { read: "checks", seen: "checks", sent: "check", sending: "clock", failed: "alert" } as const;
  const label = {
    read: t("messages.read"),
    seen: t("messages.readBy", { count }),
    sent: t("messages.sent"),
    sending: t("messages.sending"),
    failed: t("messages.failed"),
  }[state];
  return (
    <span className={styles.delivery} role="img" aria-label={label} title={label} data-delivery={state}>
      <Icon name={icon[state]} size={14} />
    </span>
  );
}

function Quote({ id, held, onOpen }: { id: string; held: Message | null; onOpen(message: Message): void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const message = useQuoted(id, held);
  const sender = useUserName(message?.senderId ?? null);
  const conversation = useChat((state) => (message ? state.threads[message.conversationId]?.conversation : undefined));
  const folded = useFolded(conversation, message?.senderId ?? null);
  if (!message) return <span className={styles.quote}>{t("messages.replyGone")}</span>;
  return (
    <button type="button" className={styles.quote} onClick={() => onOpen(message)}>
      <span className={styles.quotedName}>{sender}</span>
      <span className={styles.quotedText}>{message.deletedAt ? t("messages.deleted") : folded ? t("block.message") : preview(i18n, message)}</span>
    </button>
  );
}

function Reactions({ message }: { message: Message }) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const me = useChat((state) => state.me.id);
  const toggle = (reaction: Reaction) =>
    attempt(() => client.react(message.id, reaction.emoji, !reaction.userIds.includes(me)));
  return (
    <div className={styles.reactions}>
      {message.reactions.map((reaction) => (
        <button
          key={reaction.emoji}
          type="button"
          className={styles.reaction}
          aria-pressed={reaction.userIds.includes(me)}
          aria-label={t("messages.reaction", { emoji: reaction.emoji, count: reaction.count })}
          onClick={() => toggle(reaction)}
        >
          <span>{reaction.emoji}</span>
          <span>{reaction.count}</span>
        </button>
      ))}
    </div>
  );
}

function Failed({ clientId, failure }: { clientId: string; failure: string | null }) {
  const { t } = useI18n();
  const client = useChatClient();
  return (
    <div className={styles.failed} role="alert">
      <span>{t(failure === "conversation.blocked" ? "block.cannotSend" : "messages.failed")}</span>
      <button type="button" onClick={() => client.retry(clientId)}>
        {t("messages.retry")}
      </button>
      <button type="button" onClick={() => client.discard(clientId)}>
        {t("messages.discard")}
      </button>
    </div>
  );
}
