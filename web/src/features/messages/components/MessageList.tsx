import type { Message, Thread } from "@chatconnect/protocol";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { Icon } from "../../../shared/ui/Icon";
import { Spinner } from "../../../shared/ui/Skeleton";
import { buildRows, type Row } from "../hooks/rows";
import { useAnchor } from "../hooks/useAnchor";
import { useAnnouncement } from "../hooks/useAnnouncement";
import { usePageVisible } from "../hooks/usePageVisible";
import styles from "./MessageList.module.css";
import { MessageRow, type RowActions } from "./MessageRow";

interface MessageListProps {
  thread: Thread;
  title: string;
  /** The `seq` of a message to show, and how often it was asked for. */
  target: { seq: number; token: string } | null;
  onReply(message: Message): void;
  onEdit(message: Message): void;
}

const AT_BOTTOM_PX = 48;
const USUAL_ROW_PX = 44;
const HIGHLIGHT_MS = 2_000;
/** What the list needs to measure the rows around the place that it was sent to. */
const SETTLE_MS = 150;

export function MessageList({ thread, title, target, onReply, onEdit }: MessageListProps) {
  const { t } = useI18n();
  const { conversation, messages, from } = thread;
  const me = useChat((state) => state.me.id);
  const outbox = useChat((state) => state.outbox);
  const [unreadAfter] = useState(() => (conversation.unreadCount > 0 ? conversation.readSeq : null));
  const rows = useMemo(
    () => buildRows(messages, outbox.filter((item) => item.conversationId === conversation.id), me, unreadAfter),
    [messages, outbox, conversation.id, me, unreadAfter],
  );
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);

  const list = useRef<VirtuosoHandle>(null);
  const [start] = useState(() => openingPlace(rows));
  const [atBottom, setAtBottom] = useState(true);
  const announcement = useAnnouncement(rows);
  useMarkRead(thread, atBottom);
  useFollowOwn(rows, list);
  const { loading, failed, loadOlder } = useOlder(thread);
  const anchor = useAnchor(from);
  const { highlighted, goTo } = useGoTo(thread, list, anchor.release, target);

  const actions = useMemo<RowActions>(
    () => ({ reply: onReply, edit: onEdit, goTo: (message) => goTo(message.seq) }),
    [onReply, onEdit, goTo],
  );
  const toBottom = () => {
    anchor.release();
    list.current?.scrollToIndex({ index: "LAST", align: "end" });
  };

  return (
    <section className={styles.pane} aria-label={t("messages.label", { title })}>
      <Virtuoso
        ref={list}
        scrollerRef={anchor.scrollerRef}
        className={styles.list}
        data={rows}
        firstItemIndex={from}
        initialTopMostItemIndex={start}
        alignToBottom
        followOutput={(isAtBottom) => (isAtBottom ? "auto" : false)}
        atBottomThreshold={AT_BOTTOM_PX}
        atBottomStateChange={setAtBottom}
        startReached={loadOlder}
        increaseViewportBy={600}
        defaultItemHeight={USUAL_ROW_PX}
        computeItemKey={(_, row) => row.key}
        itemContent={(index, row) => (
          <>
            {index === 1 && from === 1 && <Beginning title={title} empty={false} />}
            <MessageRow
              row={row}
              quoted={row.replyTo === null ? null : (byId.get(row.replyTo) ?? null)}
              named={conversation.kind !== "direct"}
              highlighted={row.message?.seq === highlighted}
              actions={actions}
            />
          </>
        )}
        context={{ loading, failed, loadOlder, title, whole: from <= 1 }}
        components={COMPONENTS}
      />
      {!atBottom && <JumpButton unread={conversation.unreadCount} onClick={toBottom} />}
      <p className="visually-hidden" aria-live="polite">
        {announcement}
      </p>
    </section>
  );
}

interface Context {
  loading: boolean;
  failed: boolean;
  /** Whether there is nothing before what is shown. */
  whole: boolean;
  title: string;
  loadOlder(): void;
}

const COMPONENTS = { Header: ListHeader, Footer: ListFooter, EmptyPlaceholder };

function ListHeader({ context }: { context?: Context }) {
  const { t } = useI18n();
  if (!context || context.whole) return null;
  return (
    <div className={styles.older}>
      {context.loading && <Spinner label={t("app.loading")} />}
      {context.failed && (
        <button type="button" onClick={context.loadOlder}>
          {t("messages.loadFailed")} {t("app.retry")}
        </button>
      )}
    </div>
  );
}

function EmptyPlaceholder({ context }: { context?: Context }) {
  return context?.whole ? <Beginning title={context.title} empty /> : null;
}

function Beginning({ title, empty }: { title: string; empty: boolean }) {
  const { t } = useI18n();
  return (
    <div className={styles.beginning}>
      <p className={styles.beginningTitle}>{t("messages.beginning", { title })}</p>
      {empty && <p>{t("messages.beginningHint")}</p>}
    </div>
  );
}

function ListFooter() {
  return <div className={styles.end} />;
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

/** At the first unread message, or at the end. */
function openingPlace(rows: readonly Row[]) {
  const unread = rows.findIndex((row) => row.firstUnread);
  return unread > 0 ? { index: unread, align: "start" as const, offset: -80 } : { index: Math.max(0, rows.length - 1), align: "end" as const };
}

/** What is on the screen, at the end of the conversation, of a page that is looked at, is read. */
function useMarkRead({ conversation }: Thread, atBottom: boolean): void {
  const client = useChatClient();
  const visible = usePageVisible();
  const { id, lastSeq, readSeq } = conversation;
  useEffect(() => {
    if (visible && atBottom && lastSeq > readSeq) client.markRead(id, lastSeq);
  }, [client, visible, atBottom, id, lastSeq, readSeq]);
}

/** What I send is shown, wherever I had scrolled to. */
function useFollowOwn(rows: readonly Row[], list: React.RefObject<VirtuosoHandle | null>): void {
  const last = rows.at(-1);
  const newest = last?.message === null ? last.key : null;
  useEffect(() => {
    if (newest === null) return;
    const frame = requestAnimationFrame(() => list.current?.scrollToIndex({ index: "LAST", align: "end" }));
    return () => cancelAnimationFrame(frame);
  }, [newest, list]);
}

function useOlder({ conversation: { id }, from, messages }: Thread) {
  const client = useChatClient();
  const [loading, setLoading] = useState(false);
  const [failed, setFailed] = useState(false);
  const loadOlder = useCallback(() => {
    if (from <= 1) return;
    setLoading(true);
    setFailed(false);
    client
      .loadOlder(id)
      .catch(() => setFailed(true))
      .finally(() => setLoading(false));
  }, [client, id, from]);

  const nothingHeld = messages.length === 0 && from > 1;
  useEffect(() => {
    // An empty list has no top that could be reached.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    if (nothingHeld) loadOlder();
  }, [nothingHeld, loadOlder]);
  return { loading, failed, loadOlder };
}

/** Shows one message: loads the pages up to it, scrolls there and lets it flash. */
function useGoTo(
  { conversation: { id }, messages }: Thread,
  list: React.RefObject<VirtuosoHandle | null>,
  release: () => void,
  target: MessageListProps["target"],
) {
  const client = useChatClient();
  const [wanted, setWanted] = useState<number | null>(null);
  const [highlighted, setHighlighted] = useState<number | null>(null);

  const goTo = useCallback(
    (seq: number) => {
      client.loadUntil(id, seq).then(
        (held) => {
          if (held) setWanted(seq);
        },
        () => undefined,
      );
    },
    [client, id],
  );

  // The list scrolls once it has the rows, and again when it has measured those around the message.
  useEffect(() => {
    if (wanted === null) return;
    const index = messages.findIndex((message) => message.seq >= wanted);
    if (messages[index]?.seq !== wanted) return;
    const scroll = () => {
      release();
      list.current?.scrollToIndex({ index, align: "center" });
    };
    const frame = requestAnimationFrame(scroll);
    const timer = setTimeout(() => {
      scroll();
      setHighlighted(wanted);
      setWanted(null);
    }, SETTLE_MS);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [wanted, messages, list, release]);

  useEffect(() => {
    if (highlighted === null) return;
    const timer = setTimeout(() => setHighlighted(null), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [highlighted]);

  const seq = target?.seq ?? null;
  const token = target?.token;
  useEffect(() => {
    if (seq !== null) goTo(seq);
  }, [seq, token, goTo]);
  return { highlighted, goTo };
}
