import type { Figures } from "@chatconnect/protocol";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { written } from "../../../shared/i18n/translate";
import { byteSize } from "../../../shared/lib/bytes";
import { fullDate } from "../../../shared/lib/dates";
import { Button } from "../../../shared/ui/Button";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { adminApi } from "../api";
import { uptime } from "../hooks/uptime";
import { useTexts } from "../texts/useTexts";
import styles from "./AdminPage.module.css";
import { Failed } from "./Listed";

type Known = { status: "loading" } | { status: "failed"; error: unknown } | { status: "ready"; figures: Figures; at: number };

/** How much there is of everything, and how long the server runs. */
export function FiguresTab() {
  const { t, locale } = useI18n();
  const say = useTexts();
  const [known, setKnown] = useState<Known>({ status: "loading" });
  const load = useCallback(() => {
    adminApi.figures().then(
      (figures) => setKnown({ status: "ready", figures, at: Date.now() }),
      (error: unknown) => setKnown({ status: "failed", error }),
    );
  }, []);
  useEffect(load, [load]);

  if (known.status === "loading") return <ListSkeleton rows={4} label={t("app.loading")} />;
  if (known.status === "failed") return <Failed error={known.error} onRetry={load} />;
  const { figures, at } = known;
  const number = (value: number) => written(locale, value);
  return (
    <>
      <dl className={styles.figures}>
        <Figure name={say("users")} value={number(figures.users)}>
          {figures.bannedUsers > 0 && say("bannedCount", { count: figures.bannedUsers })}
        </Figure>
        <Figure name={say("conversations")} value={number(figures.conversations)} />
        <Figure name={say("messageCount")} value={number(figures.messages)} />
        <Figure name={say("files")} value={number(figures.files)}>
          {say("fileBytes", { size: byteSize(locale, figures.fileBytes) })}
        </Figure>
        <Figure name={say("connections")} value={number(figures.connections)} />
        <Figure name={say("version")} value={figures.version} />
        <Figure name={say("uptime")} wide value={uptime(say, at - Date.parse(figures.startedAt))}>
          {say("startedAt", { when: fullDate(locale, figures.startedAt) })}
        </Figure>
      </dl>
      <div className={styles.below}>
        <p className={styles.hint}>{say("estimates")}</p>
        <Button onClick={load}>{say("refresh")}</Button>
      </div>
    </>
  );
}

interface FigureProps {
  name: string;
  value: string;
  /** Whether it takes a whole line on a phone. */
  wide?: boolean;
  children?: ReactNode;
}

function Figure({ name, value, wide = false, children }: FigureProps) {
  return (
    <div className={styles.figure} data-wide={wide}>
      <dt>{name}</dt>
      <dd>
        <span className={styles.value}>{value}</span>
        {children && <span className={styles.hint}>{children}</span>}
      </dd>
    </div>
  );
}
