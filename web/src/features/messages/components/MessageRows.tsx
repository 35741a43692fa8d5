import type { Thread } from "@chatconnect/protocol";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Virtuoso } from "react-virtuoso";
import { useI18n } from "../../../shared/i18n/I18n";
import { Spinner } from "../../../shared/ui/Skeleton";
import type { Row } from "../hooks/rows";
import { useAnchor } from "../hooks/useAnchor";
import { useEnd } from "../hooks/useEnd";
import type { Place } from "../hooks/useJump";
import { usePages, type Pages } from "../hooks/usePages";
import { FirstRows } from "./FirstRows";
import styles from "./MessageList.module.css";
import { MessageRow, type RowActions } from "./MessageRow";

interface Props {
  thread: Thread;
  rows: readonly Row[];
  title: string;
  place: Place;
  highlighted: number | null;
  /** Ids of the messages that are about to be deleted. */
  deleting: ReadonlySet<string>;
  actions: RowActions;
  onAtBottom(atBottom: boolean): void;
}

const AT_BOTTOM_PX = 48;
/** Rows that fill a screen, or nearly, on either side of the one that the list opens at. */
const FIRST_ROWS = 25;
const USUAL_ROW_PX = 44;
/** Where the first unread message opens, some of what was read stays in sight above it. */
const UNREAD_OFFSET_PX = -80;

/** The rows that are on the screen, and some around them. Mount it anew for every visit of a place. */
export function MessageRows({ thread, rows, title, place, highlighted, deleting, actions, onAtBottom }: Props) {
  const { from, messages } = thread.excerpt ?? thread;
  const away = thread.excerpt !== null;
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const [start] = useState(() => openingPlace(rows, place));
  // A list that has just been mounted takes its growth for new messages: where it opens above the end, it first finds its place.
  const [placed, setPlaced] = useState(start.align === "end");
  const firstShown = Math.max(0, start.index - FIRST_ROWS);
  const anchor = useAnchor(from);
  const { attach, onHeight } = useEnd(AT_BOTTOM_PX);
  const scroller = useCallback(
    (element: HTMLElement | Window | null) => {
      anchor(element);
      attach(element);
    },
    [anchor, attach],
  );
  const pages = usePages(thread);

  // The page that joins the excerpt with the newest messages must not take the reader along to the end.
  const follows = useRef(!away);
  useEffect(() => {
    follows.current = !away;
  }, [away]);

  const renderRow = (index: number, row: Row) => (
    <>
      {index === 1 && from === 1 && <Beginning title={title} empty={false} />}
      <MessageRow
        row={row}
        quoted={row.replyTo === null ? null : (byId.get(row.replyTo) ?? null)}
        named={thread.conversation.kind !== "direct"}
        highlighted={row.message !== null && row.message.seq === highlighted}
        deleting={row.message !== null && deleting.has(row.message.id)}
        focused={place.focus && row.message !== null && row.message.seq === highlighted}
        actions={actions}
      />
    </>
  );

  return (
    <>
      <Virtuoso
        scrollerRef={scroller}
        totalListHeightChanged={() => {
          if (placed && follows.current) onHeight();
        }}
        className={styles.list}
        data={rows}
        firstItemIndex={from}
        initialTopMostItemIndex={start}
        alignToBottom
        followOutput={placed && ((isAtBottom) => (isAtBottom && follows.current ? "auto" : false))}
        atBottomThreshold={AT_BOTTOM_PX}
        atBottomStateChange={(atBottom) => {
          setPlaced(true);
          onAtBottom(atBottom);
        }}
        startReached={pages.loadOlder}
        endReached={pages.loadNewer}
        increaseViewportBy={600}
        defaultItemHeight={USUAL_ROW_PX}
        itemSize={exactHeight}
        computeItemKey={(_, row) => row.key}
        itemContent={renderRow}
        context={{ pages, title, whole: from <= 1, away }}
        components={COMPONENTS}
      />
      {rows.length > 0 && (
        <FirstRows at={start.index - firstShown} align={start.align} gap={-UNREAD_OFFSET_PX}>
          {() => (
            <>
              {rows.slice(firstShown, start.index + FIRST_ROWS).map((row, place) => (
                <div key={row.key}>{renderRow(from + firstShown + place, row)}</div>
              ))}
              {!away && start.index + FIRST_ROWS >= rows.length && <div className={styles.end} />}
            </>
          )}
        </FirstRows>
      )}
    </>
  );
}

/** With the fractions of a pixel, which add up over many rows. */
function exactHeight(element: HTMLElement): number {
  return element.getBoundingClientRect().height;
}

/** At the place, or else at the end; a conversation that was just opened, at its first unread message. */
function openingPlace(rows: readonly Row[], { seq, align, visit }: Place) {
  const wanted = rows.findIndex((row) => (seq === null ? visit === 0 && row.firstUnread : row.message?.seq === seq));
  if (wanted < 0) return { index: Math.max(0, rows.length - 1), align: "end" as const };
  return seq !== null && align === "center"
    ? { index: wanted, align }
    : { index: wanted, align: "start" as const, offset: UNREAD_OFFSET_PX };
}

interface Context {
  pages: Pages;
  /** Whether there is nothing before what is shown. */
  whole: boolean;
  /** Whether there is more after it. */
  away: boolean;
  title: string;
}

const COMPONENTS = { Header: ListHeader, Footer: ListFooter, EmptyPlaceholder };

function ListHeader({ context }: { context?: Context }) {
  if (!context || context.whole) return null;
  const { state, loadOlder } = context.pages;
  return <More loading={state === "older"} failed={state === "older-failed"} onRetry={loadOlder} />;
}

function ListFooter({ context }: { context?: Context }) {
  if (!context?.away) return <div className={styles.end} />;
  const { state, loadNewer } = context.pages;
  return <More loading={state === "newer"} failed={state === "newer-failed"} onRetry={loadNewer} />;
}

function More({ loading, failed, onRetry }: { loading: boolean; failed: boolean; onRetry(): void }) {
  const { t } = useI18n();
  return (
    <div className={styles.more}>
      {loading && <Spinner label={t("app.loading")} />}
      {failed && (
        <button type="button" onClick={onRetry}>
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
