import type { Report, ReportOutcome, User } from "@chatconnect/protocol";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../../../shared/api";
import { useChat } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { fullDate, shortTime } from "../../../shared/lib/dates";
import { preview } from "../../../shared/text/preview";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { useConfirm } from "../../../shared/ui/Confirm";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useAttempt } from "../../../shared/ui/Toasts";
import { useReports } from "../hooks/useReports";
import styles from "./ReportsTab.module.css";

const STATES = ["open", "closed"] as const;

/** Messages that people have reported, and what is to become of them. */
export function ReportsTab() {
  const { t } = useI18n();
  const [state, setState] = useState<(typeof STATES)[number]>("open");
  return (
    <div className={styles.tab}>
      <div className={styles.filter} role="group" aria-label={t("reports.filter")}>
        {STATES.map((one) => (
          <button key={one} type="button" aria-pressed={one === state} onClick={() => setState(one)}>
            {t(`reports.${one}`)}
          </button>
        ))}
      </div>
      <List key={state} state={state} />
    </div>
  );
}

function List({ state }: { state: (typeof STATES)[number] }) {
  const { t } = useI18n();
  const { reports, failed, hasMore, more, close } = useReports(state);
  const list = useRef<HTMLDivElement>(null);
  const closeAndStay = async (report: Report, outcome: ReportOutcome) => {
    await close(report, outcome);
    // The button that was pressed is gone.
    list.current?.focus();
  };
  if (failed) {
    return (
      <div className={styles.note} role="alert">
        <p>{t("reports.failed")}</p>
        <Button onClick={() => void more()}>{t("app.retry")}</Button>
      </div>
    );
  }
  if (reports === null) return <ListSkeleton rows={4} label={t("app.loading")} />;
  return (
    <div ref={list} tabIndex={-1} className={styles.list}>
      {reports.length === 0 ? (
        <p className={styles.note}>{t(state === "open" ? "reports.none" : "reports.noneClosed")}</p>
      ) : (
        <ul aria-label={t("reports.title")} className={styles.reports}>
          {reports.map((report) => (
            <li key={report.id}>
              <Entry report={report} onClose={(outcome) => void closeAndStay(report, outcome)} />
            </li>
          ))}
        </ul>
      )}
      {hasMore && <Button onClick={() => void more()}>{t("reports.more")}</Button>}
    </div>
  );
}

function Entry({ report, onClose }: { report: Report; onClose(outcome: ReportOutcome): void }) {
  const i18n = useI18n();
  const confirm = useConfirm();
  const { t, locale } = i18n;
  const { message, sender, reporter, reason, createdAt } = report;
  const member = useChat((state) => message.conversationId in state.threads);
  const jump = useJumpToMessage();
  const name = nameOf(sender) ?? t("reports.gone");
  const deleted = message.deletedAt !== null;
  return (
    <article className={styles.report} aria-label={t("reports.entry", { name })}>
      <div className={styles.who}>
        <Avatar name={name} id={message.senderId} src={sender?.avatarUrl} size={36} />
        <div>
          <p className={styles.name}>{name}</p>
          <p className={styles.detail}>
            {sender && `@${sender.username} · `}
            <time dateTime={message.createdAt}>{fullDate(locale, message.createdAt)}</time>
          </p>
        </div>
      </div>
      <blockquote className={styles.message} data-deleted={deleted}>
        {deleted ? t("messages.deleted") : message.body || preview(i18n, message)}
      </blockquote>
      {!deleted && message.attachments.length > 0 && (
        <ul className={styles.files} aria-label={t("reports.files")}>
          {message.attachments.map((file) => (
            <li key={file.id}>{file.name}</li>
          ))}
        </ul>
      )}
      <p className={styles.reason}>{reason}</p>
      <p className={styles.detail}>
        {t("reports.by", { name: nameOf(reporter) ?? t("reports.gone"), when: shortTime(locale, createdAt) })}
      </p>
      {report.closedAt !== null && (
        <p className={styles.detail}>
          {t(report.outcome === "deleted" ? "reports.wasDeleted" : "reports.wasDismissed", {
            name: nameOf(report.closedBy) ?? t("reports.gone"),
            when: shortTime(locale, report.closedAt),
          })}
        </p>
      )}
      <div className={styles.actions}>
        {member && !deleted && <Button onClick={() => jump(message.id)}>{t("reports.jump")}</Button>}
        {report.closedAt === null && (
          <>
            <Button onClick={() => onClose("dismissed")}>{t("reports.dismiss")}</Button>
            {!deleted && (
              <Button
                kind="danger"
                onClick={async () => {
                  if (await confirm({ title: t("reports.deleteConfirm", { name }), action: t("reports.delete") })) onClose("deleted");
                }}
              >
                {t("reports.delete")}
              </Button>
            )}
          </>
        )}
      </div>
    </article>
  );
}

function nameOf(user: User | null): string | undefined {
  return user?.displayName;
}

/** Where a message stands in its conversation is asked for: a report does not say. */
function useJumpToMessage(): (messageId: string) => void {
  const navigate = useNavigate();
  const attempt = useAttempt();
  return (messageId) =>
    void attempt(async () => {
      const { message } = await api.message(messageId);
      await navigate(`/c/${message.conversationId}?m=${message.seq}&at=${Date.now()}`);
    });
}
