import { lazy, Suspense, useRef } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { usePopover } from "../../../shared/ui/usePopover";
import styles from "./EmojiPopover.module.css";

/** Loaded when somebody wants it. */
const EmojiPicker = lazy(() => import("./EmojiPicker"));

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
  return (
    // Escape from anywhere within.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={ref}
      role="dialog"
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
      {/* What is hidden cannot take the focus. */}
      {style.visibility === "visible" && (
        <Suspense fallback={<p className={styles.note}>{t("emoji.loading")}</p>}>
          <EmojiPicker onPick={onPick} />
        </Suspense>
      )}
    </div>
  );
}
