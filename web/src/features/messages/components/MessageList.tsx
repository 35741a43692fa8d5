import type { Message, Thread } from "@chatconnect/protocol";
import { useEffect, useMemo, useRef, useState } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useMarked } from "../../../shared/chat/marks";
import { useI18n } from "../../../shared/i18n/I18n";
import { Icon } from "../../../shared/ui/Icon";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { buildRows } from "../hooks/rows";
import { useDeletions } from "../hooks/useDeletions";
import { useJump } from "../hooks/useJump";
import { usePageVisible } from "../hooks/usePageVisible";
import { useReads } from "../hooks/useReads";
import { Announcements } from "./Announcements";
import styles from "./MessageList.module.css";
import type { RowActions } from "./MessageRow";
import { MessageRows } from "./MessageRows";

interface MessageListProps {
  thread: Thread;
  title: string;
  /** Whether this is what the server holds, and not what was kept of the last time. */
  synced: boolean;
  /** The `seq` of a message to show, and how often it was asked for. */
  target: { seq: number; token: string } | null;
  onTarget(): void;
  onReply(message: Message): void;
  onEdit(message: Message): void;
  onPerson(userId: string): void;
  onReport(message: Message): void;
}

/** What was said in a conversation: the newest of it, or an excerpt that was jumped to. */
export function MessageList({ thread, title, synced, target, onTarget, onReply, onEdit, onPerson, onReport }: MessageListProps) {
  const { t } = useI18n();
  const { conversation, excerpt } = thread;
  const me = useChat((state) => state.me.id);
  const outbox = useChat((state) => state.outbox);
  const unsent = useMemo(() => outbox.filter((item) => item.conversationId === conversation.id), [outbox, conversation.id]);
  const [unreadAfter] = useState(() => (conversation.unreadCount > 0 ? conversation.readSeq : null));
  const newest = useMemo(() => buildRows(thread.messages, unsent, me, unreadAfter), [thread.messages, unsent, me, unreadAfter]);
  const rows = useMemo(() => (excerpt ? buildRows(excerpt.messages, [], me, unreadAfter) : newest), [excerpt, newest, me, unreadAfter]);

  // Unknown until the list has found its place: what may lie below is not read yet.
  const [atBottom, setAtBottom] = useState<boolean | null>(null);
  const { place, opening, highlighted, goTo, goToNewest } = useJump(thread, target, synced, onTarget);
  useReads(conversation);
  const upToDate = atBottom === true && excerpt === null && !opening;
  useMarkRead(thread, synced && upToDate);
  useFollowOwn(unsent.at(-1)?.clientId ?? null, upToDate, goToNewest);

  const { pending: deleting, begin: beginDeletion, undo: undoDeletion } = useDeletions();

  const actions = useMemo<RowActions>(
    () => ({
      reply: onReply,
      edit: onEdit,
      remove: (message) => beginDeletion(message.id),
      undoRemove: (message) => undoDeletion(message.id),
      person: onPerson,
      report: onReport,
      goTo: (message) => goTo(message.seq, true),
    }),
    [onReply, onEdit, beginDeletion, undoDeletion, onPerson, onReport, goTo],
  );

  return (
    <section className={styles.pane} aria-label={t("messages.label", { title })}>
      {opening ? (
        <ListSkeleton rows={6} label={t("app.loading")} />
      ) : (
        <MessageRows
          key={place.visit}
          thread={thread}
          rows={rows}
          title={title}
          place={place}
          highlighted={highlighted}
          deleting={deleting}
          actions={actions}
          onAtBottom={setAtBottom}
        />
      )}
      {!upToDate && !opening && atBottom !== null && <JumpButton unread={conversation.unreadCount} onClick={goToNewest} />}
      <Announcements rows={newest} conversation={conversation} />
    </section>
  );
}

function JumpButton({ unread, onClick }: { unread: number; onClick(): void }) {
  const { t } = useI18n();
  return (
    <button
      type="button"
      className={styles.jump}
      aria-label={unread > 0 ? t("messages.new", { count: unread }) : t("messages.jump")}
      onClick={onClick}
    >
      {unread > 0 && <span>{t("messages.new", { count: unread })}</span>}
      <Icon name="down" size={18} />
    </button>
  );
}

/** What is on the screen, at the end of the conversation, of a page that is looked at, is read. */
function useMarkRead({ conversation }: Thread, upToDate: boolean): void {
  const client = useChatClient();
  const visible = usePageVisible();
  const { id, lastSeq, readSeq } = conversation;
  const marked = useMarked("unread", id);
  useEffect(() => {
    if (visible && upToDate && lastSeq > readSeq) client.markRead(id, lastSeq);
  }, [client, visible, upToDate, id, lastSeq, readSeq]);

  // Opening it takes the mark away; who marks it while it is open wants to come back to it.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current || !visible || !upToDate) return;
    opened.current = true;
    if (marked) client.markRead(id, lastSeq);
  }, [client, visible, upToDate, marked, id, lastSeq]);
}

/** What I send is shown, wherever I had scrolled to. */
function useFollowOwn(newest: string | null, upToDate: boolean, goToNewest: () => void): void {
  const shown = useRef(newest);
  useEffect(() => {
    if (newest === shown.current) return;
    shown.current = newest;
    if (newest !== null && !upToDate) goToNewest();
  }, [newest, upToDate, goToNewest]);
}
