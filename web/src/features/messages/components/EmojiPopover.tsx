import { useCallback, useEffect, useRef, useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import type { Locale } from "../../../shared/i18n/translate";
import { Button } from "../../../shared/ui/Button";
import { usePopover } from "../../../shared/ui/usePopover";
import styles from "./EmojiPopover.module.css";

interface Props {
  /** The element that opened it: it stands beside it and gives the focus back to it. */
  anchor: HTMLElement;
  onPick(emoji: string): void;
  onClose(): void;
}

/** Every emoji there is, found by its name. Arrow keys move, Enter picks, Escape and a click elsewhere close. */
export function EmojiPopover({ anchor, onPick, onClose }: Props) {
  const { t } = useI18n();
  const ref = useRef<HTMLDivElement>(null);
  const style = usePopover(anchor, ref, onClose);
  const { loaded, retry } = useEmoji();
  const isPlaced = style.visibility !== "hidden";
  useEffect(() => {
    if (isPlaced) ref.current?.focus();
  }, [isPlaced]);
  return (
    // Escape from anywhere within.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={ref}
      role="dialog"
      tabIndex={-1}
      aria-label={t("emoji.title")}
      className={styles.popover}
      style={style}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
        anchor.focus();
      }}
    >
      {loaded === null && <p className={styles.note}>{t("emoji.loading")}</p>}
      {loaded === "failed" && (
        <div className={styles.note} role="alert">
          {t("emoji.failed")}
          <Button onClick={retry}>{t("app.retry")}</Button>
        </div>
      )}
      {loaded !== null && loaded !== "failed" && <loaded.EmojiPicker names={loaded.names} onPick={onPick} />}
    </div>
  );
}

/** The picker and the names are loaded when somebody wants them. */
function useEmoji() {
  const { locale } = useI18n();
  const [loaded, setLoaded] = useState<Awaited<ReturnType<typeof load>> | "failed" | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    load(locale).then(
      (all) => wanted && setLoaded(all),
      () => wanted && setLoaded("failed"),
    );
    return () => {
      wanted = false;
    };
  }, [attempt, locale]);
  const retry = useCallback(() => {
    setLoaded(null);
    setAttempt((before) => before + 1);
  }, []);
  return { loaded, retry };
}

async function load(locale: Locale) {
  const { EmojiPicker, namesIn } = await import("./EmojiPicker");
  return { EmojiPicker, names: await namesIn(locale) };
}
